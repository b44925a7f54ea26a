package collector

import (
	"cloudip_exporter/provider"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/collector/fakecloud"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

var errOutage = errors.New("503")

func notFound(code string) error {
	return fmt.Errorf("get: %w", &apierr.StatusError{Status: http.StatusNotFound, Code: code})
}

func byNameOf(t *testing.T, name string) Collector {
	t.Helper()
	for _, c := range All() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no collector %q", name)
	return Collector{}
}

func run(t *testing.T, name string, api API, cfg config.Cloud, last *inventory.Snapshot) (*inventory.Part, error) {
	t.Helper()
	return Run(t.Context(), byNameOf(t, name), NewSource(t.Context(), api, cfg, last))
}

// usages gives the usage of each subnet as text.
func usages(p *inventory.Part) map[string]string {
	number := func(f *float64) string {
		if f == nil {
			return "-"
		}
		return fmt.Sprint(*f)
	}
	got := make(map[string]string)
	for _, s := range p.Data.(inventory.SubnetData).Subnets {
		u := s.Usage
		got[s.ID.String()+"/"+s.IPVersion()] = fmt.Sprintf("%s capacity %s used %v free %s reserved %s", u.Source, number(u.Capacity), u.Used, number(u.Free), number(u.Reserved))
	}
	return got
}

func TestSubnetUsage(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*fakecloud.Project)
		api    *fakecloud.Project
		want   map[string]string
		items  int
		ports  int // listings of ports
	}{
		{
			name: "as the cloud says, and IPv6 counted on ports", api: huaweiAPI(), items: 2, ports: 1,
			want: map[string]string{
				"net-a/4": "availability capacity 251 used 12 free 239 reserved 5",
				"net-a/6": "none capacity - used 1 free - reserved -",
				"net-b/4": "availability capacity 11 used 11 free 0 reserved 5",
			},
		},
		{
			name: "no ports needed without IPv6", api: huaweiAPI(), items: 2,
			change: func(f *fakecloud.Project) { f.Has.Subnets = slices.Delete(f.Has.Subnets, 1, 2) },
			want: map[string]string{
				"net-a/4": "availability capacity 251 used 12 free 239 reserved 5",
				"net-b/4": "availability capacity 11 used 11 free 0 reserved 5",
			},
		},
		{
			name: "what the cloud says of IPv6 there is not believed", api: huaweiAPI(), items: 2, ports: 1,
			change: func(f *fakecloud.Project) {
				f.Has.Availability = told(map[string][2]float64{"a4": {251, 12}, "a6": {9, 9}, "b4": {11, 11}})
			},
			want: map[string]string{
				"net-a/4": "availability capacity 251 used 12 free 239 reserved 5",
				"net-a/6": "none capacity - used 1 free - reserved -",
				"net-b/4": "availability capacity 11 used 11 free 0 reserved 5",
			},
		},
		{
			name: "refused for one subnet: an estimate for that one", api: huaweiAPI(), items: 2, ports: 1,
			change: func(f *fakecloud.Project) { f.Has.Availability = told(map[string][2]float64{"b4": {11, 11}}) },
			want: map[string]string{
				"net-a/4": "estimate capacity 251 used 2 free 249 reserved 5",
				"net-a/6": "none capacity - used 1 free - reserved -",
				"net-b/4": "availability capacity 11 used 11 free 0 reserved 5",
			},
		},
		{
			name: "the listing's own count of what is left wins", api: huaweiAPI(), items: 2, ports: 1,
			change: func(f *fakecloud.Project) { f.Has.Subnets[0].Available = ref(77); f.Has.Subnets[2].Available = ref(0) },
			want: map[string]string{
				"net-a/4": "availability capacity 251 used 12 free 77 reserved 5",
				"net-a/6": "none capacity - used 1 free - reserved -",
				"net-b/4": "availability capacity 11 used 11 free 0 reserved 5",
			},
		},
		{
			name: "a network deleted meanwhile is left out", api: huaweiAPI(), items: 1,
			change: func(f *fakecloud.Project) { f.Has.Availability.Gone[id("net-a")] = true },
			want:   map[string]string{"net-b/4": "availability capacity 11 used 11 free 0 reserved 5"},
		},
		{
			name: "a capacity above the size of the CIDR reserves nothing", api: huaweiAPI(), items: 2, ports: 1,
			change: func(f *fakecloud.Project) {
				f.Has.Availability = told(map[string][2]float64{"a4": {300, 0}, "b4": {16, 20}})
			},
			want: map[string]string{
				"net-a/4": "availability capacity 300 used 0 free 300 reserved 0",
				"net-a/6": "none capacity - used 1 free - reserved -",
				"net-b/4": "availability capacity 16 used 20 free 0 reserved 0",
			},
		},
		{
			name: "a tiny subnet is estimated at nothing", api: huaweiAPI(), items: 1, ports: 1,
			change: func(f *fakecloud.Project) {
				f.Has.Subnets, f.Has.Availability = f.Has.Subnets[2:], told(nil)
				f.Has.Subnets[0].Prefix = prefix("10.0.1.4/31")
			},
			want: map[string]string{"net-b/4": "estimate capacity 0 used 1 free 0 reserved 2"},
		},
		{
			name: "openstack: used may exceed capacity, IPv6 beyond 2^63", api: openStackAPI(), items: 3, ports: 1,
			want: map[string]string{
				"s1/4": "availability capacity 253 used 255 free 0 reserved -",
				"s2/4": "availability capacity 0 used 0 free 0 reserved -",
				"s6/6": "availability capacity 1.8446744073709552e+19 used 3 free 1.8446744073709552e+19 reserved -",
			},
		},
		{
			name: "openstack: the cloud says what is left in the pools", api: openStackAPI(), items: 3,
			change: func(f *fakecloud.Project) {
				for _, s := range []string{"s1", "s6"} {
					a := f.Has.Availability.BySubnet[id(s)]
					a.Left = ref(7)
					f.Has.Availability.BySubnet[id(s)] = a
				}
			},
			want: map[string]string{
				"s1/4": "availability capacity 253 used 255 free 7 reserved -",
				"s2/4": "availability capacity 0 used 0 free 0 reserved -",
				"s6/6": "availability capacity 1.8446744073709552e+19 used 3 free 7 reserved -",
			},
		},
		{
			name: "openstack: refused, the pools tell", api: openStackAPI(), items: 3, ports: 1,
			change: func(f *fakecloud.Project) { f.Has.Availability = told(nil) },
			want: map[string]string{
				"s1/4": "allocation_pool capacity 253 used 2 free 251 reserved -",
				"s2/4": "none capacity - used 1 free - reserved -",
				"s6/6": "allocation_pool capacity 1.8446744073709552e+19 used 1 free 1.8446744073709552e+19 reserved -",
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.change != nil {
				tt.change(tt.api)
			}
			part, err := run(t, "subnets", tt.api, config.Cloud{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, usages(part)); diff != "" {
				t.Errorf("usage (-want +got):\n%s", diff)
			}
			if part.Items != tt.items {
				t.Errorf("%d items, want %d", part.Items, tt.items)
			}
			if n := tt.api.Calls()["ports"]; n != tt.ports {
				t.Errorf("ports were listed %d times, want %d", n, tt.ports)
			}
		})
	}
}

