package truth

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/metrictest"
)

// What must be published of a simulated cloud, worked out from what the cloud
// holds. Everything here is naive on purpose and shares nothing with the code
// that it judges.

// watched says how a cloud is watched.
type watched struct {
	cloud, project string            // labels
	ports          string            // apis.ports
	servers        string            // baremetal or all
	series         string            // series.ports
	publicSeries   string            // series.public_ips
	tags           map[string]string // of series.tags: label by name
	noAddresses    bool              // series.server_addresses: false
	narrowed       bool              // an administrator of OpenStack sees one project of several
	collectors     []string
}

func allCollectors(provider string) []string {
	all := []string{"subnets", "ports", "servers", "address_groups", "private_ips", "public_ips", "quotas"}
	if provider == simulator.OpenStack {
		all = slices.DeleteFunc(all, func(s string) bool { return s == "private_ips" })
	}
	return all
}

// expecting writes down the series that one target must have.
type expecting struct {
	watched
	want  metrictest.Series
	truth simtest.Truth
}

// expect is every series of the collectors' families, and the counts of the
// collectors themselves.
func expect(truth simtest.Truth, w watched) metrictest.Series {
	if w.collectors == nil {
		w.collectors = allCollectors(truth.Provider)
	}
	e := &expecting{want: metrictest.Series{}, watched: w, truth: truth}
	if w.ports == "workspace" { // it tells neither owners nor pairs
		e.truth.Ports = slices.Clone(truth.Ports)
		for i, p := range e.truth.Ports {
			e.truth.Ports[i].Owner, e.truth.Ports[i].Idle = "", p.Device == "" && p.Holder != "sub_interface"
		}
	}
	collectors := map[string]func() (items, skipped int){
		"subnets": e.subnets, "ports": e.ports_, "servers": e.servers_, "address_groups": e.groups, "private_ips": e.privateIPs, "public_ips": e.publicIPs, "quotas": e.quotas,
	}
	for _, name := range w.collectors {
		items, skipped := collectors[name]()
		e.add("cloudip_collector_success", 1, "collector", name)
		e.add("cloudip_collector_items", float64(items), "collector", name)
		e.add("cloudip_collector_skipped_items", float64(skipped), "collector", name)
	}
	return e.want
}

func (e *expecting) add(name string, value float64, labels ...string) {
	e.want[metrictest.Key(name, append(labels, "cloud", e.cloud, "project", e.project)...)] += value
}

// holder is the class of a port, as far as the collectors know it.
func (e *expecting) holder(p simtest.TruthPort) string {
	if p.Holder == "sub_interface" {
		return p.Holder
	}
	if e.ports == "workspace" {
		if p.Device != "" {
			return "other"
		}
		return "none"
	}
	if p.Holder == "baremetal" && strings.HasPrefix(p.Owner, "compute:") && !slices.Contains(e.collectors, "servers") {
		return "server" // nobody knows the server's kind
	}
	return p.Holder
}

func (e *expecting) huawei() bool { return e.truth.Provider != simulator.OpenStack }

// onPorts counts the addresses of a subnet on ports that match.
func (e *expecting) onPorts(s simtest.TruthSubnet, match func(simtest.TruthPort) bool) int {
	n := 0
	for _, p := range e.truth.Ports {
		for _, a := range p.Addresses {
			if a.SubnetID == s.ID && a.IPVersion == s.IPVersion && match(p) {
				n++
			}
		}
	}
	return n
}

func anyPort(simtest.TruthPort) bool { return true }

func cidrSize(cidr string) float64 {
	p := netip.MustParsePrefix(cidr)
	size := 1.0
	for range p.Addr().BitLen() - p.Bits() {
		size *= 2
	}
	return size
}

