package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/collector/fakecloud"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
	"cloudip_exporter/test/metrictest"
)

var errOutage = errors.New("503")

func notFound(code string) error {
	return fmt.Errorf("get: %w", &apierr.StatusError{Status: http.StatusNotFound, Code: code})
}

func byNameOf(t *testing.T, name string) Collector {
	t.Helper()
	all := slices.DeleteFunc(All(), func(c Collector) bool { return c.Name != name })
	check.Equal(t, "collectors called "+name, 1, len(all))
	return all[0]
}

func run(t *testing.T, name string, api API, cfg config.Cloud, last *inventory.Snapshot) (*inventory.Part, error) {
	t.Helper()
	return Run(t.Context(), byNameOf(t, name), NewSource(t.Context(), api, cfg, last))
}

// usages gives the usage of each subnet as text, in order.
func usages(p *inventory.Part) (lines []string) {
	number := func(f *float64) string {
		if f == nil {
			return "-"
		}
		return fmt.Sprint(*f)
	}
	for _, s := range p.Data.(inventory.SubnetData).Subnets {
		u := s.Usage
		lines = append(lines, fmt.Sprintf("%v/%s %s capacity %s used %v free %s reserved %s", s.ID, s.IPVersion(), u.Source, number(u.Capacity), u.Used, number(u.Free), number(u.Reserved)))
	}
	slices.Sort(lines)
	return lines
}

// TestSubnetUsage compares the usage, the items and how often ports were listed with
// testdata/usage.txt.
func TestSubnetUsage(t *testing.T) {
	var b strings.Builder
	for _, tt := range []struct {
		name   string
		api    *fakecloud.Project
		change func(*fakecloud.Estate)
	}{
		{"as the cloud says, and IPv6 counted on ports", huaweiAPI(), func(*fakecloud.Estate) {}},
		{"no ports needed without IPv6", huaweiAPI(), func(e *fakecloud.Estate) { e.Subnets = slices.Delete(e.Subnets, 1, 2) }},
		{"what the cloud says of IPv6 there is not believed", huaweiAPI(), func(e *fakecloud.Estate) {
			e.Availability = told(map[string][2]float64{"a4": {251, 12}, "a6": {9, 9}, "b4": {11, 11}})
		}},
		{"refused for one subnet: an estimate for that one", huaweiAPI(), func(e *fakecloud.Estate) { e.Availability = told(map[string][2]float64{"b4": {11, 11}}) }},
		{"the listing's own count of what is left wins", huaweiAPI(), func(e *fakecloud.Estate) { e.Subnets[0].Available, e.Subnets[2].Available = ref(77), ref(0) }},
		{"a network deleted meanwhile is left out", huaweiAPI(), func(e *fakecloud.Estate) { e.Availability.Gone[id("net-a")] = true }},
		{"a capacity above the size of the CIDR reserves nothing", huaweiAPI(), func(e *fakecloud.Estate) {
			e.Availability = told(map[string][2]float64{"a4": {300, 0}, "b4": {16, 20}})
		}},
		{"a tiny subnet is estimated at nothing", huaweiAPI(), func(e *fakecloud.Estate) {
			e.Subnets, e.Availability = e.Subnets[2:], told(nil)
			e.Subnets[0].Prefix = prefix("10.0.1.4/31")
		}},
		{"openstack: used may exceed capacity, IPv6 beyond 2^63", openStackAPI(), func(*fakecloud.Estate) {}},
		{"openstack: the cloud says what is left in the pools", openStackAPI(), func(e *fakecloud.Estate) {
			for _, s := range []string{"s1", "s6"} {
				a := e.Availability.BySubnet[id(s)]
				a.Left = ref(7)
				e.Availability.BySubnet[id(s)] = a
			}
		}},
		{"openstack: refused, the pools tell", openStackAPI(), func(e *fakecloud.Estate) { e.Availability = told(nil) }},
	} {
		tt.change(&tt.api.Has)
		part := check.Get(run(t, "subnets", tt.api, config.Cloud{}, nil))(t)
		fmt.Fprintf(&b, "== %s: %d items, ports listed %d times\n%s\n\n", tt.name, part.Items, tt.api.Calls()["ports"], strings.Join(usages(part), "\n"))
	}
	golden.Check(t, "testdata/usage.txt", b.String())
}

