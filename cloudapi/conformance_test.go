package cloudapi

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
)

type conformanceCase struct{ provider, auth string }

// The conformance suite runs over every provider, and every way to log in that
// differs on the wire.
func conformanceCases() []conformanceCase {
	var all []conformanceCase
	for _, p := range provider.All() {
		logins := p.Logins
		if p.HasLogin(config.AccessKey) {
			logins = []string{config.Password, config.AccessKey}
		}
		for _, auth := range logins {
			all = append(all, conformanceCase{p.Name, auth})
		}
	}
	return all
}

// simulated returns the provider whose simulated cloud stands for a provider.
func simulated(name string) string {
	known := []string{simulator.HuaweiCloud, simulator.OTC, simulator.OpenStack}
	switch {
	case slices.Contains(known, name):
		return name
	case provider.Named(name).Regional:
		return simulator.OTC
	}
	return simulator.OpenStack
}

// conform runs a test against a fresh simulated cloud of each case.
func conform(t *testing.T, test func(t *testing.T, c *conformance)) {
	for _, row := range conformanceCases() {
		t.Run(row.provider+" "+row.auth, func(t *testing.T) {
			if row.auth != config.Env { // the environment is one for the whole process
				t.Parallel()
			}
			test(t, newConformance(t, row.provider, row.auth, simulator.Options{}))
		})
	}
}

type conformance struct {
	*simtest.Cloud
	provider *provider.Provider
	auth     string
	url      string
}

func newConformance(t *testing.T, name, auth string, o simulator.Options) *conformance {
	t.Helper()
	o.Provider = simulated(name)
	cloud := simtest.New(o)
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	return &conformance{Cloud: cloud, provider: provider.Named(name), auth: auth, url: server.URL}
}

// project opens the cloud anew; settings are further keys of its configuration.
func (c *conformance) project(t *testing.T, settings ...string) *Project {
	t.Helper()
	auth := c.auth
	switch auth {
	case config.CloudsYAML:
		file := filepath.Join(t.TempDir(), "clouds.yaml")
		if err := os.WriteFile(file, []byte(c.CloudsYAML(simulator.Exporter, c.url)), 0o600); err != nil {
			t.Fatal(err)
		}
		auth += ":" + file
	case config.Env:
		for _, pair := range c.Environ(simulator.Exporter, c.url) {
			name, value, _ := strings.Cut(pair, "=")
			t.Setenv(name, value)
		}
	}
	return openYAML(t, "clouds:\n"+strings.Replace(c.ConfigYAML(c.url, auth, settings...), "provider: "+c.Provider(), "provider: "+c.provider.Name, 1))
}

// portsPath is where the provider's default API lists ports.
func (c *conformance) portsPath() string {
	if c.provider.PortAPI == "vpc" {
		return "/v1/[0-9a-f]+/ports$"
	}
	return "/v2.0/ports$"
}

const smallPages = "  limits: {requests_per_second: 0, page_size: 7}"

// newest keeps the last record of each key: listings may show an item twice.
func newest[T any](items []T, key func(T) string) map[string]T {
	all := make(map[string]T)
	for _, item := range items {
		all[key(item)] = item
	}
	return all
}

func TestConformanceEverythingIsReadAsItIs(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		for _, pages := range []string{smallPages, "  limits: {requests_per_second: 0, page_size: 2000}"} {
			p, truth := c.project(t, pages), c.Truth()
			sameSubnets(t, p, truth)
			sameAreas(t, p, truth)
			samePorts(t, p, truth)
			sameServers(t, p, truth)
			sameGroups(t, p, truth)
			samePrivateIPs(t, p, truth)
			samePublicIPs(t, p, truth)
			sameSubInterfaces(t, p, truth)
			sameQuotas(t, p, truth)
		}
	})
}

func sameSubnets(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	type row struct {
		ID, NeutronID, Network, VPC, Pool, Name, Version, CIDR string
		ChoosesAddresses                                       bool
	}
	var want, got []row
	for _, s := range truth.Subnets {
		want = append(want, row{s.ID, s.NeutronID, s.NetworkID, s.VPCID, s.PoolID, s.Name, s.IPVersion, s.CIDR, s.ChoosesAddresses})
	}
	for _, s := range whole(t, p.Subnets(t.Context())) {
		got = append(got, row{s.ID.String(), s.NeutronID.String(), s.NetworkID.String(), s.VPCID.String(), s.PoolID.String(), s.Name, s.IPVersion(), s.Prefix.String(), s.ChoosesAddresses})
	}
	sameRows(t, "subnets", want, got)
	type vpc struct{ ID, Name, CIDR, Status string }
	var vpcs, trueVPCs []vpc
	for _, v := range whole(t, p.VPCs(t.Context())) {
		vpcs = append(vpcs, vpc{v.ID.String(), v.Name, v.CIDR, v.Status})
	}
	for _, v := range truth.VPCs {
		trueVPCs = append(trueVPCs, vpc{v.ID, v.Name, v.CIDR, v.Status})
	}
	sameRows(t, "vpcs", trueVPCs, vpcs)
}

