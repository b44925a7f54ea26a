package inventory

import (
	"bytes"
	"encoding/binary"
	"iter"
	"net/netip"

	"cloudip_exporter/inventory/space"
)

// portRecord is one port: what is its own. What it has in common with others
// is its kind.
type portRecord struct {
	id, device   [16]byte // the number of a text where the kind says so
	kind         uint32
	addrOrOffset uint32 // the IPv4 address, or where its addresses begin in the store
}

// portKind is what many ports have in common.
type portKind struct {
	Network, Project, Subnet ID // Subnet only of oneIPv4
	Owner, Status            string
	Form                     addressForm
	TextID, TextDevice       bool `json:",omitempty"` // the id, or that of the device, is a number in texts
	Instance                 bool `json:",omitempty"`
}

type addressForm uint8

const (
	noAddress     addressForm = iota
	oneIPv4                   // nearly all: in the record itself
	manyAddresses             // any other: in the store
)

// fixedRecord is one address of a port that has not exactly one IPv4 address.
type fixedRecord struct {
	addr   [16]byte
	subnet uint32
	is4    bool
	last   bool // of its port
}

func (f *fixedRecord) address() netip.Addr {
	a := netip.AddrFrom16(f.addr)
	if f.is4 {
		a = a.Unmap()
	}
	return a
}

// kindCache finds the number of a kind that came lately without hashing its
// texts: by the last bytes of its ids, which differ between most kinds.
type kindCache [1 << 14]uint32 // number+1

func (c *kindCache) number(kinds *table[portKind], k *portKind) uint32 {
	n := uint32(k.Network.uuid[15]) | uint32(k.Network.uuid[14])<<8
	n ^= uint32(k.Subnet.uuid[15])<<3 ^ uint32(len(k.Owner))<<5 ^ uint32(len(k.Status))<<7 ^ uint32(k.Form)<<9
	slot := &c[n%uint32(len(c))]
	if *slot == 0 || kinds.values[*slot-1] != *k {
		*slot = kinds.number(*k) + 1
	}
	return *slot - 1
}

const recordsPerBlock = 4096

// portStore holds records that come in any order, in pieces of recordsPerBlock, so that
// growing never copies what is there.
type portStore struct {
	pieces [][]portRecord
	fixed  [][]fixedRecord
	n      int
	nfixed int
}

func push[T any](pieces *[][]T, v T) {
	if n := len(*pieces); n == 0 || len((*pieces)[n-1]) == recordsPerBlock {
		*pieces = append(*pieces, make([]T, 0, recordsPerBlock))
	}
	last := &(*pieces)[len(*pieces)-1]
	*last = append(*last, v)
}

func (s *portStore) record(i int) *portRecord {
	return &s.pieces[i/recordsPerBlock][i%recordsPerBlock]
}

// take goes over the records from i to j and lets go of the pieces that it has passed.
func (s *portStore) take(i, j int) iter.Seq2[addressSource, *portRecord] {
	return func(yield func(addressSource, *portRecord) bool) {
		for ; i < j && yield(s, s.record(i)); i++ {
			if i%recordsPerBlock == recordsPerBlock-1 {
				s.pieces[i/recordsPerBlock] = nil
			}
		}
	}
}

// add appends a record and, where they are not in it, its addresses.
func (s *portStore) add(r portRecord, fixed []FixedIP, form addressForm, subnets *table[ID]) {
	if form == manyAddresses {
		r.addrOrOffset = uint32(s.nfixed)
		for i, f := range fixed {
			push(&s.fixed, fixedRecord{addr: f.Addr.As16(), subnet: subnets.number(f.SubnetID), is4: f.Addr.Is4(), last: i == len(fixed)-1})
			s.nfixed++
		}
	}
	push(&s.pieces, r)
	s.n++
}

func (s *portStore) fixedAt(i uint32) *fixedRecord {
	return &s.fixed[i/recordsPerBlock][i%recordsPerBlock]
}

func number4(a netip.Addr) (uint32, bool) {
	if !a.Is4() {
		return 0, false
	}
	return space.Number4(a), true
}

// pack makes the record of a port, but for addresses that go to a store.
func (ps *Ports) pack(p *Port) portRecord {
	var r portRecord
	k := portKind{Network: p.NetworkID, Project: p.ProjectID, Owner: p.Owner, Status: p.Status, Instance: p.Instance}
	switch len(p.Fixed) {
	case 0:
	case 1:
		var is4 bool
		if r.addrOrOffset, is4 = number4(p.Fixed[0].Addr); is4 {
			k.Form, k.Subnet = oneIPv4, p.Fixed[0].SubnetID
			break
		}
		k.Form = manyAddresses
	default:
		k.Form = manyAddresses
	}
	r.id, k.TextID = ps.packID(p.ID)
	r.device, k.TextDevice = ps.packID(p.DeviceID)
	r.kind = ps.filling.recent.number(&ps.kinds, &k)
	return r
}

func (ps *Ports) packID(id ID) (packed [16]byte, isText bool) {
	if id.text == "" {
		return id.uuid, false
	}
	binary.BigEndian.PutUint32(packed[:], ps.texts.number(id.text))
	return packed, true
}

func (ps *Ports) unpackID(packed [16]byte, isText bool) ID {
	if !isText {
		return ID{uuid: packed}
	}
	return ID{text: ps.texts.values[binary.BigEndian.Uint32(packed[:])]}
}

func (ps *Ports) id(r *portRecord) ID {
	return ps.unpackID(r.id, ps.kinds.values[r.kind].TextID)
}

func (ps *Ports) compare(a, b *portRecord) int {
	if !ps.kinds.values[a.kind].TextID && !ps.kinds.values[b.kind].TextID { // nearly all
		return bytes.Compare(a.id[:], b.id[:])
	}
	return ps.id(a).Compare(ps.id(b))
}

// unpack is a port again; its addresses are appended to buf.
func (ps *Ports) unpack(from addressSource, r *portRecord, buf []FixedIP) Port {
	k := &ps.kinds.values[r.kind]
	for f := range ps.addresses(from, r) {
		buf = append(buf, f)
	}
	return Port{ID: ps.id(r), NetworkID: k.Network, DeviceID: ps.unpackID(r.device, k.TextDevice), ProjectID: k.Project, Owner: k.Owner, Status: k.Status, Instance: k.Instance, Fixed: buf}
}

func (ps *Ports) addresses(from addressSource, r *portRecord) iter.Seq[FixedIP] {
	return func(yield func(FixedIP) bool) {
		switch k := &ps.kinds.values[r.kind]; k.Form {
		case oneIPv4:
			yield(FixedIP{SubnetID: k.Subnet, Addr: space.Addr4(r.addrOrOffset)})
		case manyAddresses:
			for f := range fixedOf(from, r) {
				if !yield(FixedIP{SubnetID: ps.subnets.values[f.subnet], Addr: f.address()}) {
					return
				}
			}
		}
	}
}
