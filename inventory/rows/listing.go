// Package rows has every listing of a snapshot as keys and values. Tables, CSV, the
// JSON API and the pages only lay the rows out.
package rows

import (
	"iter"
	"math"
	"slices"
	"strings"

	"cloudip_exporter/inventory"
	"cloudip_exporter/text"
)

// Listing is one kind of thing in a snapshot as rows under keys.
type Listing struct {
	Name string   // in the API and on the command line
	Keys []string // the names of metric labels, and of figures
	Rows func(*inventory.Snapshot) iter.Seq[Row]
}

// Row has the values of one item in the order of its listing's keys: a string, an
// int, a float64, a bool, or one of Addresses, Entries, Groups and Counts. nil is
// a value that is not known.
type Row []any

// Listings returns all listings.
func Listings() []Listing {
	return []Listing{
		Subnets(nil),
		{"ports", portKeys(), portRows},
		{"servers", serverKeys(), serverRows},
		{"address-groups", addressGroupKeys(), addressGroupRows},
		{"private-ips", privateIPKeys(), privateIPRows},
		{"public-ips", publicIPKeys(), publicIPRows},
		{"vpcs", vpcKeys(), vpcRows},
		{"quotas", []string{"cloud", "project", "resource", "limit", "used", "reserved"}, quotaRows},
	}
}

// ListingNamed returns the listing with a name; its Rows are nil when there is none.
func ListingNamed(name string) Listing {
	for _, l := range Listings() {
		if l.Name == name {
			return l
		}
	}
	return Listing{}
}

// Collector is the name of the collector that fetches what the listing shows.
func (l *Listing) Collector() string {
	switch l.Name {
	case "idle":
		return inventory.PortData{}.Collector()
	case "vpcs", "free-prefixes":
		return inventory.SubnetData{}.Collector()
	}
	return strings.ReplaceAll(l.Name, "-", "_")
}

// Key returns the position of a key's value in a row, -1 when there is no such key.
func (l *Listing) Key(key string) int { return slices.Index(l.Keys, key) }

// Subnets returns the listing of subnets with a key tag_NAME for each of these tags.
func Subnets(tags []string) Listing {
	keys := []string{
		"cloud", "project", "subnet_id", "ip_version", "subnet_name", "cidr", "vpc_id", "vpc_name", "network_id",
		"network_name", "external", "shared", "owner_id", "owner_name",
		"capacity_source", "capacity", "used", "free", "used_ratio", "reserved", "idle", "held",
	}
	for _, tag := range tags {
		keys = append(keys, text.TagLabel(tag))
	}
	return Listing{"subnets", keys, func(snap *inventory.Snapshot) iter.Seq[Row] { return subnetRows(snap, tags) }}
}

// Tags returns the tags that the subnets of these snapshots were asked for.
func Tags(snaps []*inventory.Snapshot) (tags []string) {
	for _, snap := range snaps {
		for _, tag := range inventory.Of[inventory.SubnetData](snap).Tags {
			same := func(known string) bool { return text.TagLabel(known) == text.TagLabel(tag) }
			if !slices.ContainsFunc(tags, same) {
				tags = append(tags, tag)
			}
		}
	}
	return tags
}

// subnetRows has a row for each address family of a subnet. What is idle and who
// holds addresses is known where the ports are.
func subnetRows(snap *inventory.Snapshot, tags []string) iter.Seq[Row] {
	data := inventory.Of[inventory.SubnetData](snap)
	vpcs, usage, networks := data.VPCNames(), portUsage(snap), data.NetworkByID()
	return func(yield func(Row) bool) {
		for i := range data.Subnets {
			s := &data.Subnets[i]
			var idle, held any
			if u := usage[subnetFamily{s.ID, s.IPVersion()}]; u != nil {
				idle, held = u.Idle, heldBy(u)
			}
			row := Row{
				snap.Cloud, snap.Project, s.ID.String(), s.IPVersion(), s.Name, s.Prefix.String(), s.VPCID.String(), vpcs[s.VPCID], s.NetworkID.String(),
				nil, nil, nil, nil, nil,
				string(s.Usage.Source), known(s.Usage.Capacity), s.Usage.Used, known(s.Usage.Free), usedRatio(&s.Usage), known(s.Usage.Reserved), idle, held,
			}
			if n := networks[s.NetworkID]; n != nil {
				copy(row[9:], Row{n.Name, n.External, n.Shared, n.OwnerID.String(), n.OwnerName})
			}
			for _, tag := range tags {
				var value any
				if v, known := s.Tags[tag]; known {
					value = v
				}
				row = append(row, value)
			}
			if !yield(row) {
				return
			}
		}
	}
}

