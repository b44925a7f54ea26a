package inventory

import (
	"iter"
	"net/netip"
	"slices"
	"sort"
)

// Ports is a compact list of ports: 40 bytes for a port with one IPv4 address,
// free of pointers, so that a million of them are cheap to keep and to collect.
// Append fills it, Freeze ends the filling; after that it must not change and is
// safe for concurrent reading.
//
// One that NewPorts made on top of an earlier list holds only what differs from
// it, so that two collections of the same ports need little more memory than one.
type Ports struct {
	// OwnersUnknown is set, before the ports are shared, when they come from an
	// API that does not report owners: then a device without owner may be anything.
	OwnersUnknown bool

	kinds   table[portKind]
	subnets table[ID] // of ports that have not exactly one IPv4 address
	texts   table[string]
	own     portStore
	recent  *kindCache // nil once frozen

	pairs        []pairRecord // of all ports; never shared with base
	pairNetworks table[ID]    // networks of their ports

	base  *Ports // an earlier list, itself without base; nil for none
	kept  bitset // which of base's ports are in this list, unchanged
	moved bitset // which of base's ports came with something changed; nil once frozen
	nkept int
	hint  int // where in base the next port is likely to be
}

// NewPorts returns an empty list. Ports that are the same as in last, which may
// be nil, are shared with it.
func NewPorts(last *Ports, ownersUnknown bool) *Ports {
	ps := &Ports{OwnersUnknown: ownersUnknown}
	if last != nil && last.base != nil {
		last = last.base
	}
	if last == nil || last.own.n == 0 {
		return ps
	}
	ps.base = last
	ps.kinds, ps.subnets, ps.texts = last.kinds.extended(), last.subnets.extended(), last.texts.extended()
	ps.kept, ps.moved = newBitset(last.own.n), newBitset(last.own.n)
	return ps
}

// Append adds a copy of p.
func (ps *Ports) Append(p Port) {
	r := ps.pack(&p)
	ps.addPairs(&p)
	if ps.base == nil || !ps.keep(&r, &p) {
		ps.own.add(r, p.Fixed, ps.kinds.values[r.kind].Form, &ps.subnets)
	}
}

// keep shares a port that is the same in the earlier list. Once a port has come
// with a change, all that follow with its id are kept apart, so that the last wins.
func (ps *Ports) keep(r *portRecord, p *Port) bool {
	at, found := ps.base.find(p.ID, ps.hint)
	ps.hint = at
	if !found {
		return false
	}
	ps.hint++
	if !ps.moved.has(at) && ps.same(r, p, ps.base.own.record(at)) {
		if !ps.kept.has(at) {
			ps.kept.set(at)
			ps.nkept++
		}
		return true
	}
	ps.moved.set(at)
	if ps.kept.has(at) {
		ps.kept.clear(at)
		ps.nkept--
	}
	return false
}

// same compares a packed port with one of base, whose numbers are valid here.
func (ps *Ports) same(r *portRecord, p *Port, old *portRecord) bool {
	if r.kind != old.kind || r.device != old.device {
		return false
	}
	if ps.kinds.values[r.kind].Form != manyAddresses {
		return r.addrOrOffset == old.addrOrOffset
	}
	i := 0
	for f := range ps.base.addresses(&ps.base.own, old) {
		if i == len(p.Fixed) || p.Fixed[i] != f {
			return false
		}
		i++
	}
	return i == len(p.Fixed)
}

// Freeze puts the ports in order of id and drops all but the last of those with
// the same id: a listing that changes while it is paged can show a port twice.
// It returns how many were dropped.
func (ps *Ports) Freeze() (duplicates int) {
	duplicates = ps.sort()
	ps.kinds.freeze()
	ps.subnets.freeze()
	ps.texts.freeze()
	ps.pairNetworks.freeze()
	ps.moved, ps.recent = nil, nil
	if ps.base != nil && ps.own.n > ps.base.own.n/4 {
		ps.flatten()
	}
	return duplicates
}

// flatten makes the list whole by itself where sharing does not pay any more.
func (ps *Ports) flatten() {
	whole := &Ports{OwnersUnknown: ps.OwnersUnknown}
	for p := range ps.All() {
		whole.Append(p)
	}
	whole.takePairs(ps)
	whole.Freeze()
	*ps = *whole
}

// Len is the number of ports. A nil Ports has none.
func (ps *Ports) Len() int {
	if ps == nil {
		return 0
	}
	return ps.nkept + ps.own.n
}