func TestACollectorFailsWithWhatItNeeds(t *testing.T) {
	for _, tt := range []struct {
		collector string
		failing   string
		want      bool
	}{
		{"subnets", "vpcs", true},
		{"subnets", "subnets", true},
		{"subnets", "availability", true},
		{"subnets", "vpc_prefixes", true},
		{"subnets", "ports", true}, // which it counts for IPv6
		{"subnets", "servers", false},
		{"ports", "ports", true},
		{"ports", "subnets", true},
		{"ports", "availability", false},
		{"ports", "vpcs", false},
		{"servers", "servers", true},
		{"servers", "server_addresses", true},
		{"servers", "ports", false},
		{"address_groups", "address_groups", true},
		{"private_ips", "private_ips", true},
		{"private_ips", "subnets", true},
		{"private_ips", "ports", false},
		{"ports", "sub_interfaces", true},
		{"public_ips", "public_ips", true},
		{"public_ips", "public_ip_pools", true},
		{"subnets", "subnet_tags", true},
		{"quotas", "quotas", true},
	} {
		api := huaweiAPI()
		api.On = config.HuaweiCloud
		api.Has.Servers = []inventory.Server{{ID: id("vm"), BareMetal: true}}
		api.Fail = map[string]error{tt.failing: errOutage}
		part, err := run(t, tt.collector, api, config.Cloud{Tags: everything().Tags}, nil)
		if failed := err != nil; failed != tt.want {
			t.Errorf("%s with failing %s: %v, want failure %v", tt.collector, tt.failing, err, tt.want)
		}
		if tt.want && (part != nil || !errors.Is(err, errOutage)) {
			t.Errorf("%s with failing %s: part %v, error %v; want the outage and nothing half-read", tt.collector, tt.failing, part, err)
		}
	}
}

