package inventory

import (
	"iter"
	"slices"
	"sync"
)

// PortChanges goes over the ports that differ between two answers of one target: those
// that came or changed, as they are now; then those that went or changed, as they were.
// Port.Fixed is valid only until the next step. ok is false where all may differ.
func PortChanges(old, now *Snapshot) (came, went iter.Seq[Port], ok bool) {
	a, b := Of[PortData](old).Ports, Of[PortData](now).Ports
	if a == nil || b == nil || !sameJoins(old, now) {
		return nil, nil, false
	}
	return b.beside(a), a.beside(b), true
}

// SameAddresses reports whether two answers of one target are known to show the same
// ports, sub-interfaces, private IPs and servers.
func SameAddresses(old, now *Snapshot) bool {
	a, b := Of[PortData](old).Ports, Of[PortData](now).Ports
	servers := slices.EqualFunc(Of[ServerData](old), Of[ServerData](now), func(x, y Server) bool {
		return x.ID == y.ID && x.Status == y.Status && slices.Equal(x.Addresses, y.Addresses)
	})
	return servers && a != nil && b != nil && sameJoins(old, now) && a.equals(b) && Of[PrivateIPData](old).IPs.list().equals(Of[PrivateIPData](now).IPs.list())
}

func (ps *Ports) equals(other *Ports) bool {
	if ps == nil || other == nil {
		return ps == other
	}
	for range ps.beside(other) {
		return false
	}
	for range other.beside(ps) {
		return false
	}
	return true
}

// beside goes over the ports that are not the same in another list. What stands in a block
// that both lists share is the same; of each other port the record is compared, where its
// numbers mean the same in both lists, else the port. Port.Fixed is valid only until the
// next step.
func (ps *Ports) beside(other *Ports) iter.Seq[Port] {
	return func(yield func(Port) bool) {
		shared := make(map[*portBlock]bitset, len(other.ranges))
		for _, r := range other.ranges {
			shared[r.block] = r.kept
		}
		word := func(kept bitset, n int) uint64 {
			if kept == nil { // all
				return ^uint64(0)
			}
			return kept[n]
		}
		sameNumbers := sync.OnceValue(func() bool {
			kinds, texts := min(len(ps.kinds.values), len(other.kinds.values)), min(len(ps.texts.values), len(other.texts.values))
			return slices.Equal(ps.kinds.values[:kinds], other.kinds.values[:kinds]) && slices.Equal(ps.texts.values[:texts], other.texts.values[:texts])
		})
		var buf, otherBuf []FixedIP
		var near position
		for _, r := range ps.ranges {
			if there, ok := shared[r.block]; ok {
				kept := r.kept
				r.kept = newBitset(len(r.block.records))
				for n := range r.kept {
					r.kept[n] = word(kept, n) &^ word(there, n)
				}
			}
			if !ps.each(&r, func(from addressSource, record *portRecord) bool {
				otherFrom, o := other.at(ps.id(record), &near)
				if o != nil && *record == *o && sameNumbers() && ps.kinds.values[o.kind].Form != manyAddresses {
					return true
				}
				p := ps.unpack(from, record, buf[:0])
				buf = p.Fixed
				if o != nil {
					q := other.unpack(otherFrom, o, otherBuf[:0])
					if otherBuf = q.Fixed; p.same(&q) {
						return true
					}
				}
				return yield(p)
			}) {
				return
			}
		}
	}
}

// same reports whether two ports are the same but for their pairs.
func (p *Port) same(o *Port) bool {
	return p.ID == o.ID && p.NetworkID == o.NetworkID && p.DeviceID == o.DeviceID && p.ProjectID == o.ProjectID &&
		p.Owner == o.Owner && p.Status == o.Status && p.Instance == o.Instance && slices.Equal(p.Fixed, o.Fixed)
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
