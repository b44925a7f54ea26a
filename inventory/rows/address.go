package rows

import (
	"net/netip"
	"slices"
	"strings"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
)

// Address is the answer to a lookup for one place where an address is, or could
// be: a port, a private IP, or a subnet where it has none.
type Address struct {
	Cloud, Project             string
	Address, IPVersion         string
	Held                       *bool // nil: not known
	SubnetID, SubnetName, CIDR string
	VPCID, VPCName             string
	NetworkID, NetworkName     string   // the name where the cloud has networks beside subnets
	Free                       *float64 // addresses left in the subnet; nil: not known
	PortID, Status             string
	DeviceID, DeviceOwner      string
	Holder                     string
	Used                       bool // by a device or a service's instance; no key of its own
	ServerID, ServerName, Kind string
	PrivateIPID                string
	PublicIPID, PublicAddress  string // of a public IP that is the address, or points at it
	PrivateAddress             string // at which that one points
	AddressGroups              Groups
	LastHolder                 string // of an address that nobody holds, where that is recorded
}

// AddressKeys are the keys of the values of an Address.
func AddressKeys() []string {
	return strings.Fields(`cloud project address ip_version held subnet_id subnet_name cidr vpc_id vpc_name network_id network_name free
		port_id status device_id device_owner holder server_id server_name kind private_ip_id address_groups last_holder
		public_ip_id public_address private_address`)
}

// Values returns the row in the order of AddressKeys.
func (r *Address) Values() Row {
	return Row{
		r.Cloud, r.Project, r.Address, r.IPVersion, known(r.Held), r.SubnetID, r.SubnetName, r.CIDR, r.VPCID, r.VPCName, r.NetworkID, r.NetworkName, known(r.Free),
		r.PortID, r.Status, r.DeviceID, r.DeviceOwner, r.Holder, r.ServerID, r.ServerName, r.Kind, r.PrivateIPID, r.AddressGroups, r.LastHolder,
		r.PublicIPID, r.PublicAddress, r.PrivateAddress,
	}
}

// IsHeld reports whether somebody is known to hold the address in this place.
func (r *Address) IsHeld() bool { return r.Held != nil && *r.Held }

// NewAddress returns the row of an address of which nothing else is known.
func NewAddress(a netip.Addr) Address {
	return Address{Address: a.String(), IPVersion: inventory.IPVersion(a), AddressGroups: Groups{}}
}

// Found returns a row for each location of the address.
func Found(f *inventory.LookupResult) []Address {
	data := inventory.Of[inventory.SubnetData](f.Snapshot)
	holderOf, vpcNames, networks := f.Snapshot.PortHolder(), data.VPCNames(), data.NetworkByID()
	var all []Address
	for _, at := range f.Locations() {
		r := NewAddress(f.Addr)
		r.Cloud, r.Project, r.Held = f.Snapshot.Cloud, f.Snapshot.Project, f.HeldAt(at)
		// What a port and a subnet say of the same as a public or a private IP is better.
		if p := at.PublicIP; p != nil {
			r.PublicIPID, r.PublicAddress, r.PrivateAddress, r.Status = p.ID.String(), space.AddrText(p.Addr), space.AddrText(p.Private), p.Status
		}
		if p := at.PrivateIP; p != nil {
			r.PrivateIPID, r.SubnetID, r.Holder = p.ID.String(), p.SubnetID.String(), p.Holder().String()
			r.Status, r.DeviceOwner = p.Status, p.Owner
		}
		if p := at.Port; p != nil {
			r.PortID, r.Status, r.NetworkID = p.ID.String(), p.Status, p.NetworkID.String()
			r.DeviceID, r.DeviceOwner, r.Holder = p.DeviceID.String(), p.Owner, holderOf(p).String()
			r.Used = p.Instance || r.DeviceID != ""
			if i := slices.IndexFunc(p.Fixed, func(fixed inventory.FixedIP) bool { return fixed.Addr.Unmap() == f.Addr }); i >= 0 { // of one that no listing shows
				r.SubnetID = inventory.SubnetIDOf(nil, f.Snapshot.Provider)(p, p.Fixed[i]).String()
			}
		}
		if s := at.Subnet; s != nil {
			r.SubnetID, r.SubnetName, r.CIDR, r.Free = s.ID.String(), s.Name, s.Prefix.String(), s.Usage.Free
			r.VPCID, r.VPCName, r.NetworkID = s.VPCID.String(), vpcNames[s.VPCID], s.NetworkID.String()
		}
		if n := networks[inventory.ParseID(r.NetworkID)]; n != nil {
			r.NetworkName = n.Name
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

// Headline says in a few words who holds the address in this place.
func (r *Address) Headline() string {
	switch {
	case r.Held == nil && r.SubnetID == "":
		return "not known: not every target could be asked"
	case r.Held == nil:
		return "not known: not everything in this subnet can be seen"
	case !*r.Held && r.SubnetID == "":
		return "held by nobody; no known subnet contains it"
	case !*r.Held && r.Free != nil && *r.Free == 0:
		return "on no port, but the subnet has no address left"
	case !*r.Held:
		return "held by nobody"
	case r.ServerName != "":
		return "held by " + r.Kind + " server " + r.ServerName
	case r.PublicIPID != "" && r.PortID == "":
		return "a public IP of this project"
	case r.Holder == "none" && r.PublicIPID != "":
		return "held by a port at which a public IP points"
	case r.Holder == "none" && !r.Used:
		return "reserved, used by nothing"
	case !slices.Contains([]string{"", "other", "none"}, r.Holder):
		return "held by " + HolderName(r.Holder)
	case r.DeviceOwner != "":
		return "held by " + r.DeviceOwner
	}
	return "held by something unknown"
}

// HolderName returns a class of holders in words.
func HolderName(class string) string {
	switch class {
	case "baremetal":
		return "bare metal"
	case "vip", "nat", "dhcp":
		return strings.ToUpper(class)
	}
	return strings.ReplaceAll(class, "_", " ")
}