func TestARefusedListingThatOnlyAddsLeavesItsFamiliesOut(t *testing.T) {
	for _, tt := range []struct {
		api       func() *fakecloud.Project
		collector string
		refused   provider.Resource
		families  []string // that are left out
	}{
		{huaweiAPI, "ports", provider.SubInterfaces, []string{"cloudip_subnet_addresses_unaccounted"}},
		{huaweiAPI, "public_ips", provider.PublicIPPools, []string{"cloudip_public_ip_pool_addresses", "cloudip_public_ip_pool_addresses_used"}},
		{huaweiAPI, "subnets", provider.VPCPrefixes, []string{"cloudip_vpc_addresses", "cloudip_vpc_addresses_unallocated", "cloudip_vpc_largest_free_block_addresses"}},
		{openStackAPI, "subnets", provider.SubnetPools, []string{
			"cloudip_subnet_pool_info", "cloudip_subnet_pool_addresses", "cloudip_subnet_pool_addresses_unallocated", "cloudip_subnet_pool_largest_free_block_addresses"}},
		{openStackAPI, "subnets", provider.Networks, []string{"cloudip_network_info"}},
		{huaweiAPI, "subnets", provider.SubnetTags, []string{"cloudip_subnet_tags"}},
	} {
		cfg := config.Cloud{Tags: everything().Tags}
		for _, refusal := range []apierr.StatusError{{Status: http.StatusForbidden}, {Status: http.StatusNotFound}, {Status: http.StatusUnauthorized, Limited: true}} {
			api := tt.api()
			if api.On == config.OTC {
				api.On = config.HuaweiCloud
			}
			api.Has.PublicIPPools = []inventory.PublicIPPool{{ID: id("p"), Name: "own", Size: ref(8), Used: ref(1)}}
			api.Has.SubnetTags = []inventory.SubnetTags{{ID: api.Has.Subnets[0].ID, Tags: inventory.NewTags(cfg.Tags)}}
			all, err := run(t, "subnets", api, cfg, nil)
			if err != nil {
				t.Fatal(err)
			}
			published := func() map[string]bool {
				part, err := run(t, tt.collector, api, cfg, nil)
				if err != nil {
					t.Fatalf("%s: %v", tt.collector, err)
				}
				snap := &inventory.Snapshot{Provider: api.On, States: []inventory.State{complete(tt.collector, *part)}}
				if tt.collector != "subnets" {
					snap.States = append(snap.States, complete("subnets", *all))
				}
				has := map[string]bool{}
				for _, f := range pedantic(t, viewsOf(snap), everything()) {
					has[f.GetName()] = len(f.Metric) > 0
				}
				if (len(part.Without) > 0) != (api.Fail != nil) {
					t.Errorf("%s: without %v", tt.collector, part.Without)
				}
				return has
			}
			before := published()
			api.Fail = map[string]error{string(tt.refused): &refusal}
			after := published()
			for _, name := range tt.families {
				if !before[name] || after[name] {
					t.Errorf("%s with %d of %s: %s is published before %v, after %v", tt.collector, refusal.Status, tt.refused, name, before[name], after[name])
				}
				delete(before, name)
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("%s with %d of %s (-before +after):\n%s", tt.collector, refusal.Status, tt.refused, diff)
			}
		}
	}
}

