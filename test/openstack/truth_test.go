//go:build e2e

// Package openstack compares the exporter with a real OpenStack: it reads the
// truth by plain REST of its own, sharing no code with the exporter, and holds
// every published number against it. Run it with `make e2e-openstack`; it
// takes the cloud that OS_CLOUD names in clouds.yaml.
package openstack

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/metrictest"
)

type subnet struct {
	ID, Name, CIDR  string
	NetworkID       string                            `json:"network_id"`
	PoolID          string                            `json:"subnetpool_id"`
	IPVersion       int                               `json:"ip_version"`
	AllocationPools []struct{ Start, End netip.Addr } `json:"allocation_pools"`
}

type port struct {
	ID, Status  string
	NetworkID   string `json:"network_id"`
	DeviceID    string `json:"device_id"`
	DeviceOwner string `json:"device_owner"`
	FixedIPs    []struct {
		SubnetID  string `json:"subnet_id"`
		IPAddress string `json:"ip_address"`
	} `json:"fixed_ips"`
	Pairs []struct {
		IPAddress string `json:"ip_address"`
	} `json:"allowed_address_pairs"`
}

type availability struct {
	NetworkID string `json:"network_id"`
	Subnets   []struct {
		SubnetID  string      `json:"subnet_id"`
		TotalIPs  json.Number `json:"total_ips"`
		UsedIPs   json.Number `json:"used_ips"`
		IPVersion int         `json:"ip_version"`
	} `json:"subnet_ip_availability"`
}

type server struct {
	ID, Name, Status string
	Addresses        map[string][]struct{ Addr string }
	Flavor           struct{ ID string }
	Zone             string `json:"OS-EXT-AZ:availability_zone"`
}

type group struct {
	ID, Name  string
	Addresses []string
}

// truth is every series that must be published, by name and sorted labels
// (without cloud and project), computed from the cloud's own answers.
type truth struct {
	series map[string]float64
	counts map[string]int
}

func (tr *truth) add(v float64, name string, labels ...string) {
	tr.series[key(name, labels...)] += v
}

// cut is the first 128 bytes of a label's value, whole characters.
func cut(value string) string {
	for len(value) > 128 {
		_, last := utf8.DecodeLastRuneInString(value)
		value = value[:len(value)-last]
	}
	return value
}

// key is the key of a series; labels are written name=value.
func key(name string, labels ...string) string {
	var pairs []string
	for _, label := range labels {
		name, value, _ := strings.Cut(label, "=")
		pairs = append(pairs, name, cut(value))
	}
	return metrictest.Key(name, pairs...)
}

func readTruth(s *session) *truth {
	tr := &truth{series: map[string]float64{}, counts: map[string]int{}}
	subnets := list(s, "network", "/v2.0/subnets", "subnets", nil, func(v subnet) string { return v.ID })
	ports := list(s, "network", "/v2.0/ports", "ports", nil, func(v port) string { return v.ID })
	addresses := tr.ports(subnets, ports, tr.floatingIPs(s))
	tr.subnets(s, subnets, ports, addresses)
	tr.servers(s, ports)
	tr.networks(s)
	tr.subnetPools(s, subnets)
	tr.groups(s)
	tr.quotas(s)
	tr.counts["subnets"], tr.counts["ports"] = len(subnets), len(ports)
	for collector, items := range map[string]string{"subnets": "subnets", "ports": "ports", "servers": "servers", "address_groups": "address groups", "public_ips": "floating IPs", "quotas": "quotas"} {
		tr.add(float64(tr.counts[items]), "cloudip_collector_items", "collector="+collector)
		tr.add(0, "cloudip_collector_skipped_items", "collector="+collector)
		tr.add(1, "cloudip_collector_success", "collector="+collector)
	}
	return tr
}