// All goes over the ports in order of id. It allocates nothing per port, so
// Port.Fixed is valid only until the next step.
func (ps *Ports) All() iter.Seq[Port] {
	return func(yield func(Port) bool) {
		var buf []FixedIP
		for from, r := range ps.records() {
			p := ps.unpack(from, r, buf[:0])
			buf = p.Fixed
			if !yield(p) {
				return
			}
		}
	}
}

// Within goes over the ports that have an address in a prefix. It compares numbers
// alone, so that a million ports are looked through in milliseconds.
func (ps *Ports) Within(prefix netip.Prefix) iter.Seq[Port] {
	return func(yield func(Port) bool) {
		first, is4 := number4(prefix.Masked().Addr())
		mask := ^uint32(0) << max(0, 32-prefix.Bits())
		for from, r := range ps.records() {
			switch ps.kinds.values[r.kind].Form {
			case noAddress:
				continue
			case oneIPv4:
				if !is4 || r.addrOrOffset&mask != first {
					continue
				}
			case manyAddresses:
				if !from.anyWithin(r, prefix) {
					continue
				}
			}
			if !yield(ps.unpack(from, r, nil)) {
				return
			}
		}
	}
}

// With goes over the ports that have an address for which has is true.
func (ps *Ports) With(has func(netip.Addr) bool) iter.Seq[Port] {
	return func(yield func(Port) bool) {
		for from, r := range ps.records() {
			for f := range ps.addresses(from, r) {
				if !has(f.Addr) {
					continue
				}
				if !yield(ps.unpack(from, r, nil)) {
					return
				}
				break
			}
		}
	}
}

// OfNetwork goes over the ports of a network, by any of its ids. It compares what
// ports have in common once for all. Port.Fixed is valid only until the next step.
func (ps *Ports) OfNetwork(ids ...ID) iter.Seq[Port] {
	return func(yield func(Port) bool) {
		if ps == nil {
			return
		}
		in := make([]bool, len(ps.kinds.values))
		for i := range in {
			in[i] = slices.Contains(ids, ps.kinds.values[i].Network)
		}
		var buf []FixedIP
		for from, r := range ps.records() {
			if !in[r.kind] {
				continue
			}
			p := ps.unpack(from, r, buf[:0])
			buf = p.Fixed
			if !yield(p) {
				return
			}
		}
	}
}

// SplitAt cuts the list into pieces of size ports and returns for each piece but
// the last the ids at its end, the last one first, at most back of them.
func (ps *Ports) SplitAt(size, back int) [][]ID {
	back = min(back, size)
	var marks [][]ID
	var ids []ID
	i := 0
	for _, r := range ps.records() {
		if i == ps.Len()-1 {
			break // nothing follows that could be another piece
		}
		if i%size >= size-back {
			ids = append(ids, ps.id(r))
		}
		if i%size == size-1 {
			slices.Reverse(ids)
			marks, ids = append(marks, ids), nil
		}
		i++
	}
	return marks
}

// records goes over all records in order of id, with the store of each.
func (ps *Ports) records() iter.Seq2[*portStore, *portRecord] {
	return func(yield func(*portStore, *portRecord) bool) {
		if ps == nil {
			return
		}
		i := 0 // the next of own
		if ps.base != nil {
			for at := range ps.kept.all() {
				r := ps.base.own.record(at)
				for ; i < ps.own.n && ps.compare(ps.own.record(i), r) < 0; i++ {
					if !yield(&ps.own, ps.own.record(i)) {
						return
					}
				}
				if !yield(&ps.base.own, r) {
					return
				}
			}
		}
		for ; i < ps.own.n; i++ {
			if !yield(&ps.own, ps.own.record(i)) {
				return
			}
		}
	}
}

// find returns the index of a port in own, which is sorted, or the index where it
// would be. It looks near hint first: listings come in order.
func (ps *Ports) find(id ID, hint int) (at int, found bool) {
	low, high := 0, ps.own.n
	for step := 1; hint < high; hint, step = hint+step, 2*step {
		c := ps.id(ps.own.record(hint)).Compare(id)
		if c == 0 {
			return hint, true
		}
		if c > 0 {
			high = hint
			break
		}
		low = hint + 1
	}
	at, found = sort.Find(high-low, func(i int) int { return id.Compare(ps.id(ps.own.record(low + i))) })
	return low + at, found
}
