package cloudapi

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/loopback"
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
	return &conformance{Cloud: cloud, provider: provider.Named(name), auth: auth, url: loopback.Serve(t, cloud)}
}

// project opens the cloud anew; settings are further keys of its configuration.
func (c *conformance) project(t *testing.T, settings ...string) *Project {
	t.Helper()
	auth := c.auth
	switch auth {
	case config.CloudsYAML:
		file := check.Write(t, filepath.Join(t.TempDir(), "clouds.yaml"), c.CloudsYAML(simulator.Exporter, c.url))
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
func newest[T any](items []T, key func(T) inventory.ID) []T {
	all := make(map[inventory.ID]T)
	for _, item := range items {
		all[key(item)] = item
	}
	return slices.Collect(maps.Values(all))
}

func TestConformanceEverythingIsReadAsItIs(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		for _, pages := range []string{smallPages, "  limits: {requests_per_second: 0, page_size: 2000}"} {
			p, truth := c.project(t, pages), c.Truth()
			sameSubnets(t, p, truth)
			sameAreas(t, p, truth)
			sameRows(t, "ports", truePorts(truth, true), readPortRows(t, p))
			sameServers(t, p, truth)
			sameGroups(t, p, truth)
			samePrivateIPs(t, p, truth)
			samePublicIPs(t, p, truth)
			sameSubInterfaces(t, p, truth)
			sameQuotas(t, p, truth)
		}
	})
}

// row is an item as a text, field by field.
func row(fields ...any) string {
	var texts []string
	for _, f := range fields {
		texts = append(texts, strings.TrimPrefix(fmt.Sprint(f), "invalid IP"))
	}
	return strings.Join(texts, " | ")
}

func rowsOf[T any](items []T, of func(T) string) []string {
	var all []string
	for _, item := range items {
		all = append(all, of(item))
	}
	return all
}

// sameRows compares rows in any order; what came twice counts twice.
func sameRows(t *testing.T, what string, want, got []string) {
	t.Helper()
	slices.Sort(want)
	slices.Sort(got)
	check.Equal(t, what, want, got)
}

func sameSubnets(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	sameRows(t, "subnets", rowsOf(truth.Subnets, func(s simtest.TruthSubnet) string {
		return row(s.ID, s.NeutronID, s.NetworkID, s.VPCID, s.PoolID, s.Name, s.IPVersion, s.CIDR, s.ChoosesAddresses)
	}), rowsOf(whole(t, p.Subnets(t.Context())), func(s inventory.Subnet) string {
		return row(s.ID, s.NeutronID, s.NetworkID, s.VPCID, s.PoolID, s.Name, s.IPVersion(), s.Prefix, s.ChoosesAddresses)
	}))
	sameRows(t, "vpcs", rowsOf(truth.VPCs, func(v simtest.TruthVPC) string { return row(v.ID, v.Name, v.CIDR, v.Status) }),
		rowsOf(whole(t, p.VPCs(t.Context())), func(v inventory.VPC) string { return row(v.ID, v.Name, v.CIDR, v.Status) }))
}

func sameAreas(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	if p.provider().Has(provider.VPCPrefixes) {
		sameRows(t, "prefixes of VPCs", rowsOf(truth.VPCs, func(v simtest.TruthVPC) string { return row(v.ID, v.CIDRs) }),
			rowsOf(whole(t, p.VPCPrefixes(t.Context())), func(v inventory.VPCPrefixes) string { return row(v.VPCID, v.Prefixes) }))
	}
	if p.provider().Has(provider.Networks) {
		names := check.Get(p.ProjectNames(t.Context()))(t)
		sameRows(t, "networks", rowsOf(truth.Networks, func(n simtest.TruthNetwork) string {
			return row(n.ID, n.Name, n.External, n.Shared, n.OwnerID, n.OwnerName)
		}),
			rowsOf(whole(t, p.Networks(t.Context())), func(n inventory.Network) string {
				return row(n.ID, n.Name, n.External, n.Shared, n.OwnerID, names[n.OwnerID])
			}))
	}
	if p.provider().Has(provider.SubnetPools) {
		sameRows(t, "subnet pools", rowsOf(truth.SubnetPools, func(s simtest.TruthSubnetPool) string { return row(s.ID, s.Name, s.IPVersion, s.Prefixes, s.Hidden) }),
			rowsOf(whole(t, p.SubnetPools(t.Context())), func(s inventory.SubnetPool) string { return row(s.ID, s.Name, s.IPVersion, s.Prefixes, s.Hidden) }))
	}
}