func TestEachListingIsFetchedOnce(t *testing.T) {
	api := openStackAPI()
	api.Has.Availability = told(nil) // so that subnets counts on ports
	src := NewSource(t.Context(), api, config.Cloud{}, nil)
	var group sync.WaitGroup
	for _, c := range All() {
		if c.For(config.OpenStack) {
			group.Go(func() {
				if _, err := Run(context.Background(), c, src); err != nil {
					t.Errorf("%s: %v", c.Name, err)
				}
			})
		}
	}
	group.Wait()
	want := map[string]int{"subnets": 1, "subnet_pools": 1, "networks": 1, "owners": 1, "availability": 1, "ports": 1, "servers": 1, "server_addresses": 2, "address_groups": 1, "public_ips": 1, "quotas": 1}
	if diff := cmp.Diff(want, api.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestAnEmptyPortListIsBelievedOnlyWhenNothingIsUsed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*fakecloud.Project)
		want   bool // failure
	}{
		{"addresses in use", func(*fakecloud.Project) {}, true},
		{"nothing in use", func(f *fakecloud.Project) {
			f.Has.Availability = told(map[string][2]float64{"a4": {251, 0}, "b4": {11, 0}})
		}, false},
		{"availability refused", func(f *fakecloud.Project) { f.Has.Availability = told(nil) }, false},
		{"no subnets", func(f *fakecloud.Project) { f.Has.Subnets = nil }, false},
		{"addresses in use in subnets of another owner", func(f *fakecloud.Project) {
			for i := range f.Has.Subnets {
				f.Has.Subnets[i].PortsHidden = true
			}
		}, false},
		{"other projects' addresses in use", func(f *fakecloud.Project) { f.Has.SeesForeignPorts = true }, false},
		{"other projects' ports in error", func(f *fakecloud.Project) { f.Fail = map[string]error{"foreign ports": errOutage} }, true},
		{"availability in error", func(f *fakecloud.Project) { f.Fail = map[string]error{"availability": errOutage} }, true},
	} {
		api := huaweiAPI()
		api.Has.Ports = nil
		tt.change(api)
		_, err := run(t, "ports", api, config.Cloud{}, nil)
		if failed := err != nil; failed != tt.want {
			t.Errorf("%s: %v, want failure %v", tt.name, err, tt.want)
		}
		if len(api.Has.Subnets) == 0 && api.Calls()["availability"] > 0 {
			t.Errorf("%s: asked for availability without need", tt.name)
		}
	}
}

func TestPortsKeepsWhatItJoinsWith(t *testing.T) {
	api := huaweiAPI()
	part, err := run(t, "ports", api, config.Cloud{}, nil)
	if err != nil || part.Items != 3 || part.Data.(inventory.PortData).Ports.Len() != 3 || len(part.Data.(inventory.PortData).Subnets) != 3 {
		t.Fatalf("part = %+v, %v; want 3 ports and 3 subnets", part, err)
	}
	if api.Calls()["availability"] != 0 {
		t.Error("asked for availability though there are ports")
	}
	s := &inventory.Snapshot{Cloud: "c", Project: "p", Provider: config.OTC, States: []inventory.State{complete("ports", *part)}}
	got := pedantic(t, viewsOf(s), config.Series{})
	if v := value(t, got, "cloudip_subnet_addresses_held", "subnet_id", "net-a", "ip_version", "6", "holder", "server"); v != 1 {
		t.Errorf("held = %v, want 1", v)
	}
	if n := series(got, "cloudip_subnet_info"); n != 0 {
		t.Errorf("the ports collector alone publishes %d series of cloudip_subnet_info", n)
	}
}

func TestBadItemsAreSkippedUntilTheyAreTooMany(t *testing.T) {
	for _, tt := range []struct {
		good, bad int
		fails     bool
	}{
		{0, 1, true}, {0, 5, true}, {1, 5, false}, {1, 6, true}, {1000, 1, false}, {594, 6, false}, {593, 6, true}, {2000, 20, false}, {1900, 20, true},
	} {
		for _, name := range []string{"ports", "servers"} {
			api := huaweiAPI()
			api.Has.Subnets, api.Has.Ports = nil, nil
			for i := range tt.good {
				api.Has.Ports = append(api.Has.Ports, aPort(fmt.Sprint("p", i), "n", "", "", "DOWN"))
				api.Has.Servers = append(api.Has.Servers, inventory.Server{ID: id(fmt.Sprint("s", i))})
			}
			api.Bad = map[string]int{name: tt.bad}
			part, err := run(t, name, api, config.Cloud{APIs: config.APIs{ServerAddresses: "list"}}, nil)
			if failed := err != nil; failed != tt.fails {
				t.Errorf("%s, %d bad of %d: %v, want failure %v", name, tt.bad, tt.good+tt.bad, err, tt.fails)
			}
			if err == nil && (part.Items != tt.good || part.Missing.N != tt.bad) {
				t.Errorf("%s: %d items and %d skipped, want %d and %d", name, part.Items, part.Missing.N, tt.good, tt.bad)
			}
			if err != nil && !strings.Contains(err.Error(), fakecloud.ErrUnreadable.Error()) {
				t.Errorf("%s: %v, want it to say why", name, err)
			}
		}
	}
}