func (tr *truth) ports(subnets []subnet, ports []port, pointed map[string]bool) (addresses map[string]float64) {
	version := map[string]string{}
	for _, s := range subnets {
		version[s.ID] = fmt.Sprint(s.IPVersion)
		tr.add(0, "cloudip_subnet_addresses_idle", "ip_version="+version[s.ID], "subnet_id="+s.ID)
	}
	addresses = map[string]float64{}
	named := map[[2]string]bool{} // network and address that a port in use names as a pair
	for _, p := range ports {
		for _, pair := range p.Pairs {
			if p.DeviceID != "" || p.DeviceOwner != "" {
				named[[2]string{p.NetworkID, pair.IPAddress}] = true
			}
		}
	}
	for _, p := range ports {
		h, idle := simtest.HolderOf(p.DeviceOwner), p.DeviceID == "" && p.DeviceOwner == ""
		for _, f := range p.FixedIPs {
			if idle && named[[2]string{p.NetworkID, f.IPAddress}] {
				h, idle = "vip", false
				tr.counts["virtual IPs"]++
			}
		}
		idle = idle && !pointed[p.ID]
		tr.add(1, "cloudip_ports", "holder="+h, "network_id="+p.NetworkID, "status="+p.Status)
		for _, f := range p.FixedIPs {
			v, known := version[f.SubnetID]
			if !known {
				continue
			}
			addresses[f.SubnetID]++
			tr.add(1, "cloudip_subnet_addresses_held", "holder="+h, "ip_version="+v, "subnet_id="+f.SubnetID)
			if idle {
				tr.add(1, "cloudip_subnet_addresses_idle", "ip_version="+v, "subnet_id="+f.SubnetID)
			}
		}
	}
	return addresses
}

// floatingIPs are the public IPs of OpenStack. It returns the ports at which they point.
func (tr *truth) floatingIPs(s *session) map[string]bool {
	type floatingIP struct {
		ID, Status string
		Network    string     `json:"floating_network_id"`
		PortID     string     `json:"port_id"`
		Forwards   []struct{} `json:"port_forwardings"`
	}
	all, pointed := list(s, "network", "/v2.0/floatingips", "floatingips", nil, func(v floatingIP) string { return v.ID }), map[string]bool{}
	tr.counts["floating IPs"] = len(all)
	for _, v := range all {
		pointed[v.PortID] = true
		tr.add(1, "cloudip_public_ips", fmt.Sprintf("attached=%t", v.PortID != "" || len(v.Forwards) > 0), "pool="+v.Network, "status="+v.Status)
	}
	return pointed
}

func (tr *truth) networks(s *session) {
	type network struct {
		ID, Name string
		External bool `json:"router:external"`
		Shared   bool
		Owner    string `json:"project_id"`
	}
	type project struct{ ID, Name string }
	names := map[string]string{}
	path := "/auth/projects" // those of the own login
	if s.admin {
		path = "/projects"
	}
	var answer struct{ Projects []project }
	s.get("identity", path, nil, &answer)
	for _, p := range answer.Projects {
		names[p.ID] = p.Name
	}
	for _, n := range list(s, "network", "/v2.0/networks", "networks", nil, func(v network) string { return v.ID }) {
		tr.add(1, "cloudip_network_info", fmt.Sprintf("external=%t", n.External), "network_id="+n.ID, "network_name="+n.Name,
			"owner_id="+n.Owner, "owner_name="+names[n.Owner], fmt.Sprintf("shared=%t", n.Shared))
	}
}