func (e *expecting) subnets() (items, skipped int) {
	ids := map[string]bool{}
	for _, s := range e.truth.Subnets {
		ids[s.ID] = true
		e.add("cloudip_subnet_info", 1, "subnet_id", s.ID, "ip_version", s.IPVersion, "subnet_name", s.Name, "cidr", s.CIDR,
			"vpc_id", s.VPCID, "vpc_name", s.VPCName, "network_id", s.NetworkID, "capacity_source", s.Source)
		e.subnetTags(s)
		put := func(what string, v float64) {
			e.add("cloudip_subnet_addresses_"+what, v, "subnet_id", s.ID, "ip_version", s.IPVersion)
		}
		used := s.Used
		if s.Source != "availability" {
			used = float64(e.onPorts(s, anyPort))
		}
		put("used", used)
		if s.Source == "none" {
			continue // neither capacity nor free nor reserved
		}
		capacity := *s.Capacity
		if s.Source == "estimate" {
			capacity = cidrSize(s.CIDR) - 5
		}
		put("capacity", capacity)
		put("free", *s.Free)
		if e.huawei() {
			put("reserved", cidrSize(s.CIDR)-capacity)
		}
	}
	for _, v := range e.truth.VPCs {
		e.add("cloudip_vpc_info", 1, "vpc_id", v.ID, "vpc_name", v.Name, "cidr", v.CIDR, "status", v.Status)
		if len(v.CIDRs) > 0 {
			taken := e.cidrs(func(s simtest.TruthSubnet) bool { return s.VPCID == v.ID && s.IPVersion == "4" })
			e.area("cloudip_vpc_", v.CIDRs, taken, "vpc_id", v.ID)
		}
	}
	for _, n := range e.truth.Networks {
		e.add("cloudip_network_info", 1, "network_id", n.ID, "network_name", n.Name, "external", fmt.Sprint(n.External), "shared", fmt.Sprint(n.Shared), "owner_id", n.OwnerID, "owner_name", n.OwnerName)
	}
	for _, p := range e.truth.SubnetPools {
		labels := []string{"subnet_pool_id", p.ID, "ip_version", p.IPVersion}
		e.add("cloudip_subnet_pool_info", 1, append(labels, "subnet_pool_name", p.Name)...)
		if !p.Hidden {
			e.area("cloudip_subnet_pool_", p.Prefixes, e.cidrs(func(s simtest.TruthSubnet) bool { return s.PoolID == p.ID }), labels...)
		}
	}
	return len(ids), 0
}

func (e *expecting) cidrs(of func(simtest.TruthSubnet) bool) (all []netip.Prefix) {
	for _, s := range e.truth.Subnets {
		if of(s) {
			all = append(all, netip.MustParsePrefix(s.CIDR))
		}
	}
	return all
}

// area is how much of some CIDRs, which do not overlap, is taken.
func (e *expecting) area(name string, cidrs []string, taken []netip.Prefix, labels ...string) {
	all, free, largest := 0.0, 0.0, 0.0
	for _, cidr := range cidrs {
		n, most := freeIn(netip.MustParsePrefix(cidr), taken)
		all, free, largest = all+cidrSize(cidr), free+n, max(largest, most)
	}
	e.add(name+"addresses", all, labels...)
	e.add(name+"addresses_unallocated", free, labels...)
	e.add(name+"largest_free_block_addresses", largest, labels...)
}

// freeIn halves a block until each half is free or taken as a whole.
func freeIn(block netip.Prefix, taken []netip.Prefix) (free, largest float64) {
	overlap := false
	for _, t := range taken {
		if t.Bits() <= block.Bits() && t.Contains(block.Addr()) {
			return 0, 0
		}
		overlap = overlap || block.Contains(t.Addr())
	}
	if !overlap {
		size := cidrSize(block.String())
		return size, size
	}
	lower := netip.PrefixFrom(block.Addr(), block.Bits()+1)
	upper := lower.Addr().AsSlice()
	upper[block.Bits()/8] |= 1 << (7 - block.Bits()%8)
	at, _ := netip.AddrFromSlice(upper)
	lowFree, lowMost := freeIn(lower, taken)
	upFree, upMost := freeIn(netip.PrefixFrom(at, lower.Bits()), taken)
	return lowFree + upFree, max(lowMost, upMost)
}

