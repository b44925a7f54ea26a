package web

import (
	"cloudip_exporter/inventory"
)

type subnetItem struct {
	Cloud          string         `json:"cloud"`
	Project        string         `json:"project"`
	SubnetID       inventory.ID   `json:"subnet_id"`
	IPVersion      string         `json:"ip_version"`
	SubnetName     string         `json:"subnet_name"`
	CIDR           string         `json:"cidr"`
	VPCID          inventory.ID   `json:"vpc_id"`
	VPCName        string         `json:"vpc_name"`
	NetworkID      inventory.ID   `json:"network_id"`
	CapacitySource string         `json:"capacity_source"`
	Capacity       *float64       `json:"capacity"` // null where the cloud does not tell
	Used           float64        `json:"used"`
	Free           *float64       `json:"free"`
	Reserved       *float64       `json:"reserved"`
	Idle           *int           `json:"idle"` // null without the collector ports
	Held           map[string]int `json:"held,omitempty"`
}

func subnetItems(snap *inventory.Snapshot, emit func(any)) {
	subnets := inventory.Of[inventory.SubnetData](snap).Subnets
	joined := newSubnetJoin(snap)
	for i := range subnets {
		emit(joined.item(&subnets[i]))
	}
}

// subnetJoin is what the subnets of a target are shown with.
type subnetJoin struct {
	snap  *inventory.Snapshot
	vpcs  map[inventory.ID]string
	usage map[subnetKey]*inventory.SubnetPortUsage
}

func newSubnetJoin(snap *inventory.Snapshot) *subnetJoin {
	return &subnetJoin{snap, inventory.Of[inventory.SubnetData](snap).VPCNames(), usageOf(snap)}
}

func (j *subnetJoin) item(s *inventory.Subnet) subnetItem {
	item := subnetItem{
		Cloud: j.snap.Cloud, Project: j.snap.Project,
		SubnetID: s.ID, IPVersion: s.IPVersion(), SubnetName: s.Name, CIDR: s.Prefix.String(),
		VPCID: s.VPCID, VPCName: j.vpcs[s.VPCID], NetworkID: s.NetworkID,
		CapacitySource: string(s.Usage.Source), Capacity: s.Usage.Capacity,
		Used: s.Usage.Used, Free: s.Usage.Free, Reserved: s.Usage.Reserved,
	}
	if u := j.usage[subnetKey{s.ID, s.IPVersion()}]; u != nil {
		item.Idle, item.Held = &u.Idle, held(u)
	}
	return item
}

type subnetKey struct {
	id      inventory.ID
	version string
}

// usageOf finds what the collector ports counted for each subnet.
func usageOf(snap *inventory.Snapshot) map[subnetKey]*inventory.SubnetPortUsage {
	counted := snap.PortUsage().Subnets
	found := make(map[subnetKey]*inventory.SubnetPortUsage, len(counted))
	for i := range counted {
		u := &counted[i]
		found[subnetKey{u.Subnet.ID, u.Subnet.IPVersion()}] = u
	}
	return found
}

func held(u *inventory.SubnetPortUsage) map[string]int {
	classes := map[string]int{}
	for h := range inventory.Holders {
		if n := u.Held(h); n > 0 {
			classes[h.String()] = n
		}
	}
	return classes
}

type portItem struct {
	Cloud       string       `json:"cloud"`
	Project     string       `json:"project"`
	PortID      inventory.ID `json:"port_id"`
	NetworkID   inventory.ID `json:"network_id"`
	SubnetID    string       `json:"subnet_id"`
	Address     string       `json:"address"`
	Status      string       `json:"status"`
	DeviceID    inventory.ID `json:"device_id"`
	DeviceOwner string       `json:"device_owner"`
}

// portItems emits one item for each address, and one for a port without.
func portItems(snap *inventory.Snapshot, emit func(any)) {
	data := inventory.Of[inventory.PortData](snap)
	subnetID := inventory.SubnetIDOf(data.Subnets, snap.Provider)
	for p := range data.Ports.All() {
		item := portItem{
			Cloud: snap.Cloud, Project: snap.Project,
			PortID: p.ID, NetworkID: p.NetworkID, Status: p.Status, DeviceID: p.DeviceID, DeviceOwner: p.Owner,
		}
		if len(p.Fixed) == 0 {
			emit(item)
		}
		for _, f := range p.Fixed {
			item.Address = f.Addr.String()
			item.SubnetID = subnetID(&p, f).String()
			emit(item)
		}
	}
}

