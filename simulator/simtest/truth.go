package simtest

import (
	"net/netip"
	"slices"
	"strings"

	"cloudip_exporter/simulator/estate"
)

// View says whose truth is asked for. The zero View is that of ConfigYAML
// without further keys: the region's project, or the whole OpenStack as an
// admin sees it.
type View struct {
	Project string // name of the one project whose things are listed
	Member  bool   // OpenStack: not an admin, so without availabilities
	Refused bool   // the availabilities are refused
}

// Truth is what a watcher must publish of a cloud, counted by the simulator's
// own rules. Slices are in order of id.
type Truth struct {
	Provider      string
	VPCs          []TruthVPC
	SubnetPools   []TruthSubnetPool // OpenStack
	Networks      []TruthNetwork    // OpenStack
	Subnets       []TruthSubnet
	Ports         []TruthPort
	PortCounts    map[TruthPortKey]int
	Servers       []TruthServer
	AddressGroups []TruthGroup
	PrivateIPs    []TruthPrivateIP // Huawei Cloud and OTC
	PublicIPs     []TruthPublicIP
	Pools         []TruthPool         // Huawei Cloud
	SubInterfaces []TruthSubInterface // Huawei Cloud and OTC
	Quotas        []TruthQuota
	Skipped       map[string]int // items that cannot be read, by collector
}

// TruthVPC is a VPC with all its CIDRs.
type TruthVPC struct {
	ID, Name, CIDR, Status string
	CIDRs                  []string
}

// TruthSubnet is one address family of a subnet. Nil numbers are not published.
type TruthSubnet struct {
	ID, IPVersion, Name, CIDR string
	VPCID, VPCName, NetworkID string
	PoolID                    string // OpenStack: the subnet pool
	NeutronID                 string
	Source                    string // availability, allocation_pool, estimate, none
	Capacity, Free, Reserved  *float64
	Used                      float64
	Held                      map[string]int // addresses on ports by holder
	Idle                      int
	Tags                      []TruthTag
	ChoosesAddresses          bool // the network, and nobody else
	Shared                    bool // by another owner, whose ports are not seen
}

// TruthPortKey is what ports are counted by.
type TruthPortKey struct{ NetworkID, Status, Holder string }

// TruthPort is a port with its addresses.
type TruthPort struct {
	ID, NetworkID, Status, Owner, Device string
	Holder                               string
	Idle                                 bool // as the listing of ports alone says
	Pointed                              bool // a public IP points at it
	Addresses                            []TruthAddress
}

// TruthAddress is one address of a port; SubnetID is the published one, "" when
// no listing shows the subnet. NeutronID is the subnet that the port names.
type TruthAddress struct{ SubnetID, NeutronID, IPVersion, Address string }

// TruthServer is a server.
type TruthServer struct {
	ID, Name, Kind, Status, Flavor, Zone string
	Addresses                            []TruthServerAddress
}

// TruthServerAddress is one address of a server.
type TruthServerAddress struct{ Network, Address, IPVersion string }

// TruthPrivateIP is a private IP.
type TruthPrivateIP struct{ ID, SubnetID, Status, Owner, Holder, Address string }

// TruthQuota is a quota; Limit -1 is unlimited. ByTypeOnly rows show only when
// they are asked for by type.
type TruthQuota struct {
	Resource    string
	Limit, Used float64
	ByTypeOnly  bool
	Reserved    float64 // -1: the cloud does not say
}

// Truth is what must be published for the view; no view is the zero View.
func (c *Cloud) Truth(views ...View) Truth {
	var v View
	if len(views) > 0 {
		v = views[0]
	}
	var truth Truth
	c.Read(func(e *estate.State) { truth = (&teller{cloud: c, estate: e, view: v}).tell() })
	return truth
}

// teller counts the truth for one view.
type teller struct {
	cloud  *Cloud
	estate *estate.State
	view   View
	metal  map[string]bool // ids of known bare-metal servers
}

func (t *teller) tell() Truth {
	out := Truth{Provider: t.cloud.Provider(), PortCounts: map[TruthPortKey]int{}, Skipped: map[string]int{}}
	out.Servers = t.servers()
	for _, v := range t.estate.VPCs {
		if t.sees(v.Project) {
			out.VPCs = append(out.VPCs, TruthVPC{v.ID, v.Name, v.CIDR, v.Status, v.CIDRs()})
		}
	}
	out.SubnetPools, out.Networks = t.subnetPools(), t.networks()
	published := t.published()
	for _, p := range t.estate.Ports {
		if p.Absent || !t.sees(p.Project) {
			continue
		}
		tp := t.port(p, published)
		out.Ports = append(out.Ports, tp)
		out.PortCounts[TruthPortKey{tp.NetworkID, tp.Status, tp.Holder}]++
	}
	out.Subnets = t.subnets(out.Ports)
	out.AddressGroups = t.groups()
	for _, g := range out.AddressGroups {
		out.Skipped["address_groups"] += g.Unreadable
	}
	out.PublicIPs, out.Pools, out.SubInterfaces = t.publicIPs(), t.pools(), t.subInterfaces()
	if t.cloud.huawei() {
		out.PrivateIPs = t.privateIPs()
	}
	for _, q := range t.estate.Quotas[t.project().ID] {
		reserved := -1.0
		if !t.cloud.huawei() {
			reserved = float64(q.Reserved())
		}
		out.Quotas = append(out.Quotas, TruthQuota{q.Resource, float64(q.Limit), float64(q.Used), q.ByTypeOnly, reserved})
	}
	slices.SortFunc(out.Quotas, func(a, b TruthQuota) int { return strings.Compare(a.Resource, b.Resource) })
	return out
}