// subnetTags are labels: those without a value are "true", those that are missing "".
func (e *expecting) subnetTags(s simtest.TruthSubnet) {
	labels := []string{"subnet_id", s.ID, "ip_version", s.IPVersion}
	for name, label := range e.tags {
		value := ""
		for _, tag := range s.Tags {
			if tag.Key == name {
				value = cmp.Or(tag.Value, "true")
			}
		}
		labels = append(labels, label, value)
	}
	if len(e.tags) > 0 {
		e.add("cloudip_subnet_tags", 1, labels...)
	}
}

func (e *expecting) idle(p simtest.TruthPort) bool {
	return p.Idle && !(p.Pointed && slices.Contains(e.collectors, "public_ips"))
}

// unaccounted is what of the used addresses of a subnet is on no list. It is known where
// the cloud counts them and all ports can be seen.
func (e *expecting) unaccounted(s simtest.TruthSubnet) {
	if s.Shared || s.Source != "availability" || e.ports == "workspace" || e.narrowed || !slices.Contains(e.collectors, "subnets") {
		return
	}
	var all []simtest.TruthAddress
	for _, p := range e.truth.Ports {
		if !e.huawei() || p.Holder != "gateway" && p.Holder != "dhcp" {
			all = append(all, p.Addresses...)
		}
	}
	for _, i := range e.truth.SubInterfaces {
		all = append(all, i.Addresses...)
	}
	listed := map[string]bool{}
	for _, a := range all {
		if a.SubnetID == s.ID && a.IPVersion == s.IPVersion {
			listed[a.Address] = true
		}
	}
	for _, p := range e.truth.PrivateIPs {
		if p.Holder != "gateway" && p.Holder != "dhcp" && p.SubnetID == s.ID {
			listed[p.Address] = true
		}
	}
	e.add("cloudip_subnet_addresses_unaccounted", max(0, s.Used-float64(len(listed))), "subnet_id", s.ID, "ip_version", s.IPVersion)
}

// subInterfaces are held once, however many listings show them.
func (e *expecting) subInterfaces() {
	onPorts := map[string]bool{}
	for _, p := range e.truth.Ports {
		for _, a := range p.Addresses {
			onPorts[a.SubnetID+a.Address] = true
		}
	}
	for _, i := range e.truth.SubInterfaces {
		for _, a := range i.Addresses {
			if !onPorts[a.SubnetID+a.Address] {
				e.add("cloudip_subnet_addresses_held", 1, "subnet_id", a.SubnetID, "ip_version", a.IPVersion, "holder", "sub_interface")
			}
		}
	}
}

func (e *expecting) ports_() (items, skipped int) {
	for _, s := range e.truth.Subnets {
		e.add("cloudip_subnet_addresses_idle", float64(e.onPorts(s, e.idle)), "subnet_id", s.ID, "ip_version", s.IPVersion)
		e.unaccounted(s)
	}
	e.subInterfaces()
	for _, p := range e.truth.Ports {
		e.add("cloudip_ports", 1, "network_id", p.NetworkID, "status", p.Status, "holder", e.holder(p))
		for _, a := range p.Addresses {
			if a.SubnetID != "" {
				e.add("cloudip_subnet_addresses_held", 1, "subnet_id", a.SubnetID, "ip_version", a.IPVersion, "holder", e.holder(p))
			}
			if e.series == "all" || e.series == "down" && p.Status == "DOWN" || e.series == "idle" && e.idle(p) {
				unlisted := a.NeutronID // where no listing shows the subnet
				if e.huawei() {
					unlisted = p.NetworkID
				}
				e.add("cloudip_port_info", 1, "port_id", p.ID, "network_id", p.NetworkID, "subnet_id", cmp.Or(a.SubnetID, unlisted), "address", a.Address,
					"status", p.Status, "device_id", p.Device, "device_owner", p.Owner)
			}
		}
	}
	return len(e.truth.Ports), e.truth.Skipped["ports"]
}