// TestACollectorFailsWithWhatItNeeds lets each listing fail, and refuses it, for each collector
// in turn. testdata/needs.txt has what fails then, and the families that are left out.
func TestACollectorFailsWithWhatItNeeds(t *testing.T) {
	cfg := config.Cloud{Tags: everything().Tags}
	var b strings.Builder
	for _, made := range []func() *fakecloud.Project{fullHuawei, openStackAPI} {
		for _, c := range All() {
			api := made()
			if !c.For(api.On) {
				continue
			}
			before := familiesOf(t, c.Name, api, cfg)
			var fails []string
			for _, r := range provider.Named(api.On).Resources {
				listing := string(r.Resource)
				if _, asked := api.Calls()[listing]; !asked {
					continue
				}
				broken := made()
				broken.Fail = map[string]error{listing: errOutage}
				part, err := run(t, c.Name, broken, cfg, nil)
				if err != nil && (part != nil || !errors.Is(err, errOutage)) {
					t.Errorf("%s with failing %s: part %v, error %v; want the outage and nothing half-read", c.Name, listing, part, err)
				}
				if err != nil && !slices.Contains(fails, listing) {
					fails = append(fails, listing)
				}
				fmt.Fprint(&b, refusals(t, c.Name, listing, made, cfg, before))
			}
			fmt.Fprintf(&b, "%s %s fails with %s\n", api.On, c.Name, strings.Join(fails, ", "))
		}
	}
	golden.Check(t, "testdata/needs.txt", b.String())
}

// fullHuawei is a project of Huawei Cloud that has something of everything.
func fullHuawei() *fakecloud.Project {
	api := huaweiAPI()
	api.On = config.HuaweiCloud
	api.Has.Servers = []inventory.Server{{ID: id("vm"), BareMetal: true}}
	api.Has.PublicIPPools = []inventory.PublicIPPool{{ID: id("p"), Name: "own", Size: ref(8), Used: ref(1)}}
	api.Has.SubnetTags = []inventory.SubnetTags{{ID: api.Has.Subnets[0].ID, Tags: inventory.NewTags(everything().Tags)}}
	return api
}

// familiesOf are those that a collector publishes beside subnets.
func familiesOf(t *testing.T, collector string, api *fakecloud.Project, cfg config.Cloud) map[string]bool {
	t.Helper()
	part := check.Get(run(t, collector, api, cfg, nil))(t)
	snap := &inventory.Snapshot{Provider: api.On, States: []inventory.State{complete(collector, *part)}}
	if collector != "subnets" {
		snap.States = append(snap.States, complete("subnets", *check.Get(run(t, "subnets", &fakecloud.Project{On: api.On, Has: api.Has}, cfg, nil))(t)))
	}
	has := map[string]bool{}
	for key := range published(t, viewsOf(snap), everything()) {
		has[metrictest.Family(key)] = true
	}
	return has
}

// refusals says which families are left out where a listing is refused in each way, "" where
// that is a failure.
func refusals(t *testing.T, collector, listing string, made func() *fakecloud.Project, cfg config.Cloud, before map[string]bool) string {
	t.Helper()
	var said []string
	for _, refusal := range []apierr.StatusError{{Status: http.StatusForbidden}, {Status: http.StatusNotFound}, {Status: http.StatusUnauthorized, Limited: true}} {
		api := made()
		api.Fail = map[string]error{listing: &refusal}
		part, err := run(t, collector, api, cfg, nil)
		if err != nil {
			continue
		}
		after := familiesOf(t, collector, api, cfg)
		lost := slices.Sorted(maps.Keys(before))
		lost = slices.DeleteFunc(lost, func(name string) bool { return after[name] })
		said = append(said, fmt.Sprintf("%s %s without %s by %d: lost %v, told %v\n", made().On, collector, listing, refusal.Status, lost, len(part.Without) > 0))
	}
	return strings.Join(said, "")
}