func sameAreas(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	type row struct{ ID, Name, Version, Prefixes string }
	var want, got []row
	if p.provider().Has(provider.VPCPrefixes) {
		for _, v := range truth.VPCs {
			want = append(want, row{ID: v.ID, Prefixes: fmt.Sprint(v.CIDRs)})
		}
		for _, v := range whole(t, p.VPCPrefixes(t.Context())) {
			got = append(got, row{ID: v.VPCID.String(), Prefixes: fmt.Sprint(v.Prefixes)})
		}
	}
	if p.provider().Has(provider.SubnetPools) {
		for _, s := range truth.SubnetPools {
			want = append(want, row{s.ID, s.Name, s.IPVersion, fmt.Sprint(s.Prefixes, s.Hidden)})
		}
		for _, s := range whole(t, p.SubnetPools(t.Context())) {
			got = append(got, row{s.ID.String(), s.Name, s.IPVersion, fmt.Sprint(s.Prefixes, s.Hidden)})
		}
	}
	sameRows(t, "areas", want, got)
}

// sameRows compares rows in any order; what came twice counts twice.
func sameRows[T comparable](t *testing.T, what string, want, got []T) {
	t.Helper()
	order := func(a, b T) int { return strings.Compare(fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b)) }
	slices.SortFunc(want, order)
	slices.SortFunc(got, order)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

type portRow struct{ ID, Network, Status, Owner, Device, Addresses string }

func truePorts(truth simtest.Truth) (rows []portRow) {
	for _, p := range truth.Ports {
		var addresses []string
		for _, a := range p.Addresses {
			addresses = append(addresses, a.Address)
		}
		rows = append(rows, portRow{p.ID, p.NetworkID, p.Status, p.Owner, p.Device, strings.Join(addresses, " ")})
	}
	return rows
}

func readPortRows(t *testing.T, p *Project) (rows []portRow) {
	t.Helper()
	for _, port := range newest(whole(t, p.Ports(t.Context())), func(p inventory.Port) string { return p.ID.String() }) {
		var addresses []string
		for _, f := range port.Fixed {
			addresses = append(addresses, f.Addr.String())
		}
		rows = append(rows, portRow{port.ID.String(), port.NetworkID.String(), port.Status, port.Owner, port.DeviceID.String(), strings.Join(addresses, " ")})
	}
	return rows
}

func samePorts(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	sameRows(t, "ports", truePorts(truth), readPortRows(t, p))
}

func sameServers(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	type row struct{ ID, Name, Kind, Status, Flavor, Zone, Addresses string }
	addresses := func(s inventory.Server) string {
		var all []string
		for _, a := range s.Addresses {
			all = append(all, a.Network+" "+a.Addr.String())
		}
		slices.Sort(all)
		return strings.Join(all, ", ")
	}
	var want, got []row
	for _, s := range truth.Servers {
		var all []string
		for _, a := range s.Addresses {
			all = append(all, a.Network+" "+a.Address)
		}
		slices.Sort(all)
		kind := s.Kind
		if p.Provider() == config.OpenStack {
			kind = "virtual" // the ports tell, which no listing of servers shows
		}
		want = append(want, row{s.ID, s.Name, kind, s.Status, s.Flavor, s.Zone, strings.Join(all, ", ")})
	}
	for _, s := range newest(whole(t, p.Servers(t.Context())), func(s inventory.Server) string { return s.ID.String() }) {
		got = append(got, row{s.ID.String(), s.Name, s.Kind(), s.Status, s.Flavor, s.Zone, addresses(s)})
		asked, err := p.ServerAddresses(t.Context(), s.ID.String())
		if one := (inventory.Server{Addresses: asked}); err != nil || addresses(one) != addresses(s) {
			t.Errorf("server %v has addresses %s listed and %s, %v asked for", s.ID, addresses(s), addresses(one), err)
		}
	}
	sameRows(t, "servers", want, got)
}

func sameGroups(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	type row struct {
		ID, Name, Status    string
		Entries, Unreadable int
		Max                 int
		Updated             float64 // seconds since 1970
	}
	var want, got []row
	for _, g := range truth.AddressGroups {
		r := row{g.ID, g.Name, g.Status, g.Entries, g.Unreadable, -1, float64(g.Updated)}
		if g.Max != nil {
			r.Max = *g.Max
		}
		want = append(want, r)
	}
	for _, g := range whole(t, p.AddressGroups(t.Context())) {
		r := row{ID: g.ID.String(), Name: g.Name, Status: g.Status, Entries: len(g.Entries), Max: -1}
		if g.Max != nil {
			r.Max = *g.Max
		}
		if !g.Updated.IsZero() {
			r.Updated = float64(g.Updated.UnixMilli()) / 1000
		}
		for _, e := range g.Entries {
			if !e.Valid() {
				r.Unreadable++
			}
		}
		got = append(got, r)
	}
	sameRows(t, "address groups", want, got)
}

