package inventory

import (
	"iter"
	"net/netip"
	"time"
)

// IdleSince says since when an address on a port that nothing uses is idle; zero:
// that is not recorded.
type IdleSince func(port ID, address netip.Addr) time.Time

// IdlePorts goes over the ports that nothing uses, as PortUsage has found them.
// Port.Fixed is valid only until the next step.
func (s *Snapshot) IdlePorts() iter.Seq[Port] {
	return func(yield func(Port) bool) {
		ports, idle := Of[PortData](s).Ports, s.PortUsage().idle
		var buf []FixedIP
		at := 0
		for from, r := range ports.records() {
			if idle.has(at) {
				p := ports.unpack(from, r, buf[:0])
				if buf = p.Fixed; !yield(p) {
					return
				}
			}
			at++
		}
	}
}

// IdleFor counts the idle addresses of each subnet of PortUsage that have been idle at now
// for at least each of some durations.
func (s *Snapshot) IdleFor(since IdleSince, now time.Time, least []time.Duration) [][]int {
	usage := s.PortUsage()
	counts := make([][]int, len(usage.Subnets))
	for i := range counts {
		counts[i] = make([]int, len(least))
	}
	for p := range s.IdlePorts() {
		for _, f := range p.Fixed {
			begun := since(p.ID, f.Addr)
			at, ok := usage.joins.subnet(f.SubnetID, p.NetworkID, f.Addr)
			if begun.IsZero() || !ok {
				continue
			}
			for i, d := range least {
				if now.Sub(begun) >= d {
					counts[at][i]++
				}
			}
		}
	}
	return counts
}
