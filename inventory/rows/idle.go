package rows

import (
	"iter"
	"time"

	"cloudip_exporter/inventory"
)

// Absent is a value that is left out, with its key, where the form allows that.
type Absent struct{}

// String is "".
func (Absent) String() string { return "" }

// Idle returns the listing of addresses on ports that nothing uses. since says since
// when those of a snapshot are idle; nil where nobody knows. With a least duration
// only those that are known to be idle for so long are shown.
func Idle(since func(*inventory.Snapshot) inventory.IdleSince, least time.Duration, now time.Time) Listing {
	keys := "address ip_version subnet_id subnet_name network_id port_id status idle_since"
	return New("idle", "ports", "port_id address", keys, func(snap *inventory.Snapshot) iter.Seq[Row] {
		known := since(snap)
		subnets := snap.KnownSubnets()
		subnetOf, subnetID := inventory.SubnetOf(subnets, snap.Provider), inventory.SubnetIDOf(subnets, snap.Provider)
		return func(yield func(Row) bool) {
			var p inventory.Port // one for all: functions take its address, and each would be allocated
			for p = range snap.IdlePorts() {
				for _, f := range p.Fixed {
					var at time.Time
					if known != nil {
						at = known(p.ID, f.Addr)
					}
					if least > 0 && (at.IsZero() || now.Sub(at) < least) {
						continue
					}
					text := ""
					if !at.IsZero() {
						text = at.UTC().Format(time.RFC3339Nano)
					}
					if !yield(Row{
						snap.Cloud, snap.Project, f.Addr.String(), inventory.IPVersion(f.Addr), subnetID(&p, f).String(), nameOf(subnetOf(&p, f)), p.NetworkID.String(),
						p.ID.String(), p.Status, text,
					}) {
						return
					}
				}
			}
		}
	})
}
