package inventory

import (
	"iter"
	"math/bits"
	"net/netip"
	"slices"

	"cloudip_exporter/inventory/space"
)

// Ports is a compact list of ports: 40 bytes for a port with one IPv4 address,
// free of pointers, so that a million of them are cheap to keep and to collect.
// Append fills it, Freeze ends the filling; after that it must not change and is
// safe for concurrent reading.
//
// One that NewPorts made on top of an earlier list shares with it what stayed, so
// that two collections of the same ports need little more memory than one.
type Ports struct {
	// OwnersUnknown is set, before the ports are shared, when they come from an
	// API that does not report owners: then a device without owner may be anything.
	OwnersUnknown bool

	kinds   table[portKind]
	subnets table[ID] // of ports that have not exactly one IPv4 address
	texts   table[string]
	numbers int // how many numbers were in these when they were begun
	ranges  []portRange
	n       int
	filling *filling // nil once frozen

	pairs        []pairRecord // of all ports; never shared
	pairNetworks table[ID]    // networks of their ports
}

// NewPorts returns an empty list. Ports that are the same as in last, which may
// be nil, are shared with it.
func NewPorts(last *Ports, ownersUnknown bool) *Ports {
	ps := &Ports{OwnersUnknown: ownersUnknown}
	if last.Len() == 0 {
		return ps
	}
	ps.kinds, ps.subnets, ps.texts, ps.numbers = last.kinds.extended(), last.subnets.extended(), last.texts.extended(), last.numbers
	ps.filling = newFilling(last.ranges)
	return ps
}

// Append adds a copy of p.
func (ps *Ports) Append(p Port) {
	if ps.filling == nil {
		ps.filling = newFilling(nil)
	}
	r := ps.pack(&p)
	ps.addPairs(&p)
	if !ps.keep(&r, &p) {
		ps.filling.own.add(r, p.Fixed, ps.kinds.values[r.kind].Form, &ps.subnets)
	}
}

// Freeze puts the ports in order of id and drops all but the last of those with
// the same id: a listing that changes while it is paged can show a port twice.
func (ps *Ports) Freeze() {
	if ps.filling != nil {
		ps.sort()
		ps.divide()
	}
	ps.kinds.freeze()
	ps.subnets.freeze()
	ps.texts.freeze()
	ps.pairNetworks.freeze()
	switch n := len(ps.kinds.values) + len(ps.subnets.values) + len(ps.texts.values); {
	case ps.numbers == 0:
		ps.numbers = n
	case n > 2*ps.numbers+recordsPerBlock:
		ps.renumber()
	}
}

// renumber makes the list whole by itself, where most numbers may be of what has gone.
func (ps *Ports) renumber() {
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
	return ps.n
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

// With goes over the ports that have an address for which has is true. It unpacks no
// other, so that a million ports are looked through in milliseconds.
func (ps *Ports) With(has func(netip.Addr) bool) iter.Seq[Port] {
	return func(yield func(Port) bool) {
		for from, r := range ps.records() {
			found := false
			switch ps.kinds.values[r.kind].Form {
			case oneIPv4:
				found = has(space.Addr4(r.addrOrOffset))
			case manyAddresses:
				for i, last := r.addrOrOffset, false; !found && !last; i++ {
					f := from.fixedAt(i)
					found, last = has(f.address()), f.last
				}
			}
			if found && !yield(ps.unpack(from, r, nil)) {
				return
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

// records goes over all records in order of id, with what has their addresses.
func (ps *Ports) records() iter.Seq2[addressSource, *portRecord] {
	return func(yield func(addressSource, *portRecord) bool) {
		if ps == nil {
			return
		}
		for i := range ps.ranges {
			if !ps.each(&ps.ranges[i], yield) {
				return
			}
		}
	}
}

// some goes over the records at these places in the order of id. It looks at no other in
// blocks that are in the list as they are, which nearly all are.
func (ps *Ports) some(places bitset) iter.Seq2[addressSource, *portRecord] {
	return func(yield func(addressSource, *portRecord) bool) {
		place := 0 // of the next port
		for i := range ps.ranges {
			r := &ps.ranges[i]
			if r.kept != nil || r.own != nil {
				if !ps.each(r, func(from addressSource, record *portRecord) bool {
					place++
					return !places.has(place-1) || yield(from, record)
				}) {
					return
				}
				continue
			}
			first, end := place, place+len(r.block.records)
			for ; place < end; place++ {
				word := places[place/64] >> (place % 64)
				if word == 0 {
					place |= 63
					continue
				}
				place += bits.TrailingZeros64(word)
				if place < end && !yield(r.block, &r.block.records[place-first]) {
					return
				}
			}
			place = end
		}
	}
}

// ByID returns a port of a frozen list.
func (ps *Ports) ByID(id ID) (Port, bool) {
	if id.IsZero() {
		return Port{}, false
	}
	from, r := ps.at(id, new(position))
	if r == nil {
		return Port{}, false
	}
	return ps.unpack(from, r, nil), true
}
