package cli

import (
	"fmt"
	"strings"

	"cloudip_exporter/cli/privateip"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory"
)

// listing is how one resource is shown: its columns after cloud and project,
// the rows of a snapshot, and their order unless another is asked for.
type listing struct {
	resource string
	columns  []table.Column
	sort     []string
	paint    func(row []any) table.Style
	rows     func(snap *inventory.Snapshot, emit func(row ...any))
	with     []string // other collectors, whose data the rows are joined with as far as there is any
}

// collector is the name of the collector that fetches the resource.
func (v *listing) collector() string { return strings.ReplaceAll(v.resource, "-", "_") }

func listings() []listing {
	return []listing{subnetListing(), portListing(), serverListing(), addressGroupListing(), privateIPListing()}
}

func withTarget(columns ...table.Column) []table.Column {
	return append([]table.Column{{Key: "cloud"}, {Key: "project"}}, columns...)
}

func subnetListing() listing {
	l := listing{
		resource: "subnets",
		columns: withTarget(table.Column{Key: "subnet_name"}, table.Column{Key: "cidr"}, table.Column{Key: "ip_version", Wide: true},
			table.Column{Key: "capacity", Right: true}, table.Column{Key: "used", Right: true}, table.Column{Key: "free", Right: true},
			table.Column{Key: "reserved", Right: true, Wide: true}, table.Column{Key: "capacity_source", Wide: true}, table.Column{Key: "subnet_id"},
			table.Column{Key: "network_id", Wide: true}, table.Column{Key: "vpc_id", Wide: true}, table.Column{Key: "vpc_name", Wide: true}),
		sort: []string{"free", "subnet_name", "subnet_id"}, // what runs out first comes first
		rows: subnetRows,
	}
	capacity, free := 5, 7
	l.paint = func(row []any) table.Style { return urgency(row[capacity], row[free]) }
	return l
}

// urgency colours a subnet of which a twentieth, or a tenth, is left.
func urgency(capacity, free any) table.Style {
	c, known := table.Figure(capacity)
	f, left := table.Figure(free)
	switch {
	case !known || !left:
		return table.Plain
	case f <= c/20:
		return table.Red
	case f <= c/10:
		return table.Yellow
	}
	return table.Plain
}

func subnetRows(snap *inventory.Snapshot, emit func(row ...any)) {
	data := inventory.Of[inventory.SubnetData](snap)
	vpcs := data.VPCNames()
	for i := range data.Subnets {
		s := &data.Subnets[i]
		u := &s.Usage
		emit(s.Name, s.Prefix.String(), s.IPVersion(), known(u.Capacity), u.Used, known(u.Free), known(u.Reserved),
			string(u.Source), s.ID.String(), s.NetworkID.String(), s.VPCID.String(), vpcs[s.VPCID])
	}
}

// known is a figure as a cell: nil when it is not known.
func known[T int | float64](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

func portListing() listing {
	return listing{
		resource: "ports",
		columns: withTarget(table.Column{Key: "address"}, table.Column{Key: "subnet_name"}, table.Column{Key: "status"}, table.Column{Key: "holder"},
			table.Column{Key: "device_id"}, table.Column{Key: "device_owner", Wide: true}, table.Column{Key: "port_id", Wide: true},
			table.Column{Key: "subnet_id", Wide: true}, table.Column{Key: "network_id", Wide: true}),
		sort: []string{"address", "port_id"},
		rows: portRows,
		with: []string{"servers"}, // which of them are bare metal
	}
}

// portRows emits a row for each address, and one for a port without.
func portRows(snap *inventory.Snapshot, emit func(row ...any)) {
	data := inventory.Of[inventory.PortData](snap)
	subnetOf, holderOf := inventory.SubnetOf(snap.KnownSubnets(), snap.Provider), snap.PortHolder()
	for p := range data.Ports.All() {
		row := func(address, subnet, subnetID string) {
			emit(address, subnet, p.Status, holderOf(&p).String(), p.DeviceID.String(), p.Owner,
				p.ID.String(), subnetID, p.NetworkID.String())
		}
		if len(p.Fixed) == 0 {
			row("", "", "")
		}
		for _, f := range p.Fixed {
			if s := subnetOf(&p, f); s != nil {
				row(f.Addr.String(), s.Name, s.ID.String())
			} else {
				row(f.Addr.String(), "", f.SubnetID.String())
			}
		}
	}
}

func serverListing() listing {
	return listing{
		resource: "servers",
		columns: withTarget(table.Column{Key: "server_name"}, table.Column{Key: "kind"}, table.Column{Key: "status"}, table.Column{Key: "addresses"},
			table.Column{Key: "flavor", Wide: true}, table.Column{Key: "availability_zone", Wide: true}, table.Column{Key: "server_id"}),
		sort: []string{"server_name", "server_id"},
		rows: func(snap *inventory.Snapshot, emit func(row ...any)) {
			servers := inventory.Of[inventory.ServerData](snap)
			for i := range servers {
				s := &servers[i]
				emit(s.Name, s.Kind(), s.Status, addressesOf(s), s.Flavor, s.Zone, s.ID.String())
			}
		},
	}
}

type serverAddress struct {
	Address   string `json:"address"`
	IPVersion string `json:"ip_version"`
	Network   string `json:"network"`
}

type serverAddresses []serverAddress

// String is the addresses as a table or CSV cell shows them.
func (a serverAddresses) String() string {
	var texts []string
	for _, one := range a {
		texts = append(texts, one.Address)
	}
	return strings.Join(texts, " ")
}

func addressesOf(s *inventory.Server) serverAddresses {
	all := serverAddresses{}
	for _, a := range s.Addresses {
		all = append(all, serverAddress{a.Addr.String(), inventory.IPVersion(a.Addr), a.Network})
	}
	return all
}

func addressGroupListing() listing {
	entries := table.Column{Key: "entries", Right: true, Short: func(cell any) string {
		if c, ok := cell.(entryCells); ok {
			return fmt.Sprint(len(c))
		}
		return ""
	}}
	return listing{
		resource: "address-groups",
		columns: withTarget(table.Column{Key: "address_group_name", Title: "name"}, table.Column{Key: "ip_version", Title: "ip"}, table.Column{Key: "status"}, entries,
			table.Column{Key: "entries_max", Title: "max", Right: true}, table.Column{Key: "entries_redundant", Title: "redundant", Right: true}, table.Column{Key: "address_group_id"}),
		sort: []string{"address_group_name", "address_group_id"},
		rows: func(snap *inventory.Snapshot, emit func(row ...any)) {
			groups := inventory.Of[inventory.AddressGroupData](snap)
			for i := range groups {
				g := &groups[i]
				facts := g.Facts()
				emit(g.Name, g.IPVersion(&facts), g.Status, entriesOf(g), known(g.Max), facts.Redundant, g.ID.String())
			}
		},
	}
}

func entriesOf(g *inventory.AddressGroup) entryCells {
	all := entryCells{}
	for _, e := range g.Entries {
		all = append(all, entryCell{e.Text, e.Remarks})
	}
	return all
}

func privateIPListing() listing {
	return listing{
		resource: "private-ips",
		columns:  privateip.Columns(),
		sort:     []string{"address", "private_ip_id"},
		rows: func(snap *inventory.Snapshot, emit func(row ...any)) {
			var r table.Table
			privateip.AddRows(&r, "", "", inventory.Of[inventory.PrivateIPData](snap).IPs.All(), snap.KnownSubnets())
			for _, row := range r.Rows {
				emit(row[2:]...)
			}
		},
	}
}