// usedRatio is the share of the capacity that is not free, 0 to 1; nil where
// there is no capacity.
func usedRatio(u *inventory.Usage) any {
	if u.Free == nil || u.Capacity == nil || *u.Capacity <= 0 {
		return nil
	}
	return math.Floor(1e4*(*u.Capacity-*u.Free) / *u.Capacity) / 1e4
}

// known returns a value, or nil when it is not known.
func known[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

type subnetFamily struct {
	id      inventory.ID
	version string
}

// portUsage returns what the collector "ports" counted for each subnet.
func portUsage(s *inventory.Snapshot) map[subnetFamily]*inventory.SubnetPortUsage {
	counted := s.PortUsage().Subnets
	bySubnet := make(map[subnetFamily]*inventory.SubnetPortUsage, len(counted))
	for i := range counted {
		u := &counted[i]
		bySubnet[subnetFamily{u.Subnet.ID, u.Subnet.IPVersion()}] = u
	}
	return bySubnet
}

func heldBy(u *inventory.SubnetPortUsage) Counts {
	counts := Counts{}
	for h := range inventory.Holders {
		if n := u.Held(h); n > 0 {
			counts[h.String()] = n
		}
	}
	return counts
}

func portKeys() []string {
	return []string{
		"cloud", "project", "port_id", "network_id", "subnet_id", "subnet_name", "address", "status", "device_id", "device_owner", "holder",
	}
}

// portRows has a row for each address of a port, and one for a port without
// address.
func portRows(snap *inventory.Snapshot) iter.Seq[Row] {
	subnets := snap.KnownSubnets()
	subnetOf, subnetID, holderOf := inventory.SubnetOf(subnets, snap.Provider), inventory.SubnetIDOf(subnets, snap.Provider), snap.PortHolder()
	return func(yield func(Row) bool) {
		for p := range inventory.Of[inventory.PortData](snap).Ports.All() {
			id, network, device, holder := p.ID.String(), p.NetworkID.String(), p.DeviceID.String(), holderOf(&p).String()
			row := func(subnet, name, address string) bool {
				return yield(Row{snap.Cloud, snap.Project, id, network, subnet, name, address, p.Status, device, p.Owner, holder})
			}
			if len(p.Fixed) == 0 && !row("", "", "") {
				return
			}
			for _, f := range p.Fixed {
				var name string
				if s := subnetOf(&p, f); s != nil {
					name = s.Name
				}
				if !row(subnetID(&p, f).String(), name, f.Addr.String()) {
					return
				}
			}
		}
	}
}

func serverKeys() []string {
	return []string{"cloud", "project", "server_id", "server_name", "kind", "status", "flavor", "availability_zone", "addresses"}
}

func serverRows(snap *inventory.Snapshot) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for _, s := range inventory.Of[inventory.ServerData](snap) {
			if !yield(Row{snap.Cloud, snap.Project, s.ID.String(), s.Name, s.Kind(), s.Status, s.Flavor, s.Zone, addressesOf(&s)}) {
				return
			}
		}
	}
}

func addressGroupKeys() []string {
	return []string{
		"cloud", "project", "address_group_id", "address_group_name", "ip_version", "status", "entries_max", "entries_redundant", "entries",
	}
}

// addressGroupRows has an ip_version of "" for groups of mixed families, and for
// empty ones where the cloud does not say.
func addressGroupRows(snap *inventory.Snapshot) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for _, g := range inventory.Of[inventory.AddressGroupData](snap) {
			facts := g.Facts()
			if !yield(Row{snap.Cloud, snap.Project, g.ID.String(), g.Name, g.IPVersion(&facts), g.Status, known(g.Max), facts.Redundant, entriesOf(g.Entries)}) {
				return
			}
		}
	}
}

func privateIPKeys() []string {
	return []string{"cloud", "project", "private_ip_id", "subnet_id", "subnet_name", "address", "status", "holder", "device_owner"}
}

func privateIPRows(snap *inventory.Snapshot) iter.Seq[Row] {
	names := make(map[inventory.ID]string)
	for _, s := range snap.KnownSubnets() {
		names[s.ID] = s.Name
	}
	return func(yield func(Row) bool) {
		for p := range inventory.Of[inventory.PrivateIPData](snap).IPs.All() {
			if !yield(Row{snap.Cloud, snap.Project, p.ID.String(), p.SubnetID.String(), names[p.SubnetID], p.Addr.String(), p.Status, p.Holder().String(), p.Owner}) {
				return
			}
		}
	}
}
