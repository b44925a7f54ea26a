// Package rows has every listing of a snapshot as keys and values. Tables, CSV, the
// JSON API and the pages only lay the rows out.
package rows

import (
	"iter"
	"math"
	"slices"
	"strings"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/text"
)

// Listing is one kind of thing in a snapshot as rows under keys.
type Listing struct {
	Name      string   // in the API and on the command line
	Collector string   // that fetches what it shows
	IDs       []string // the keys that identify an item of a target
	Keys      []string // the names of metric labels, and of figures
	Rows      func(*inventory.Snapshot) iter.Seq[Row]
}

// Row has the values of one item in the order of its listing's keys: a string, an
// int, a float64, a bool, or one of Addresses, Entries, Groups and Counts. nil is
// a value that is not known.
type Row = []any

// New returns a listing of things of a target. ids and keys are words.
func New(name, collector, ids, keys string, rows func(*inventory.Snapshot) iter.Seq[Row]) Listing {
	return Listing{name, collector, strings.Fields(ids), strings.Fields("cloud project " + keys), rows}
}

// Listings returns all listings.
func Listings() []Listing {
	return []Listing{
		Subnets(nil),
		New("ports", "ports", "port_id address", "port_id network_id network_name subnet_id subnet_name address status device_id device_owner holder", portRows),
		New("servers", "servers", "server_id", "server_id server_name kind status flavor availability_zone addresses", serverRows),
		New("address-groups", "address_groups", "address_group_id",
			"address_group_id address_group_name ip_version status entries_max entries_redundant entries", addressGroupRows),
		New("private-ips", "private_ips", "private_ip_id", "private_ip_id subnet_id subnet_name address status holder device_owner", privateIPRows),
		New("public-ips", "public_ips", "public_ip_id", "public_ip_id address status attached private_address port_id pool", publicIPRows),
		New("vpcs", "subnets", "vpc_id", "vpc_id vpc_name cidr secondary_cidrs status subnets addresses unallocated largest_free_block", vpcRows),
		New("quotas", "quotas", "resource", "resource limit used reserved", quotaRows),
	}
}

// ListingNamed returns the listing with a name, which must be one of Listings.
func ListingNamed(name string) Listing {
	all := Listings()
	return all[slices.IndexFunc(all, func(l Listing) bool { return l.Name == name })]
}

// Key returns the position of a key's value in a row, -1 when there is no such key.
func (l *Listing) Key(key string) int { return slices.Index(l.Keys, key) }

// each returns a row for each item: the target, then its values.
func each[T any](snap *inventory.Snapshot, items iter.Seq[T], values func(T) Row) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for item := range items {
			if !yield(append(Row{snap.Cloud, snap.Project}, values(item)...)) {
				return
			}
		}
	}
}

// Where goes over what fits.
func Where[T any](all iter.Seq[T], fits func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for one := range all {
			if fits(one) && !yield(one) {
				return
			}
		}
	}
}

// Of goes over the rows of several snapshots.
func (l *Listing) Of(snaps []*inventory.Snapshot) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for _, snap := range snaps {
			for row := range l.Rows(snap) {
				if !yield(row) {
					return
				}
			}
		}
	}
}

// Subnets returns the listing of subnets with a key tag_NAME for each of these tags.
func Subnets(tags []string) Listing {
	l := New("subnets", "subnets", "subnet_id ip_version", `subnet_id ip_version subnet_name cidr vpc_id vpc_name network_id
		network_name external shared owner_id owner_name
		capacity_source capacity used free used_ratio reserved idle held`, func(snap *inventory.Snapshot) iter.Seq[Row] { return subnetRows(snap, tags) })
	for _, tag := range tags {
		l.Keys = append(l.Keys, text.TagLabel(tag))
	}
	return l
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
	return each(snap, slices.Values(data.Subnets), func(s inventory.Subnet) Row {
		row := Row{
			s.ID.String(), s.IPVersion(), s.Name, s.Prefix.String(), s.VPCID.String(), vpcs[s.VPCID], s.NetworkID.String(),
			nil, nil, nil, nil, nil,
			string(s.Usage.Source), known(s.Usage.Capacity), s.Usage.Used, known(s.Usage.Free), UsedRatio(&s.Usage), known(s.Usage.Reserved), nil, nil,
		}
		if n := networks[s.NetworkID]; n != nil {
			copy(row[7:], Row{n.Name, n.External, n.Shared, n.OwnerID.String(), n.OwnerName})
		}
		if u := usage[subnetFamily{s.ID, s.IPVersion()}]; u != nil {
			copy(row[18:], Row{u.Idle, heldBy(u)})
		}
		for _, tag := range tags {
			var value any
			if v, known := s.Tags[tag]; known {
				value = v
			}
			row = append(row, value)
		}
		return row
	})
}