func (e *expecting) servers_() (items, skipped int) {
	for _, s := range e.truth.Servers {
		if e.servers == "baremetal" && s.Kind != "baremetal" {
			continue
		}
		items++
		e.add("cloudip_servers", 1, "kind", s.Kind, "status", s.Status)
		e.add("cloudip_server_info", 1, "server_id", s.ID, "server_name", s.Name, "kind", s.Kind, "flavor", s.Flavor, "availability_zone", s.Zone)
		e.states("cloudip_server_status", "server_id", s.ID, s.Status, "ACTIVE", "BUILD", "ERROR", "HARD_REBOOT", "REBOOT", "REBUILD", "SHUTOFF")
		for _, version := range []string{"4", "6"} {
			e.add("cloudip_server_addresses", 0, "server_id", s.ID, "ip_version", version)
		}
		for _, a := range s.Addresses {
			e.add("cloudip_server_addresses", 1, "server_id", s.ID, "ip_version", a.IPVersion)
			if !e.noAddresses {
				e.add("cloudip_server_address_info", 1, "server_id", s.ID, "address", a.Address, "ip_version", a.IPVersion, "network", a.Network)
			}
		}
	}
	return items, e.truth.Skipped["servers"]
}

// states is a state set with the state that holds.
func (e *expecting) states(name, label, id, holds string, known ...string) {
	for _, s := range known {
		e.add(name, 0, label, id, "status", s)
	}
	e.add(name, 1, label, id, "status", holds)
}

func (e *expecting) groups() (items, skipped int) {
	for _, g := range e.truth.AddressGroups {
		id := g.ID
		for _, version := range g.Versions {
			e.add("cloudip_address_group_info", 1, "address_group_id", id, "address_group_name", g.Name, "ip_version", version)
			if version != "" {
				e.add("cloudip_address_group_addresses", g.Addresses[version], "address_group_id", id, "ip_version", version)
			}
		}
		e.add("cloudip_address_group_entries", float64(g.Entries), "address_group_id", id)
		e.add("cloudip_address_group_entries_redundant", float64(g.Redundant), "address_group_id", id)
		if !e.huawei() {
			continue
		}
		e.add("cloudip_address_group_entries_max", float64(*g.Max), "address_group_id", id)
		e.add("cloudip_address_group_updated_timestamp_seconds", g.Updated, "address_group_id", id)
		e.states("cloudip_address_group_status", "address_group_id", id, g.Status, "NORMAL", "UPDATING", "UPDATE_FAILED")
	}
	return len(e.truth.AddressGroups), e.truth.Skipped["address_groups"]
}

func (e *expecting) privateIPs() (items, skipped int) {
	for _, p := range e.truth.PrivateIPs {
		e.add("cloudip_private_ips", 1, "subnet_id", p.SubnetID, "status", p.Status, "holder", p.Holder)
	}
	return len(e.truth.PrivateIPs), 0
}

func (e *expecting) publicIPs() (items, skipped int) {
	for _, ip := range e.truth.PublicIPs {
		e.add("cloudip_public_ips", 1, "pool", ip.Pool, "status", ip.Status, "attached", fmt.Sprint(ip.Attached))
		if e.publicSeries == "all" || e.publicSeries == "unattached" && !ip.Attached {
			e.add("cloudip_public_ip_info", 1, "public_ip_id", ip.ID, "address", ip.Address, "pool", ip.Pool, "status", ip.Status,
				"port_id", ip.PortID, "private_address", ip.Private)
		}
	}
	for _, p := range e.truth.Pools {
		e.add("cloudip_public_ip_pool_addresses", p.Size, "pool", p.Name)
		e.add("cloudip_public_ip_pool_addresses_used", p.Used, "pool", p.Name)
	}
	return len(e.truth.PublicIPs), 0
}

func (e *expecting) quotas() (items, skipped int) {
	for _, q := range e.truth.Quotas {
		if q.ByTypeOnly { // the listing does not show it
			continue
		}
		items++
		e.add("cloudip_quota_used", q.Used, "resource", q.Resource)
		if q.Limit >= 0 {
			e.add("cloudip_quota_limit", q.Limit, "resource", q.Resource)
		}
		if q.Reserved >= 0 {
			e.add("cloudip_quota_reserved", q.Reserved, "resource", q.Resource)
		}
	}
	return items, 0
}
