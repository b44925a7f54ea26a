package inventory

import (
	"iter"
	"net/netip"
	"time"
)

// IdleSince says since when an address on a port that nothing uses is idle; zero:
// that is not recorded.
type IdleSince func(port ID, address netip.Addr) time.Time

// IdlePorts goes over the ports that nothing uses. It looks at the kinds of ports
// first, so that a million of them in use cost little.
func (s *Snapshot) IdlePorts() iter.Seq[Port] {
	return func(yield func(Port) bool) {
		ports := Of[PortData](s).Ports
		idle := s.IdlePort()
		for from, r := range ports.records() {
			if k := &ports.kinds.values[r.kind]; k.Owner != "" || k.Instance || r.device != [16]byte{} {
				continue
			}
			if p := ports.unpack(from, r, nil); idle(&p) && !yield(p) {
				return
			}
		}
	}
}