// project is the view's own one.
func (t *teller) project() *estate.Project {
	for _, p := range t.estate.Projects {
		if p.Name == t.view.Project || p.ID == t.view.Project {
			return p
		}
	}
	return t.estate.Projects[0]
}

// sees reports whether things of project p are listed.
func (t *teller) sees(p *estate.Project) bool {
	whole := !t.cloud.huawei() && t.view.Project == "" && !t.view.Member
	return whole || p == t.project()
}

// lists reports whether the network's subnets are listed. Who is no admin sees
// the shared and external ones too; an admin who asks for one project does not.
func (t *teller) lists(n *estate.Network) bool {
	return !n.Unlisted && (t.sees(n.Project) || t.view.Member && (n.Shared || n.External))
}

// published maps Neutron's subnet ids to those by which series are published.
func (t *teller) published() map[string]string {
	ids := map[string]string{}
	for _, n := range t.estate.Networks {
		for _, s := range n.Subnets {
			switch {
			case !t.lists(n):
			case t.cloud.huawei():
				ids[s.ID] = n.ID
			default:
				ids[s.ID] = s.ID
			}
		}
	}
	return ids
}

// isVirtual reports whether another port of the network, one in use, names an
// address of p in its allowed_address_pairs.
func (t *teller) isVirtual(p *estate.Port) bool {
	for _, q := range p.Network.Ports {
		if q == p || q.Absent || q.Owner == "" && q.Device == "" || !t.sees(q.Project) {
			continue
		}
		for _, pair := range q.Pairs {
			for _, f := range p.Fixed {
				if pair.IsSingleIP() && pair.Addr() == f.Addr {
					return true
				}
			}
		}
	}
	return false
}

func (t *teller) port(p *estate.Port, published map[string]string) TruthPort {
	out := TruthPort{ID: p.ID.String(), NetworkID: p.Network.ID, Status: p.Status, Owner: p.Owner, Device: p.Device}
	if p.Quirk&estate.NoDeviceKey != 0 {
		out.Device = ""
	}
	out.Holder = HolderOf(p.Owner)
	if t.metal[out.Device] && (out.Holder == "server" || out.Holder == "baremetal") {
		out.Holder = "baremetal"
	}
	out.Idle = out.Owner == "" && out.Device == ""
	if out.Idle && t.isVirtual(p) {
		out.Idle, out.Holder = false, "vip"
	}
	out.Pointed = t.points(p)
	if t.isSubInterface(p) {
		out.Idle, out.Holder = false, "sub_interface"
	}
	for _, f := range p.Fixed {
		id, known := published[f.SubnetID]
		if !known && t.cloud.huawei() && t.lists(p.Network) {
			id = p.Network.ID // the network is known: its family by the address
		}
		out.Addresses = append(out.Addresses, TruthAddress{id, f.SubnetID, ipVersion(f.Addr), f.Addr.String()})
	}
	return out
}

func ipVersion(a netip.Addr) string {
	if a.Is4() {
		return "4"
	}
	return "6"
}

// HolderOf is the holder class of a device owner.
func HolderOf(owner string) string {
	has := func(prefix string) bool { return strings.HasPrefix(owner, prefix) }
	switch {
	case owner == "":
		return "none"
	case has("compute:"):
		return "server"
	case has("baremetal:"):
		return "baremetal"
	case has("network:router_interface"), owner == "network:router_gateway", owner == "network:ha_router_replicated_interface", owner == "network:router_ha_interface":
		return "gateway"
	case owner == "network:dhcp", owner == "network:distributed":
		return "dhcp"
	case has("neutron:LOADBALANCER"), has("Octavia"):
		return "load_balancer"
	case owner == "neutron:VIP_PORT":
		return "vip"
	case owner == "network:nat_gateway", owner == "network:router_centralized_snat", owner == "network:floatingip_agent_gateway":
		return "nat"
	case owner == "network:endpoint_interface":
		return "endpoint"
	case owner == "network:floatingip":
		return "floating_ip"
	case owner == "trunk:subport":
		return "subport"
	case owner == "manila:share":
		return "storage"
	}
	return "other"
}
