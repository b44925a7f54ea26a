package inventory

import (
	"net/netip"
	"slices"
)

// AddressRow is the answer to a lookup for one place where an address is, or could
// be: a port, a private IP, or a subnet where it has none.
type AddressRow struct {
	Cloud, Project             string
	Address, IPVersion         string
	Held                       *bool // nil: not known
	SubnetID, SubnetName, CIDR string
	VPCID, VPCName, NetworkID  string
	Free                       *float64 // addresses left in the subnet; nil: not known
	PortID, Status             string
	DeviceID, DeviceOwner      string
	Holder                     string
	ServerID, ServerName, Kind string
	PrivateIPID                string
	AddressGroups              Groups
}

// AddressKeys are the keys of the values of an AddressRow.
func AddressKeys() []string {
	return []string{
		"cloud", "project", "address", "ip_version", "held", "subnet_id", "subnet_name", "cidr", "vpc_id", "vpc_name", "network_id", "free",
		"port_id", "status", "device_id", "device_owner", "holder", "server_id", "server_name", "kind", "private_ip_id", "address_groups",
	}
}

// Values returns the row in the order of AddressKeys.
func (r *AddressRow) Values() Row {
	return Row{
		r.Cloud, r.Project, r.Address, r.IPVersion, known(r.Held), r.SubnetID, r.SubnetName, r.CIDR, r.VPCID, r.VPCName, r.NetworkID, known(r.Free),
		r.PortID, r.Status, r.DeviceID, r.DeviceOwner, r.Holder, r.ServerID, r.ServerName, r.Kind, r.PrivateIPID, r.AddressGroups,
	}
}

// IsHeld reports whether somebody is known to hold the address in this place.
func (r *AddressRow) IsHeld() bool { return r.Held != nil && *r.Held }

// NewAddressRow returns the row of an address of which nothing else is known.
func NewAddressRow(a netip.Addr) AddressRow {
	return AddressRow{Address: a.String(), IPVersion: IPVersion(a), AddressGroups: Groups{}}
}

// Rows returns a row for each location of the address.
func (f *LookupResult) Rows() []AddressRow {
	holderOf, vpcNames := f.Snapshot.PortHolder(), Of[SubnetData](f.Snapshot).VPCNames()
	var all []AddressRow
	for _, at := range f.Locations() {
		r := NewAddressRow(f.Addr)
		r.Cloud, r.Project, r.Held = f.Snapshot.Cloud, f.Snapshot.Project, f.heldAt(&at)
		r.setPrivateIP(at.PrivateIP)
		if at.Port != nil {
			r.setPort(at.Port, holderOf(at.Port))
		}
		if at.Subnet != nil {
			r.setSubnet(at.Subnet, vpcNames[at.Subnet.VPCID])
		}
		if s := at.Server; s != nil {
			r.ServerID, r.ServerName, r.Kind = s.ID.String(), s.Name, s.Kind()
		}
		for _, g := range f.Groups {
			r.AddressGroups = append(r.AddressGroups, RowGroup{g.Group.ID.String(), g.Group.Name, entriesOf(g.Entries)})
		}
		all = append(all, r)
	}
	return all
}

// heldAt reports whether somebody holds the address there; nil: that is not known.
func (f *LookupResult) heldAt(at *Location) *bool {
	held := at.Held()
	if !held && at.Subnet != nil && (at.Subnet.PortsHidden || f.Unlisted[at.Subnet.ID] && f.Addr.Is4()) {
		return nil
	}
	return &held
}

// Unknown reports whether the address may be held by what could not be seen.
func (f *LookupResult) Unknown() bool {
	return slices.ContainsFunc(f.Locations(), func(at Location) bool { return f.heldAt(&at) == nil })
}

// setPrivateIP comes first: what a port and a subnet say of the same is better.
func (r *AddressRow) setPrivateIP(p *PrivateIP) {
	if p != nil {
		r.PrivateIPID, r.SubnetID, r.Holder = p.ID.String(), p.SubnetID.String(), p.Holder().String()
		r.Status, r.DeviceOwner = p.Status, p.Owner
	}
}

func (r *AddressRow) setPort(p *Port, holder Holder) {
	r.PortID, r.Status, r.NetworkID = p.ID.String(), p.Status, p.NetworkID.String()
	r.DeviceID, r.DeviceOwner, r.Holder = p.DeviceID.String(), p.Owner, holder.String()
}

func (r *AddressRow) setSubnet(s *Subnet, vpc string) {
	r.SubnetID, r.SubnetName, r.CIDR = s.ID.String(), s.Name, s.Prefix.String()
	r.VPCID, r.VPCName, r.NetworkID = s.VPCID.String(), vpc, s.NetworkID.String()
	r.Free = s.Usage.Free
}
