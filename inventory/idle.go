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
		usage := s.PortUsage()
		ports := usage.joins.ports
		var buf []FixedIP
		for from, r := range ports.some(usage.idle) {
			p := ports.unpack(from, r, buf[:0])
			if buf = p.Fixed; !yield(p) {
				return
			}
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
	for at, a := range usage.joins.addresses(usage.idle, nil) {
		begun := since(usage.joins.ports.id(a.port), a.Addr)
		if begun.IsZero() {
			continue
		}
		idle := now.Sub(begun)
		for i, d := range least {
			if idle >= d {
				counts[at][i]++
			}
		}
	}
	return counts
}