// UsedRatio is the share of the capacity that is not free, 0 to 1; nil where it is not
// known.
func UsedRatio(u *inventory.Usage) any {
	if u.Free == nil || u.Capacity == nil || *u.Capacity <= 0 {
		return nil
	}
	return math.Floor(1e4*max(0, *u.Capacity-*u.Free) / *u.Capacity) / 1e4
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

// portRows has a row for each address of a port, and one for a port without
// address.
func portRows(snap *inventory.Snapshot) iter.Seq[Row] {
	subnets, networks := snap.KnownSubnets(), inventory.Of[inventory.SubnetData](snap).NetworkByID()
	subnetOf, subnetID, holderOf := inventory.SubnetOf(subnets, snap.Provider), inventory.SubnetIDOf(subnets, snap.Provider), snap.PortHolder()
	return func(yield func(Row) bool) {
		var p inventory.Port // one for all: functions take its address, and each would be allocated
		for p = range inventory.Of[inventory.PortData](snap).Ports.All() {
			id, network, device, holder, networkName := p.ID.String(), p.NetworkID.String(), p.DeviceID.String(), holderOf(&p).String(), ""
			if n := networks[p.NetworkID]; n != nil {
				networkName = n.Name
			}
			row := func(subnet, name, address string) bool {
				return yield(Row{snap.Cloud, snap.Project, id, network, networkName, subnet, name, address, p.Status, device, p.Owner, holder})
			}
			if len(p.Fixed) == 0 && !row("", "", "") {
				return
			}
			for _, f := range p.Fixed {
				if !row(subnetID(&p, f).String(), nameOf(subnetOf(&p, f)), f.Addr.String()) {
					return
				}
			}
		}
	}
}

func nameOf(s *inventory.Subnet) string {
	if s == nil {
		return ""
	}
	return s.Name
}

func serverRows(snap *inventory.Snapshot) iter.Seq[Row] {
	return each(snap, slices.Values(inventory.Of[inventory.ServerData](snap)), func(s inventory.Server) Row {
		return Row{s.ID.String(), s.Name, s.Kind(), s.Status, s.Flavor, s.Zone, addressesOf(&s)}
	})
}

// addressGroupRows has an ip_version of "" for groups of mixed families, and for
// empty ones where the cloud does not say.
func addressGroupRows(snap *inventory.Snapshot) iter.Seq[Row] {
	return each(snap, slices.Values(inventory.Of[inventory.AddressGroupData](snap)), func(g inventory.AddressGroup) Row {
		facts := g.Facts()
		return Row{g.ID.String(), g.Name, facts.IPVersion(), g.Status, known(g.Max), facts.Redundant, entriesOf(g.Entries)}
	})
}

func privateIPRows(snap *inventory.Snapshot) iter.Seq[Row] {
	names := make(map[inventory.ID]string)
	for _, s := range snap.KnownSubnets() {
		names[s.ID] = s.Name
	}
	return each(snap, inventory.Of[inventory.PrivateIPData](snap).IPs.All(), func(p inventory.PrivateIP) Row {
		return Row{p.ID.String(), p.SubnetID.String(), names[p.SubnetID], p.Addr.String(), p.Status, p.Holder().String(), p.Owner}
	})
}

// publicIPRows has a row for each EIP or floating IP, with the private address and the
// port at which it points.
func publicIPRows(snap *inventory.Snapshot) iter.Seq[Row] {
	return each(snap, slices.Values(inventory.Of[inventory.PublicIPData](snap).IPs), func(ip inventory.PublicIP) Row {
		return Row{ip.ID.String(), space.AddrText(ip.Addr), ip.Status, ip.Attached, space.AddrText(ip.Private), ip.PortID.String(), ip.Pool}
	})
}

// quotaRows has a row for each quota. A limit that is not known is none, too.
func quotaRows(snap *inventory.Snapshot) iter.Seq[Row] {
	figure := func(n float64) any {
		if n < 0 {
			return nil
		}
		return n
	}
	return each(snap, slices.Values(inventory.Of[inventory.QuotaData](snap)), func(q inventory.Quota) Row {
		return Row{q.Resource, figure(q.Limit), figure(q.Used), figure(q.Reserved)}
	})
}
