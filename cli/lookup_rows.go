package cli

import (
	"net/netip"
	"strings"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory"
)

func lookupColumns() []table.Column {
	keys := strings.Fields(`address ip_version held cloud project subnet_id subnet_name cidr vpc_id vpc_name network_id free
		port_id status device_id device_owner holder server_id server_name kind private_ip_id address_groups`)
	columns := make([]table.Column, len(keys))
	for i, k := range keys {
		columns[i].Key = k
	}
	return columns
}

// place is one place where an address is, or could be: a port, or a subnet
// where it has none. Its fields are the cells of a row.
type place struct {
	address, version       string
	held                   any // bool; nil where it is not known
	cloud, project         string
	subnetID, subnet, cidr string
	vpcID, vpc, networkID  string
	free                   any
	portID, status         string
	deviceID, owner        string
	holder                 string
	serverID, server, kind string
	privateIPID            string
	groups                 inventory.Groups
}

func (p *place) row() []any {
	return []any{
		p.address, p.version, p.held, p.cloud, p.project, p.subnetID, p.subnet, p.cidr, p.vpcID, p.vpc, p.networkID, p.free,
		p.portID, p.status, p.deviceID, p.owner, p.holder, p.serverID, p.server, p.kind, p.privateIPID, p.groups,
	}
}

// places are the places of an address in one target.
func (l *located) places() []place {
	var all []place
	for _, at := range l.Places() {
		p := l.newPlace(l.heldAt(at))
		p.setPrivateIP(at.PrivateIP)
		if at.Port != nil {
			p.setPort(l.in, at.Port)
		}
		p.setSubnet(l.in, at.Subnet)
		p.setServer(at.Server)
		all = append(all, p)
	}
	return all
}

// heldAt is whether somebody holds the address there, nil where it is not known.
func (l *located) heldAt(at inventory.Place) any {
	if !at.Held() && at.Subnet != nil && l.unlisted[at.Subnet.ID] && l.Addr.Is4() {
		return nil
	}
	return at.Held()
}

func (l *located) newPlace(held any) place {
	p := place{
		address: l.Addr.String(), version: inventory.IPVersion(l.Addr), held: held,
		cloud: l.in.Cloud, project: l.in.Project, groups: inventory.Groups{},
	}
	for _, g := range l.Groups {
		group := inventory.RowGroup{AddressGroupID: g.Group.ID.String(), AddressGroupName: g.Group.Name}
		for _, e := range g.Entries {
			group.Entries = append(group.Entries, inventory.RowEntry{Entry: e.Text, Remarks: e.Remarks})
		}
		p.groups = append(p.groups, group)
	}
	return p
}

// setPrivateIP comes first: a port and a subnet know better what they tell.
func (p *place) setPrivateIP(ip *inventory.PrivateIP) {
	if ip == nil {
		return
	}
	p.privateIPID, p.subnetID, p.holder = ip.ID.String(), ip.SubnetID.String(), ip.Holder().String()
	p.status, p.owner = ip.Status, ip.Owner
}

func (p *place) setPort(in *inventory.Snapshot, port *inventory.Port) {
	p.portID, p.status, p.networkID = port.ID.String(), port.Status, port.NetworkID.String()
	p.deviceID, p.owner = port.DeviceID.String(), port.Owner
	p.holder = in.PortHolder()(port).String()
}

func (p *place) setSubnet(in *inventory.Snapshot, s *inventory.Subnet) {
	if s == nil {
		return
	}
	p.subnetID, p.subnet, p.cidr = s.ID.String(), s.Name, s.Prefix.String()
	p.vpcID, p.vpc, p.networkID = s.VPCID.String(), inventory.Of[inventory.SubnetData](in).VPCNames()[s.VPCID], s.NetworkID.String()
	if s.Usage.Free != nil {
		p.free = *s.Usage.Free
	}
}

func (p *place) setServer(s *inventory.Server) {
	if s != nil {
		p.serverID, p.server, p.kind = s.ID.String(), s.Name, s.Kind()
	}
}

// printFound prints what was found: cards for people, rows for scripts. An
// address of which nothing is known has a row of its own; while a target could
// not be asked, whether somebody holds it is not known either.
func printFound(e *command.Env, r *table.Table, addresses []netip.Addr, found [][]located, incomplete bool, o table.Output) error {
	for i, a := range addresses {
		if len(found[i]) == 0 {
			p := place{address: a.String(), version: inventory.IPVersion(a), groups: inventory.Groups{}}
			if !incomplete {
				p.held = false
			}
			r.Rows = append(r.Rows, p.row())
		}
		for n := range found[i] {
			for _, p := range found[i][n].places() {
				r.Rows = append(r.Rows, p.row())
			}
		}
	}
	if o.Format != "table" && o.Format != "" {
		return e.Print(r, o)
	}
	return printCards(e, r, incomplete, o)
}