// truePorts are the rows of all ports; where no owner is told they have none.
func truePorts(truth simtest.Truth, owners bool) []string {
	return rowsOf(truth.Ports, func(p simtest.TruthPort) string {
		owner := map[bool]string{true: p.Owner}[owners]
		return row(p.ID, p.NetworkID, p.Status, owner, p.Device, rowsOf(p.Addresses, func(a simtest.TruthAddress) string { return a.Address }))
	})
}

func readPortRows(t *testing.T, p *Project) []string {
	t.Helper()
	ports := newest(whole(t, p.Ports(t.Context())), func(p inventory.Port) inventory.ID { return p.ID })
	return rowsOf(ports, func(p inventory.Port) string {
		return row(p.ID, p.NetworkID, p.Status, p.Owner, p.DeviceID, rowsOf(p.Fixed, func(f inventory.FixedIP) string { return f.Addr.String() }))
	})
}

func sameServers(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	addresses := func(all []inventory.ServerAddress) []string {
		texts := rowsOf(all, func(a inventory.ServerAddress) string { return a.Network + " " + a.Addr.String() })
		slices.Sort(texts)
		return texts
	}
	want := rowsOf(truth.Servers, func(s simtest.TruthServer) string {
		all := rowsOf(s.Addresses, func(a simtest.TruthServerAddress) string { return a.Network + " " + a.Address })
		slices.Sort(all)
		if p.Provider() == config.OpenStack {
			s.Kind = "virtual" // the ports tell, which no listing of servers shows
		}
		return row(s.ID, s.Name, s.Kind, s.Status, s.Flavor, s.Zone, all)
	})
	servers := newest(whole(t, p.Servers(t.Context())), func(s inventory.Server) inventory.ID { return s.ID })
	for _, s := range servers {
		asked := check.Get(p.ServerAddresses(t.Context(), s.ID.String()))(t)
		check.Equal(t, "addresses of server "+s.ID.String(), addresses(s.Addresses), addresses(asked))
	}
	sameRows(t, "servers", want, rowsOf(servers, func(s inventory.Server) string {
		return row(s.ID, s.Name, s.Kind(), s.Status, s.Flavor, s.Zone, addresses(s.Addresses))
	}))
}

func sameGroups(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	most := func(n *int) int {
		if n == nil {
			return -1
		}
		return *n
	}
	sameRows(t, "address groups", rowsOf(truth.AddressGroups, func(g simtest.TruthGroup) string {
		return row(g.ID, g.Name, g.Status, g.Entries, g.Unreadable, most(g.Max), float64(g.Updated))
	}), rowsOf(whole(t, p.AddressGroups(t.Context())), func(g inventory.AddressGroup) string {
		unreadable, updated := 0, 0.0 // seconds since 1970
		for _, e := range g.Entries {
			if !e.Valid() {
				unreadable++
			}
		}
		if !g.Updated.IsZero() {
			updated = float64(g.Updated.UnixMilli()) / 1000
		}
		return row(g.ID, g.Name, g.Status, len(g.Entries), unreadable, most(g.Max), updated)
	}))
}

func samePrivateIPs(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	if !p.provider().Has(provider.PrivateIPs) {
		return
	}
	subnets := make(map[string]bool)
	want := rowsOf(truth.PrivateIPs, func(ip simtest.TruthPrivateIP) string {
		subnets[ip.SubnetID] = true
		return row(ip.ID, ip.SubnetID, ip.Status, ip.Owner, ip.Address)
	})
	var got []string
	for subnet := range subnets {
		got = append(got, rowsOf(whole(t, p.PrivateIPs(t.Context(), subnet)), func(ip inventory.PrivateIP) string { return row(ip.ID, ip.SubnetID, ip.Status, ip.Owner, ip.Addr) })...)
	}
	sameRows(t, "private ips", want, got)
}