func samePrivateIPs(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	if !p.provider().Has(provider.PrivateIPs) {
		return
	}
	type row struct{ ID, Subnet, Status, Owner, Address string }
	var want, got []row
	subnets := make(map[string]bool)
	for _, ip := range truth.PrivateIPs {
		want = append(want, row{ip.ID, ip.SubnetID, ip.Status, ip.Owner, ip.Address})
		subnets[ip.SubnetID] = true
	}
	for _, subnet := range slices.Sorted(maps.Keys(subnets)) {
		for _, ip := range whole(t, p.PrivateIPs(t.Context(), subnet)) {
			got = append(got, row{ip.ID.String(), ip.SubnetID.String(), ip.Status, ip.Owner, ip.Addr.String()})
		}
	}
	sameRows(t, "private ips", want, got)
}

func samePublicIPs(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	text := func(a netip.Addr) string {
		if a.IsValid() {
			return a.String()
		}
		return ""
	}
	var want, got []simtest.TruthPublicIP
	for _, ip := range whole(t, p.PublicIPs(t.Context())) {
		got = append(got, simtest.TruthPublicIP{ID: ip.ID.String(), Address: text(ip.Addr), Pool: ip.Pool, Status: ip.Status, Attached: ip.Attached, PortID: ip.PortID.String(), Private: text(ip.Private)})
	}
	sameRows(t, "public ips", append(want, truth.PublicIPs...), got)
	for _, ip := range truth.PublicIPs {
		if ip.PortID == "" {
			continue
		}
		if of := whole(t, p.PublicIPsOf(t.Context(), ip.PortID)); !slices.Contains(of, netip.MustParseAddr(ip.Address)) {
			t.Errorf("public ips of port %s: %v, want %s", ip.PortID, of, ip.Address)
		}
	}
	if !p.provider().Has(provider.PublicIPPools) {
		return
	}
	var pools []simtest.TruthPool
	for _, pool := range whole(t, p.PublicIPPools(t.Context())) {
		pools = append(pools, simtest.TruthPool{Name: pool.Name, Size: *pool.Size, Used: *pool.Used})
	}
	sameRows(t, "pools", truth.Pools, pools)
}

func sameSubInterfaces(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	if !p.provider().Has(provider.SubInterfaces) {
		return
	}
	type row struct{ ID, Subnet, Device, Addresses string }
	var want, got []row
	for _, i := range truth.SubInterfaces {
		var addresses []string
		for _, a := range i.Addresses {
			addresses = append(addresses, a.Address)
		}
		want = append(want, row{i.ID, i.SubnetID, i.Device, strings.Join(addresses, " ")})
	}
	for _, i := range whole(t, p.SubInterfaces(t.Context())) {
		got = append(got, row{i.ID.String(), i.SubnetID.String(), i.DeviceID.String(), strings.Trim(fmt.Sprint(i.Addrs), "[]")})
	}
	sameRows(t, "sub-interfaces", want, got)
}

func sameQuotas(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	var want []inventory.Quota
	for _, q := range truth.Quotas {
		if !q.ByTypeOnly {
			want = append(want, inventory.Quota{Resource: q.Resource, Limit: q.Limit, Used: q.Used, Reserved: q.Reserved})
		}
	}
	sameRows(t, "quotas", want, whole(t, p.Quotas(t.Context())))
}

// Workspace tells no owner; all else is the same by all three APIs.
func TestConformanceTheThreePortsAPIsAgree(t *testing.T) {
	for _, auth := range []string{config.Password, config.AccessKey} {
		c := newConformance(t, config.HuaweiCloud, auth, simulator.Options{Subnets: 20, Ports: 2000, Servers: 40})
		want := truePorts(c.Truth())
		for _, api := range []string{"vpc", "neutron", "workspace"} {
			got := readPortRows(t, c.project(t, "  apis: {ports: "+api+"}", "  limits: {requests_per_second: 0, page_size: 300}"))
			wanted := slices.Clone(want)
			if api == "workspace" {
				for i := range wanted {
					wanted[i].Owner = ""
				}
			}
			sameRows(t, auth+" "+api, wanted, got)
		}
	}
}

func TestConformanceAvailabilityIsTheClouds(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		p := c.project(t, smallPages)
		subnets := whole(t, p.Subnets(t.Context()))
		all, err := p.Availability(t.Context(), subnets)
		if err != nil || all.Missing.N > 0 || len(all.Gone) > 0 {
			t.Fatal(err, all)
		}
		told := 0
		for _, s := range c.Truth().Subnets {
			a, ok := all.BySubnet[inventory.ParseID(s.NeutronID)]
			if s.Source != "availability" {
				continue
			}
			if told++; !ok || a.Total != *s.Capacity || a.Used != s.Used {
				t.Errorf("subnet %s %s: %v, want %v used of %v", s.ID, s.IPVersion, a, s.Used, *s.Capacity)
			}
		}
		if told == 0 {
			t.Error("no subnet of the simulated cloud has its availability")
		}
	})
}
