package rows

import (
	"iter"
	"net/netip"

	"cloudip_exporter/inventory"
)

func publicIPKeys() []string {
	return []string{"cloud", "project", "public_ip_id", "address", "status", "attached", "private_address", "port_id", "pool"}
}

// publicIPRows has a row for each EIP or floating IP, with the private address and the
// port at which it points.
func publicIPRows(snap *inventory.Snapshot) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for _, ip := range inventory.Of[inventory.PublicIPData](snap).IPs {
			if !yield(Row{snap.Cloud, snap.Project, ip.ID.String(), addressText(ip.Addr), ip.Status, ip.Attached, addressText(ip.Private), ip.PortID.String(), ip.Pool}) {
				return
			}
		}
	}
}

// addressText is "" where there is no address.
func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
