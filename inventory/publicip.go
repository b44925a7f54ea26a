package inventory

import "net/netip"

// PublicIP is a public IP address: an EIP of Huawei Cloud or OTC, a floating IP of
// OpenStack.
type PublicIP struct {
	ID       ID
	Addr     netip.Addr // zero where none is given yet
	Pool     string     // the pool's name, else its type; on OpenStack the id of the floating network
	Status   string     // as the cloud writes it
	Attached bool       // something uses it
	PortID   ID         // at which it points; zero for none, or where a service alone has it
	Private  netip.Addr // that it stands for; zero likewise
}

// PublicIPPool is a pool of public IPs of Huawei Cloud: its name, size and use in
// addresses. A nil figure is not known.
type PublicIPPool struct {
	ID         ID
	Name       string
	Size, Used *float64
}

// PublicIPData is what the collector "public_ips" fetches.
type PublicIPData struct {
	IPs   []PublicIP // in order of id
	Pools []PublicIPPool
}

// Collector is the name of the collector.
func (PublicIPData) Collector() string { return "public_ips" }

// Ports are the ports at which public IPs point.
func (d PublicIPData) Ports() map[ID]bool {
	ports := make(map[ID]bool, len(d.IPs))
	for i := range d.IPs {
		if id := d.IPs[i].PortID; !id.IsZero() {
			ports[id] = true
		}
	}
	return ports
}