func TestWhatIsMissingInAnAnswerCountsAsSkipped(t *testing.T) {
	refused := openStackAPI()
	refused.Has.Availability = told(nil)
	for _, tt := range []struct {
		name, collector, unreadable string
		api                         *fakecloud.Project
		want                        int
	}{
		{"used is counted on ports", "subnets", "ports", refused, 2},
		{"used of IPv6 is counted on ports", "subnets", "ports", huaweiAPI(), 2},
		{"a port may tell of a bare-metal server", "servers", "ports", openStackAPI(), 2},
		{"used is told", "subnets", "ports", openStackAPI(), 0},
		{"nobody is asked for a subnet's private IPs", "private_ips", "subnets", huaweiAPI(), 2},
	} {
		tt.api.Bad = map[string]int{tt.unreadable: 2}
		part, err := run(t, tt.collector, tt.api, config.Cloud{Servers: "baremetal"}, nil)
		if err != nil || part.Missing.N != tt.want || (part.Missing.First != nil) != (tt.want > 0) {
			t.Errorf("%s: %+v, %v, want %d skipped and why", tt.name, part, err, tt.want)
		}
	}
}

func TestSubnetsDeletedMeanwhileAreLeftOutUntilTheyAreTooMany(t *testing.T) {
	for _, tt := range []struct {
		all, gone int
		fails     bool
	}{{5, 5, false}, {40, 8, false}, {40, 9, true}, {6, 6, true}} {
		api := huaweiAPI()
		api.Has.Subnets, api.Has.Availability = nil, told(nil)
		for i := range tt.all {
			network := id(fmt.Sprint("n", i))
			api.Has.Subnets = append(api.Has.Subnets, inventory.Subnet{ID: network, NeutronID: id(fmt.Sprint("s", i)), NetworkID: network, Prefix: prefix("10.0.0.0/24")})
			if i < tt.gone {
				api.Has.Availability.Gone[network] = true
			}
		}
		part, err := run(t, "subnets", api, config.Cloud{}, nil)
		if failed := err != nil; failed != tt.fails {
			t.Errorf("%d of %d gone: %v, want failure %v", tt.gone, tt.all, err, tt.fails)
		}
		if err == nil && (part.Items != tt.all-tt.gone || part.Missing.N != 0) {
			t.Errorf("%d of %d gone: %d items, %d skipped", tt.gone, tt.all, part.Items, part.Missing.N)
		}
	}
}

func TestUnreadableAvailabilitiesAreSkippedUntilTheyAreTooMany(t *testing.T) {
	for _, tt := range []struct {
		unread int
		fails  bool
	}{{1, false}, {5, false}, {6, true}} {
		api := huaweiAPI()
		delete(api.Has.Availability.BySubnet, id("b4"))
		api.Has.Availability.Missing.N = tt.unread
		part, err := run(t, "subnets", api, config.Cloud{}, nil)
		if failed := err != nil; failed != tt.fails {
			t.Errorf("%d unreadable: %v, want failure %v", tt.unread, err, tt.fails)
		}
		if err == nil && part.Missing.N != tt.unread {
			t.Errorf("%d unreadable: %d are counted as skipped", tt.unread, part.Missing.N)
		}
	}
}

func TestAnItemListedTwiceCountsOnce(t *testing.T) {
	api := huaweiAPI()
	api.Has.Subnets = append(api.Has.Subnets, api.Has.Subnets[0])
	api.Has.Ports = append(api.Has.Ports, api.Has.Ports[0])
	api.Has.PrivateIPs["net-a"] = append(api.Has.PrivateIPs["net-a"], api.Has.PrivateIPs["net-a"][0])
	for name, want := range map[string]int{"subnets": 2, "ports": 3, "private_ips": 3} {
		if part, err := run(t, name, api, config.Cloud{}, nil); err != nil || part.Items != want {
			t.Errorf("%s: %+v, %v; want %d items", name, part, err, want)
		}
	}
}