// subnetPools measures the pools of which all subnets can be seen, by trying every block.
func (tr *truth) subnetPools(s *session, subnets []subnet) {
	type subnetPool struct {
		ID, Name  string
		Shared    bool
		Owner     string `json:"project_id"`
		IPVersion int    `json:"ip_version"`
		Prefixes  []netip.Prefix
	}
	for _, p := range list(s, "network", "/v2.0/subnetpools", "subnetpools", nil, func(v subnetPool) string { return v.ID }) {
		v := fmt.Sprint(p.IPVersion)
		labels := []string{"ip_version=" + v, "subnet_pool_id=" + p.ID}
		tr.add(1, "cloudip_subnet_pool_info", labels[0], labels[1], "subnet_pool_name="+p.Name)
		if !s.admin && (p.Shared || p.Owner != s.projectID) {
			continue
		}
		size := func(prefix netip.Prefix) float64 { return math.Exp2(float64(prefix.Addr().BitLen() - prefix.Bits())) }
		var all, taken, largest float64
		var cut []netip.Prefix
		for _, n := range subnets {
			if n.PoolID == p.ID {
				cut = append(cut, netip.MustParsePrefix(n.CIDR))
				taken += size(cut[len(cut)-1])
			}
		}
		for _, prefix := range p.Prefixes {
			all += size(prefix)
			for bits := prefix.Bits(); bits <= min(prefix.Bits()+12, prefix.Addr().BitLen()); bits++ {
				for b := netip.PrefixFrom(prefix.Addr(), bits); prefix.Contains(b.Addr()); b = after(b) {
					if !slices.ContainsFunc(cut, b.Overlaps) {
						largest = max(largest, size(b))
					}
				}
			}
		}
		tr.add(all, "cloudip_subnet_pool_addresses", labels...)
		tr.add(all-taken, "cloudip_subnet_pool_addresses_unallocated", labels...)
		tr.add(largest, "cloudip_subnet_pool_largest_free_block_addresses", labels...)
	}
}

// after is the block of the same size after b.
func after(b netip.Prefix) netip.Prefix {
	n := new(big.Int).SetBytes(b.Addr().AsSlice())
	n.Add(n, new(big.Int).Lsh(big.NewInt(1), uint(b.Addr().BitLen()-b.Bits())))
	next, _ := netip.AddrFromSlice(n.FillBytes(make([]byte, b.Addr().BitLen()/8)))
	return netip.PrefixFrom(next, b.Bits())
}

func (tr *truth) subnets(s *session, subnets []subnet, ports []port, onPorts map[string]float64) {
	inPools := map[string]float64{} // addresses on ports that are in an allocation pool
	for _, sn := range subnets {
		for _, p := range ports {
			for _, f := range p.FixedIPs {
				if f.SubnetID == sn.ID && sn.inPool(netip.MustParseAddr(f.IPAddress)) {
					inPools[sn.ID]++
				}
			}
		}
	}
	total, used := map[string]string{}, map[string]string{}
	for _, a := range list(s, "network", "/v2.0/network-ip-availabilities", "network_ip_availabilities", nil, func(v availability) string { return v.NetworkID }) {
		for _, v := range a.Subnets {
			total[v.SubnetID], used[v.SubnetID] = v.TotalIPs.String(), v.UsedIPs.String()
		}
	}
	tr.counts["subnets with availability"] = len(total)
	for _, sn := range subnets {
		v := fmt.Sprint(sn.IPVersion)
		labels := []string{"ip_version=" + v, "subnet_id=" + sn.ID}
		capacity, have := new(big.Float).SetString(total[sn.ID])
		taken, source := new(big.Float), "availability"
		if have {
			taken, _ = taken.SetString(used[sn.ID])
		} else {
			source, capacity, taken = "allocation_pool", poolSize(sn), big.NewFloat(onPorts[sn.ID])
		}
		free := new(big.Float).Sub(poolSize(sn), big.NewFloat(inPools[sn.ID]))
		if unseen := new(big.Float).Sub(taken, big.NewFloat(onPorts[sn.ID])); unseen.Sign() > 0 {
			free.Sub(free, unseen)
		}
		if free.Sign() < 0 {
			free = new(big.Float)
		}
		c, _ := capacity.Float64()
		u, _ := taken.Float64()
		f, _ := free.Float64()
		tr.add(c, "cloudip_subnet_addresses_capacity", labels...)
		tr.add(u, "cloudip_subnet_addresses_used", labels...)
		tr.add(f, "cloudip_subnet_addresses_free", labels...)
		tr.add(1, "cloudip_subnet_info", "capacity_source="+source, "cidr="+sn.CIDR, "ip_version="+v,
			"network_id="+sn.NetworkID, "subnet_id="+sn.ID, "subnet_name="+sn.Name, "vpc_id=", "vpc_name=")
	}
}

