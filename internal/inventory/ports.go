package inventory

import (
	"iter"
	"net/netip"
	"slices"
)

const portsPerBlock = 4096

// Ports is a compact list of ports: about 100 bytes each, free of pointers, so
// that a million of them are cheap to keep and to collect. Append fills it,
// Seal ends the filling; after that it must not change and is safe for
// concurrent reading.
type Ports struct {
	// OwnersUntold is set, before the ports are shared, when they come from an
	// API that does not tell owners: then a device without owner may be anything.
	OwnersUntold bool

	blocks  [][]portRecord
	fixed   [][]fixedRecord
	nfixed  int
	order   []uint32 // set by Seal when the ports were not read in order of id, or twice
	n       int
	ids     table[ID]     // network, subnet and project ids, and all ids that are not UUIDs
	strings table[string] // owners and statuses
}

type portRecord struct {
	id, device                      [16]byte
	network, project, owner, status uint32
	fixed, nfixed                   uint32
	idText, deviceText              uint32 // index+1 into ids when not a UUID
}

type fixedRecord struct {
	addr   [16]byte
	subnet uint32
	is4    bool
}

// table numbers values in the order of their first appearance.
type table[T comparable] struct {
	values []T
	index  map[T]uint32
}

func (t *table[T]) number(v T) uint32 {
	if i, ok := t.index[v]; ok {
		return i
	}
	if t.index == nil {
		t.index = make(map[T]uint32)
	}
	i := uint32(len(t.values))
	t.values = append(t.values, v)
	t.index[v] = i
	return i
}

// Append adds a copy of p.
func (ps *Ports) Append(p Port) {
	r := portRecord{
		network: ps.ids.number(p.NetworkID),
		project: ps.ids.number(p.ProjectID),
		owner:   ps.strings.number(p.Owner),
		status:  ps.strings.number(p.Status),
		fixed:   uint32(ps.nfixed),
		nfixed:  uint32(len(p.Fixed)),
	}
	r.id, r.idText = ps.pack(p.ID)
	r.device, r.deviceText = ps.pack(p.DeviceID)
	for _, f := range p.Fixed {
		push(&ps.fixed, fixedRecord{addr: f.Addr.As16(), subnet: ps.ids.number(f.SubnetID), is4: f.Addr.Is4()})
		ps.nfixed++
	}
	push(&ps.blocks, r)
	ps.n++
}

func (ps *Ports) pack(id ID) ([16]byte, uint32) {
	if id.text == "" {
		return id.uuid, 0
	}
	return [16]byte{}, ps.ids.number(id) + 1
}

func (ps *Ports) unpack(uuid [16]byte, text uint32) ID {
	if text == 0 {
		return ID{uuid: uuid}
	}
	return ps.ids.values[text-1]
}

// push appends to the last block, so that growing never copies what is there.
func push[T any](blocks *[][]T, v T) {
	if n := len(*blocks); n == 0 || len((*blocks)[n-1]) == portsPerBlock {
		*blocks = append(*blocks, make([]T, 0, portsPerBlock))
	}
	last := &(*blocks)[len(*blocks)-1]
	*last = append(*last, v)
}

// Seal puts the ports in order of id and drops all but the last of those with
// the same id: a listing that changes while it is paged can show a port twice.
// It returns how many were dropped.
func (ps *Ports) Seal() (duplicates int) {
	ps.ids.index, ps.strings.index = nil, nil
	sorted := true
	for i := uint32(1); i < uint32(ps.n) && sorted; i++ {
		sorted = ps.id(i-1).Compare(ps.id(i)) < 0
	}
	if sorted {
		return 0
	}
	order := make([]uint32, ps.n)
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortStableFunc(order, func(a, b uint32) int { return ps.id(a).Compare(ps.id(b)) })
	kept := order[:0]
	for i, at := range order {
		if i+1 < len(order) && ps.id(at) == ps.id(order[i+1]) {
			duplicates++
			continue
		}
		kept = append(kept, at)
	}
	ps.order, ps.n = kept, len(kept)
	return duplicates
}

func (ps *Ports) record(i uint32) *portRecord {
	return &ps.blocks[i/portsPerBlock][i%portsPerBlock]
}

// at is where the i-th port in order of id stands.
func (ps *Ports) at(i uint32) uint32 {
	if ps.order != nil {
		return ps.order[i]
	}
	return i
}

func (ps *Ports) fixedAt(f uint32) *fixedRecord {
	return &ps.fixed[f/portsPerBlock][f%portsPerBlock]
}

func (ps *Ports) id(i uint32) ID {
	r := ps.record(i)
	return ps.unpack(r.id, r.idText)
}

// Len is the number of ports. A nil Ports has none.
func (ps *Ports) Len() int {
	if ps == nil {
		return 0
	}
	return ps.n
}

// All goes over the ports in order of id. It allocates nothing per port, so
// Port.Fixed is valid only until the next step.
func (ps *Ports) All() iter.Seq[Port] {
	return func(yield func(Port) bool) {
		if ps == nil {
			return
		}
		var buf []FixedIP
		for i := range uint32(ps.n) {
			p := ps.port(ps.record(ps.at(i)), buf[:0])
			buf = p.Fixed
			if !yield(p) {
				return
			}
		}
	}
}

// port unpacks a record; its addresses are appended to buf.
func (ps *Ports) port(r *portRecord, buf []FixedIP) Port {
	for f := r.fixed; f < r.fixed+r.nfixed; f++ {
		fixed := ps.fixedAt(f)
		addr := netip.AddrFrom16(fixed.addr)
		if fixed.is4 {
			addr = addr.Unmap()
		}
		buf = append(buf, FixedIP{SubnetID: ps.ids.values[fixed.subnet], Addr: addr})
	}
	return Port{
		ID:        ps.unpack(r.id, r.idText),
		NetworkID: ps.ids.values[r.network],
		DeviceID:  ps.unpack(r.device, r.deviceText),
		ProjectID: ps.ids.values[r.project],
		Owner:     ps.strings.values[r.owner],
		Status:    ps.strings.values[r.status],
		Fixed:     buf,
	}
}
