package inventory

import (
	"strings"
	"sync"
)

// Holder is the class of what holds an address, read from a port's
// device_owner. The owners are an open set; what is unknown is HolderOther.
type Holder uint8

// Holder classes.
const (
	HolderOther Holder = iota
	HolderNone         // no owner
	HolderServer
	HolderBareMetal
	HolderGateway
	HolderDHCP
	HolderLoadBalancer
	HolderVIP
	HolderNAT
	HolderEndpoint
	HolderFloatingIP
	HolderSubInterface
	HolderSubport
	HolderStorage

	Holders = HolderStorage + 1 // how many there are: ranges go over all
)

// String is the class as the label "holder" writes it.
func (h Holder) String() string {
	return [Holders]string{
		"other", "none", "server", "baremetal", "gateway", "dhcp", "load_balancer", "vip", "nat", "endpoint", "floating_ip", "sub_interface", "subport", "storage",
	}[h]
}

// HolderOf classifies a device_owner. Matching is exact and case-sensitive,
// save for the owners that come with a suffix (compute:<zone> and so on).
func HolderOf(owner string) Holder {
	switch owner {
	case "":
		return HolderNone
	case "network:router_gateway", "network:ha_router_replicated_interface", "network:router_ha_interface":
		return HolderGateway
	case "network:dhcp", "network:distributed":
		return HolderDHCP
	case "neutron:VIP_PORT":
		return HolderVIP
	case "network:nat_gateway", "network:router_centralized_snat", "network:floatingip_agent_gateway":
		return HolderNAT
	case "network:endpoint_interface":
		return HolderEndpoint
	case "network:floatingip":
		return HolderFloatingIP
	case "trunk:subport":
		return HolderSubport
	case "manila:share":
		return HolderStorage
	}
	switch {
	case strings.HasPrefix(owner, "compute:"):
		return HolderServer
	case strings.HasPrefix(owner, "baremetal:"):
		return HolderBareMetal
	case strings.HasPrefix(owner, "network:router_interface"):
		return HolderGateway
	case strings.HasPrefix(owner, "neutron:LOADBALANCER"), strings.HasPrefix(owner, "Octavia"):
		return HolderLoadBalancer
	}
	return HolderOther
}

// PortHolder returns a function that classifies the ports of the snapshot: by their
// owner, where the cloud reports it. A known bare-metal server wins over a server, and
// a sub-interface over all.
func (s *Snapshot) PortHolder() func(*Port) Holder { return s.known().holders(Of[PortData](s).Ports) }

// IdlePort returns a function that reports whether nothing uses a port of the snapshot:
// no device, no owner, no instance, no public IP that points at it, and no port in use
// that names one of its addresses; nor is it a sub-interface.
func (s *Snapshot) IdlePort() func(*Port) bool {
	holder, known := s.PortHolder(), s.known()
	return func(p *Port) bool { return p.unused() && holder(p) == HolderNone && !known.Pointed[p.ID] }
}

// holders returns PortHolder of the ports.
func (k *Known) holders(ports *Ports) func(*Port) Holder {
	virtual := sync.OnceValue(ports.virtualIPs)
	return func(p *Port) Holder {
		h := HolderOf(p.Owner)
		switch {
		case k.SubInterfaces.shows(p):
			return HolderSubInterface
		case h == HolderNone && virtual().have(p):
			return HolderVIP
		case h == HolderNone && !p.DeviceID.IsZero() && ports != nil && ports.OwnersUnknown:
			return HolderOther
		case h == HolderServer && k.BareMetal[p.DeviceID]:
			return HolderBareMetal
		}
		return h
	}
}

// Holder is the class of a private IP: its owner alone decides.
func (p *PrivateIP) Holder() Holder { return HolderOf(p.Owner) }