func TestEachListingIsFetchedOnce(t *testing.T) {
	api := openStackAPI()
	api.Has.Availability = told(nil) // so that subnets counts on ports
	src := NewSource(t.Context(), api, config.Cloud{}, nil)
	var group errgroup.Group
	for _, c := range All() {
		if c.For(config.OpenStack) {
			group.Go(func() error {
				_, err := Run(t.Context(), c, src)
				return err
			})
		}
	}
	check.OK(t, group.Wait())
	want := map[string]int{"subnets": 1, "subnet_pools": 1, "networks": 1, "owners": 1, "availability": 1, "ports": 1, "servers": 1, "server_addresses": 2, "address_groups": 1, "public_ips": 1, "quotas": 1}
	check.Equal(t, "calls", want, api.Calls())
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
		check.Equal(t, fmt.Sprintf("%s: %v: failure", tt.name, err), tt.want, err != nil)
		if len(api.Has.Subnets) == 0 && api.Calls()["availability"] > 0 {
			t.Errorf("%s: asked for availability without need", tt.name)
		}
	}
}

// badRow says whether so many bad items of all are too many.
type badRow struct {
	all, bad int
	fails    bool
}

func TestBadItemsAreSkippedUntilTheyAreTooMany(t *testing.T) {
	unreadable := &apierr.ItemError{Kind: "server", Err: fakecloud.ErrUnreadable}
	without := func(code string, err error) func(all, bad int) *fakecloud.Project {
		return func(all, bad int) *fakecloud.Project {
			api := manyServers(all)
			api.Fail = make(map[string]error)
			for i := range bad {
				api.Fail[fmt.Sprint("server_addresses/s", i)] = cmp.Or(err, notFound(code))
			}
			return api
		}
	}
	listed := func(listing string) func(all, bad int) *fakecloud.Project {
		return func(all, bad int) *fakecloud.Project {
			api := &fakecloud.Project{On: config.OTC, Bad: map[string]int{listing: bad}}
			for i := range all - bad {
				api.Has.Ports = append(api.Has.Ports, aPort(fmt.Sprint("p", i), "n", "", "", "DOWN"))
				api.Has.Servers = append(api.Has.Servers, inventory.Server{ID: id(fmt.Sprint("s", i))})
			}
			return api
		}
	}
	subnets := func(all, bad int) *fakecloud.Project {
		api := &fakecloud.Project{On: config.OTC, Fail: make(map[string]error), Has: fakecloud.Estate{Availability: told(nil), PrivateIPs: make(map[string][]inventory.PrivateIP)}}
		for i := range all {
			name := fmt.Sprint("n", i)
			api.Has.Subnets = append(api.Has.Subnets, inventory.Subnet{ID: id(name), NeutronID: id(fmt.Sprint("s", i)), NetworkID: id(name), Prefix: prefix("10.0.0.0/24")})
			api.Has.PrivateIPs[name] = []inventory.PrivateIP{{ID: id("ip-" + name), SubnetID: id(name)}}
			if i < bad {
				api.Has.Availability.Gone[id(name)] = true
				api.Has.PrivateIPs[name], api.Fail["private_ips/"+name] = nil, notFound("VPC.0202")
			}
		}
		return api
	}
	figures := func(_, bad int) *fakecloud.Project {
		api := huaweiAPI()
		delete(api.Has.Availability.BySubnet, id("b4"))
		api.Has.Availability.Missing.N = bad
		return api
	}
	unread := []badRow{{1, 1, true}, {5, 5, true}, {6, 5, false}, {7, 6, true}, {1001, 1, false}, {600, 6, false}, {599, 6, true}, {2020, 20, false}, {1920, 20, true}}
	for _, c := range []struct {
		name, collector string
		api             func(all, bad int) *fakecloud.Project
		counted         bool // as skipped; else as if they had never been
		rows            []badRow
	}{
		{"unreadable", "ports", listed("ports"), true, unread},
		{"unreadable", "servers", listed("servers"), true, unread},
		{"with addresses that cannot be read", "servers", without("", unreadable), true, []badRow{{1, 1, true}, {6, 5, false}, {5, 5, true}, {10, 5, false}, {10, 6, true}, {700, 7, false}, {700, 8, true}}},
		{"gone", "servers", without("itemNotFound", nil), false, []badRow{{1, 1, false}}},
		{"gone without a code", "servers", without("", nil), false, []badRow{{5, 4, false}, {2, 2, true}, {30, 6, false}, {29, 6, true}, {100, 20, false}, {100, 21, true}}}, // all: a right is missing
		{"unknown to the gateway", "servers", without("APIGW.0101", nil), false, []badRow{{10, 1, true}}},                                                                    // nothing is gone
		{"gone", "subnets", subnets, false, []badRow{{5, 5, false}, {40, 8, false}, {40, 9, true}, {6, 6, true}}},
		{"without private IPs", "private_ips", subnets, false, []badRow{{1, 1, true}, {2, 1, false}, {6, 5, false}, {6, 6, true}, {40, 8, false}, {39, 8, true}}},
		{"without figures", "subnets", figures, true, []badRow{{2 + 1, 1, false}, {2 + 5, 5, false}, {2 + 6, 6, true}}},
	} {
		for _, row := range c.rows {
			part, err := run(t, c.collector, c.api(row.all, row.bad), config.Cloud{Servers: "all"}, nil)
			check.Equal(t, fmt.Sprintf("%s: %d of %d %s: %v: failure", c.collector, row.bad, row.all, c.name, err), row.fails, err != nil)
			if err != nil {
				if c.name == "unreadable" {
					check.Fails(t, c.collector, err, fakecloud.ErrUnreadable.Error())
				}
				continue
			}
			kept := part.Items
			if servers, are := part.Data.(inventory.ServerData); are {
				kept = len(servers)
			}
			if kept != row.all-row.bad || part.Items != kept || part.Missing.N != map[bool]int{true: row.bad}[c.counted] {
				t.Errorf("%s: %d of %d %s: %d items and %d skipped", c.collector, row.bad, row.all, c.name, part.Items, part.Missing.N)
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

func TestAnItemListedTwiceCountsOnce(t *testing.T) {
	api := huaweiAPI()
	api.Has.Subnets = append(api.Has.Subnets, api.Has.Subnets[0])
	api.Has.Ports = append(api.Has.Ports, api.Has.Ports[0])
	api.Has.PrivateIPs["net-a"] = append(api.Has.PrivateIPs["net-a"], api.Has.PrivateIPs["net-a"][0])
	for name, want := range map[string]int{"subnets": 2, "ports": 3, "private_ips": 3} {
		check.Equal(t, "items of "+name, want, check.Get(run(t, name, api, config.Cloud{}, nil))(t).Items)
	}
}

// TestPublicIPsThatStayedAreKeptOnce compares each answer with what is read of the same
// listing without an answer before it.
func TestPublicIPsThatStayedAreKeptOnce(t *testing.T) {
	ip := func(name, status string) inventory.PublicIP {
		return inventory.PublicIP{ID: id(name), Pool: "p", Status: status}
	}
	a, b, c, d := ip("a", "UP"), ip("b", "UP"), ip("c", "UP"), ip("d", "UP")
	last := &inventory.Snapshot{States: []inventory.State{{Collector: "public_ips", Part: &inventory.Part{
		Data: inventory.PublicIPData{IPs: []inventory.PublicIP{a, b, c}},
	}}}}
	for _, tt := range []struct {
		name   string
		listed []inventory.PublicIP
		shared bool
	}{
		{"nothing changed", []inventory.PublicIP{a, b, c}, true},
		{"the last went", []inventory.PublicIP{a, b}, true},
		{"all went", nil, false},
		{"the first went", []inventory.PublicIP{b, c}, false},
		{"one came behind", []inventory.PublicIP{a, b, c, d}, false},
		{"one changed", []inventory.PublicIP{a, ip("b", "DOWN"), c}, false},
		{"in another order", []inventory.PublicIP{a, c, b}, false},
		{"one came twice, and the second was changed", []inventory.PublicIP{a, b, c, ip("c", "DOWN")}, false},
	} {
		api := huaweiAPI()
		api.Has.PublicIPs = tt.listed
		ips := func(last *inventory.Snapshot) []inventory.PublicIP {
			part := check.Get(run(t, "public_ips", api, config.Cloud{}, last))(t)
			check.Equal(t, tt.name+": items", len(part.Data.(inventory.PublicIPData).IPs), part.Items)
			return part.Data.(inventory.PublicIPData).IPs
		}
		before, got := inventory.Of[inventory.PublicIPData](last).IPs, ips(last)
		if want := ips(nil); !slices.Equal(got, want) || cap(got) > len(got) && tt.shared {
			t.Errorf("%s: %v, want %v and no room behind it", tt.name, got, want)
		}
		if shared := len(got) > 0 && &got[0] == &before[0]; shared != tt.shared || !slices.Equal(before, []inventory.PublicIP{a, b, c}) {
			t.Errorf("%s: shared with the last answer is %t, and that is now %v", tt.name, shared, before)
		}
	}
}

// readTwice is a listing that began again from the start after a page: the
// first item is gone by then, and the last page comes twice.
func readTwice[T any](items ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for reading := range 2 {
			for _, item := range items[reading:] {
				yield(item, nil)
			}
			for _, bad := range []string{"a", "b", "c", "d"}[reading:] {
				yield(none, &apierr.ItemError{Kind: "item", ID: bad, Err: fakecloud.ErrUnreadable})
			}
			if reading == 0 {
				yield(none, apierr.ErrAgain)
				continue
			}
			yield(items[len(items)-1], nil)
			yield(none, &apierr.ItemError{Kind: "item", ID: "d", Err: fakecloud.ErrUnreadable})
		}
	}
}

// portsTwice is an API whose listing of ports begins again.
type portsTwice struct {
	*fakecloud.Project
	ports iter.Seq2[inventory.Port, error]
}

func (a portsTwice) PortsInParts(context.Context, *inventory.Ports) iter.Seq2[inventory.Port, error] {
	return a.ports
}

func TestOfAListingReadAgainOnlyTheSecondReadingCounts(t *testing.T) {
	second := func(what string, items int, missing inventory.Missing, err error) {
		t.Helper()
		check.OK(t, err)
		check.Equal(t, what+": items and those skipped", []int{1, 3}, []int{items, missing.N})
	}
	servers, err := read("servers", 0, readTwice(inventory.Server{ID: id("gone")}, inventory.Server{ID: id("s")}), func(a, b *inventory.Server) int { return a.ID.Compare(b.ID) })
	second("servers", len(servers.items), servers.missing, err)
	check.Equal(t, "the server", id("s"), servers.items[0].ID)
	again := []inventory.PublicIP{{ID: id("gone")}, {ID: id("p")}}
	public, err := readAgain("public ips", again, readTwice(again...), func(a, b *inventory.PublicIP) int { return a.ID.Compare(b.ID) })
	second("public IPs", len(public.items), public.missing, err)
	check.Equal(t, "the public IP", id("p"), public.items[0].ID)
	api := portsTwice{huaweiAPI(), readTwice(aPort("gone", "n", "", "", "DOWN"), aPort("p", "n", "", "", "DOWN"))}
	ports, err := NewSource(t.Context(), api, config.Cloud{}, nil).ports()
	second("ports", ports.ports.Len(), ports.missing, err)
	ips, missing, err := readPrivateIPs(readTwice(inventory.PrivateIP{ID: id("gone")}, inventory.PrivateIP{ID: id("i")}))
	second("private IPs", ips.Len(), missing, err)
}