func samePublicIPs(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	sameRows(t, "public ips", rowsOf(truth.PublicIPs, func(ip simtest.TruthPublicIP) string {
		return row(ip.ID, ip.Address, ip.Pool, ip.Status, ip.Attached, ip.PortID, ip.Private)
	}), rowsOf(whole(t, p.PublicIPs(t.Context())), func(ip inventory.PublicIP) string {
		return row(ip.ID, ip.Addr, ip.Pool, ip.Status, ip.Attached, ip.PortID, ip.Private)
	}))
	for _, ip := range truth.PublicIPs {
		if ip.PortID == "" {
			continue
		}
		if of := whole(t, p.PublicIPsOf(t.Context(), ip.PortID)); !slices.Contains(of, netip.MustParseAddr(ip.Address)) {
			t.Errorf("public ips of port %s: %v, want %s", ip.PortID, of, ip.Address)
		}
	}
	if p.provider().Has(provider.PublicIPPools) {
		sameRows(t, "pools", rowsOf(truth.Pools, func(pool simtest.TruthPool) string { return row(pool.Name, pool.Size, pool.Used) }),
			rowsOf(whole(t, p.PublicIPPools(t.Context())), func(pool inventory.PublicIPPool) string { return row(pool.Name, *pool.Size, *pool.Used) }))
	}
}

func sameSubInterfaces(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	if p.provider().Has(provider.SubInterfaces) {
		sameRows(t, "sub-interfaces", rowsOf(truth.SubInterfaces, func(i simtest.TruthSubInterface) string {
			return row(i.ID, i.SubnetID, i.Device, rowsOf(i.Addresses, func(a simtest.TruthAddress) string { return a.Address }))
		}), rowsOf(whole(t, p.SubInterfaces(t.Context())), func(i inventory.SubInterface) string { return row(i.ID, i.SubnetID, i.DeviceID, i.Addrs) }))
	}
}

func sameQuotas(t *testing.T, p *Project, truth simtest.Truth) {
	t.Helper()
	shown := slices.DeleteFunc(slices.Clone(truth.Quotas), func(q simtest.TruthQuota) bool { return q.ByTypeOnly })
	sameRows(t, "quotas", rowsOf(shown, func(q simtest.TruthQuota) string { return row(q.Resource, q.Limit, q.Used, q.Reserved) }),
		rowsOf(whole(t, p.Quotas(t.Context())), func(q inventory.Quota) string { return row(q.Resource, q.Limit, q.Used, q.Reserved) }))
}

// Workspace tells no owner; all else is the same by all three APIs.
func TestConformanceTheThreePortsAPIsAgree(t *testing.T) {
	for _, auth := range []string{config.Password, config.AccessKey} {
		c := newConformance(t, config.HuaweiCloud, auth, simulator.Options{Subnets: 20, Ports: 2000, Servers: 40})
		for _, api := range []string{"vpc", "neutron", "workspace"} {
			got := readPortRows(t, c.project(t, "  apis: {ports: "+api+"}", "  limits: {requests_per_second: 0, page_size: 300}"))
			sameRows(t, auth+" "+api, truePorts(c.Truth(), api != "workspace"), got)
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

func (c *conformance) portsAsked() int { return c.Calls(http.MethodGet, c.portsPath()) }

func (c *conformance) logins() int { return c.Calls(http.MethodPost, "/auth/tokens$") }

func TestConformanceA401LogsInOnceAndGoesOn(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		p := c.project(t, smallPages)
		want := len(readPortRows(t, p))
		if c.auth == config.AccessKey { // a signature that is refused is never tried again
			c.Forget()
			c.Fault(simtest.Fault{Path: c.portsPath(), Nth: 2, Status: 401, Body: `{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail"}`})
			if _, _, err := collect(p.Ports(t.Context())); !apierr.IsAuth(err) || c.portsAsked() != 2 {
				t.Errorf("error %v after %d pages, want a refusal after 2", err, c.portsAsked())
			}
			return
		}
		logins := c.logins()
		c.Fault(simtest.Fault{Path: c.portsPath(), Nth: 2, Status: 401, Body: `{"error":{"code":401,"title":"Unauthorized","message":"expired"}}`})
		if got := len(readPortRows(t, p)); got != want || c.logins() != logins+1 {
			t.Errorf("%d ports after %d logins, want %d after 1", got, c.logins()-logins, want)
		}
		c.Fault(simtest.Fault{Path: c.portsPath(), Status: 401})
		logins = c.logins()
		if _, _, err := collect(p.Ports(t.Context())); !apierr.IsAuth(err) || c.logins() > logins+2 {
			t.Errorf("refused for good: error %v after %d logins", err, c.logins()-logins)
		}
	})
}

func TestConformanceAVanishedMarkerStartsAgain(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		p := c.project(t, smallPages)
		want := len(readPortRows(t, p))
		c.Forget()
		c.Fault(simtest.Fault{Path: c.portsPath(), Query: "marker=", Nth: 2, Status: 404})
		if got := len(readPortRows(t, p)); got != want {
			t.Errorf("%d ports, want %d", got, want)
		}
	})
}
