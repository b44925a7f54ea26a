package inventory

import (
	"iter"
	"slices"
)

// PortChanges goes over the ports that differ between two answers of one target:
// those that came, changed or may have changed, as they are now; then those that
// went, changed or may have changed, as they were. ok is false where the answers
// share nothing that a comparison could skip: then all ports may differ.
func PortChanges(old, now *Snapshot) (came, went iter.Seq[Port], ok bool) {
	a, b := Of[PortData](old).Ports, Of[PortData](now).Ports
	if a == nil || b == nil || !sameJoins(old, now) {
		return nil, nil, false
	}
	return b.changes(a)
}

// SameAddresses reports whether two answers of one target are known to show the same
// ports, sub-interfaces, private IPs and servers.
func SameAddresses(old, now *Snapshot) bool {
	a, b := Of[PortData](old).Ports, Of[PortData](now).Ports
	servers := slices.EqualFunc(Of[ServerData](old), Of[ServerData](now), func(x, y Server) bool {
		return x.ID == y.ID && x.Status == y.Status && slices.Equal(x.Addresses, y.Addresses)
	})
	return servers && a != nil && b != nil && sameJoins(old, now) && b.equals(a) && Of[PrivateIPData](now).IPs.list().equals(Of[PrivateIPData](old).IPs.list())
}

func (ps *Ports) equals(last *Ports) bool {
	if ps == nil || last == nil {
		return ps == last
	}
	came, went, ok := ps.changes(last)
	if ok {
		for range came {
			return false
		}
		for range went {
			return false
		}
	}
	return ok
}

// changes is PortChanges of the lists alone.
func (ps *Ports) changes(last *Ports) (came, went iter.Seq[Port], ok bool) {
	base := ps.base
	switch {
	case base == nil, base != last && base != last.base:
		return nil, nil, false
	case base == last:
		return ps.beside(nil), base.without(ps.kept), true
	}
	return ps.beside(last.kept), last.beside(ps.kept), true
}

// beside goes over the own ports, and those kept of base that are not in kept;
// all of base are where kept is nil.
func (ps *Ports) beside(kept bitset) iter.Seq[Port] {
	return func(yield func(Port) bool) {
		for i := range ps.own.n {
			if !yield(ps.unpack(&ps.own, ps.own.record(i), nil)) {
				return
			}
		}
		for i, word := range ps.kept {
			if kept == nil {
				return
			}
			if !ps.base.each(i, word&^kept[i], yield) {
				return
			}
		}
	}
}

// without goes over the own ports that are not in kept.
func (ps *Ports) without(kept bitset) iter.Seq[Port] {
	return func(yield func(Port) bool) {
		for i := range ps.own.n {
			if !kept.has(i) && !yield(ps.unpack(&ps.own, ps.own.record(i), nil)) {
				return
			}
		}
	}
}

// each goes over the own ports in the i-th word of a set.
func (ps *Ports) each(i int, word uint64, yield func(Port) bool) bool {
	for at := range (bitset{word}).all() {
		if !yield(ps.unpack(&ps.own, ps.own.record(i*64+at), nil)) {
			return false
		}
	}
	return true
}

// sameJoins reports whether what a port is joined with is the same in two
// answers: its subnet, the kind of its device, and the ports that name it.
func sameJoins(old, now *Snapshot) bool {
	a, b := Of[PortData](old), Of[PortData](now)
	return slices.EqualFunc(a.Subnets, b.Subnets, func(x, y Subnet) bool {
		return x.ID == y.ID && x.NeutronID == y.NeutronID && x.NetworkID == y.NetworkID
	}) && a.Ports.OwnersUnknown == b.Ports.OwnersUnknown &&
		slices.Equal(a.Ports.pairNetworks.values, b.Ports.pairNetworks.values) && slices.Equal(a.Ports.pairs, b.Ports.pairs) &&
		old.known().equal(now.known())
}