func (s subnet) inPool(a netip.Addr) bool {
	for _, p := range s.AllocationPools {
		if p.Start.Compare(a) <= 0 && a.Compare(p.End) <= 0 {
			return true
		}
	}
	return false
}

func poolSize(s subnet) *big.Float {
	sum := new(big.Int)
	for _, p := range s.AllocationPools {
		n := new(big.Int).Sub(new(big.Int).SetBytes(p.End.AsSlice()), new(big.Int).SetBytes(p.Start.AsSlice()))
		sum.Add(sum, n.Add(n, big.NewInt(1)))
	}
	return new(big.Float).SetInt(sum)
}

func (tr *truth) servers(s *session, ports []port) {
	kind := map[string]string{} // by id; "" is virtual
	for _, p := range ports {
		if strings.HasPrefix(p.DeviceOwner, "baremetal:") {
			kind[p.DeviceID] = "baremetal"
		}
	}
	query := url.Values{}
	if s.admin {
		query.Set("all_tenants", "1")
	}
	all := list(s, "compute", "/servers/detail", "servers", query, func(v server) string { return v.ID })
	tr.counts["servers"] = len(all)
	for _, v := range all {
		k := cmp.Or(kind[v.ID], "virtual")
		tr.add(1, "cloudip_servers", "kind="+k, "status="+v.Status)
		tr.add(1, "cloudip_server_info", "availability_zone="+v.Zone, "flavor="+v.Flavor.ID, "kind="+k, "server_id="+v.ID, "server_name="+v.Name)
		for _, status := range []string{"ACTIVE", "BUILD", "ERROR", "HARD_REBOOT", "REBOOT", "REBUILD", "SHUTOFF"} {
			tr.add(0, "cloudip_server_status", "server_id="+v.ID, "status="+status)
		}
		tr.add(1, "cloudip_server_status", "server_id="+v.ID, "status="+v.Status)
		count := map[string]float64{"4": 0, "6": 0}
		for network, addresses := range v.Addresses {
			for _, a := range addresses {
				version := "6"
				if netip.MustParseAddr(a.Addr).Is4() {
					version = "4"
				}
				count[version]++
				tr.add(1, "cloudip_server_address_info", "address="+a.Addr, "ip_version="+version, "network="+network, "server_id="+v.ID)
				tr.counts["server addresses"]++
			}
		}
		for version, n := range count {
			tr.add(n, "cloudip_server_addresses", "ip_version="+version, "server_id="+v.ID)
		}
	}
}

func (tr *truth) groups(s *session) {
	all := list(s, "network", "/v2.0/address-groups", "address_groups", nil, func(v group) string { return v.ID })
	tr.counts["address groups"] = len(all)
	for _, g := range all {
		id := "address_group_id=" + g.ID
		addresses, redundant, _ := simtest.GroupFigures(g.Addresses)
		tr.counts["address group entries"] += len(g.Addresses)
		tr.add(float64(len(g.Addresses)), "cloudip_address_group_entries", id)
		tr.add(float64(redundant), "cloudip_address_group_entries_redundant", id)
		for version, n := range addresses {
			tr.add(1, "cloudip_address_group_info", id, "address_group_name="+g.Name, "ip_version="+version)
			tr.add(n, "cloudip_address_group_addresses", id, "ip_version="+version)
		}
		if len(addresses) == 0 {
			tr.add(1, "cloudip_address_group_info", id, "address_group_name="+g.Name, "ip_version=")
		}
	}
}

func (tr *truth) quotas(s *session) {
	var answer struct {
		Quota map[string]struct{ Limit, Used float64 }
	}
	s.get("network", "/v2.0/quotas/"+s.projectID+"/details.json", nil, &answer)
	tr.counts["quotas"] = len(answer.Quota)
	for resource, q := range answer.Quota {
		tr.add(q.Used, "cloudip_quota_used", "resource="+resource)
		if q.Limit >= 0 {
			tr.add(q.Limit, "cloudip_quota_limit", "resource="+resource)
		}
	}
}