type serverItem struct {
	Cloud            string              `json:"cloud"`
	Project          string              `json:"project"`
	ServerID         inventory.ID        `json:"server_id"`
	ServerName       string              `json:"server_name"`
	Kind             string              `json:"kind"`
	Status           string              `json:"status"`
	Flavor           string              `json:"flavor"`
	AvailabilityZone string              `json:"availability_zone"`
	Addresses        []serverAddressItem `json:"addresses"`
}

type serverAddressItem struct {
	Address   string `json:"address"`
	IPVersion string `json:"ip_version"`
	Network   string `json:"network"`
}

func serverItems(snap *inventory.Snapshot, emit func(any)) {
	servers := inventory.Of[inventory.ServerData](snap)
	for i := range servers {
		emit(newServerItem(snap, &servers[i]))
	}
}

func newServerItem(snap *inventory.Snapshot, s *inventory.Server) serverItem {
	item := serverItem{
		Cloud: snap.Cloud, Project: snap.Project,
		ServerID: s.ID, ServerName: s.Name, Kind: s.Kind(), Status: s.Status,
		Flavor: s.Flavor, AvailabilityZone: s.Zone, Addresses: []serverAddressItem{},
	}
	for _, a := range s.Addresses {
		item.Addresses = append(item.Addresses, serverAddressItem{a.Addr.String(), inventory.IPVersion(a.Addr), a.Network})
	}
	return item
}

type addressGroupItem struct {
	Cloud            string             `json:"cloud"`
	Project          string             `json:"project"`
	AddressGroupID   inventory.ID       `json:"address_group_id"`
	AddressGroupName string             `json:"address_group_name"`
	IPVersion        string             `json:"ip_version"` // "" for mixed families, or when nothing tells
	Status           string             `json:"status"`
	EntriesMax       *int               `json:"entries_max"`
	EntriesRedundant int                `json:"entries_redundant"`
	Entries          []addressEntryItem `json:"entries"`
}

type addressEntryItem struct {
	Entry   string `json:"entry"`
	Remarks string `json:"remarks,omitempty"`
}

func addressGroupItems(snap *inventory.Snapshot, emit func(any)) {
	groups := inventory.Of[inventory.AddressGroupData](snap)
	for i := range groups {
		emit(newAddressGroupItem(snap, &groups[i]))
	}
}

func newAddressGroupItem(snap *inventory.Snapshot, g *inventory.AddressGroup) addressGroupItem {
	facts := g.Facts()
	item := addressGroupItem{
		Cloud: snap.Cloud, Project: snap.Project,
		AddressGroupID: g.ID, AddressGroupName: g.Name, IPVersion: g.IPVersion(&facts), Status: g.Status,
		EntriesMax: g.Max, EntriesRedundant: facts.Redundant, Entries: []addressEntryItem{},
	}
	for _, e := range g.Entries {
		item.Entries = append(item.Entries, addressEntryItem{e.Text, e.Remarks})
	}
	return item
}

type privateIPItem struct {
	Cloud       string       `json:"cloud"`
	Project     string       `json:"project"`
	PrivateIPID inventory.ID `json:"private_ip_id"`
	SubnetID    inventory.ID `json:"subnet_id"`
	Address     string       `json:"address"`
	Status      string       `json:"status"`
	Holder      string       `json:"holder"`
	DeviceOwner string       `json:"device_owner"`
}

func privateIPItems(snap *inventory.Snapshot, emit func(any)) {
	for p := range inventory.Of[inventory.PrivateIPData](snap).IPs.All() {
		emit(privateIPItem{
			Cloud: snap.Cloud, Project: snap.Project,
			PrivateIPID: p.ID, SubnetID: p.SubnetID, Address: p.Addr.String(),
			Status: p.Status, Holder: p.Holder().String(), DeviceOwner: p.Owner,
		})
	}
}
