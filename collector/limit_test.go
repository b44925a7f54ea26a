package collector

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

func total(families []*dto.MetricFamily) int {
	n := 0
	for _, f := range families {
		n += len(f.Metric)
	}
	return n
}

// dropped is the family cloudip_series_dropped, without its zeros.
func dropped(families []*dto.MetricFamily) map[string]int {
	got := make(map[string]int)
	for _, f := range families {
		if f.GetName() != "cloudip_series_dropped" {
			continue
		}
		for _, m := range f.Metric {
			if v := int(m.GetGauge().GetValue()); v != 0 {
				got[m.Label[0].GetValue()] = v
			}
		}
	}
	return got
}

func limited(limit int) config.Series {
	s := everything()
	s.Limit = limit
	return s
}

// perItem returns the families that series.limit gives up as a whole, in order.
func perItem() []string {
	rows := slices.DeleteFunc(allMetrics(config.Series{}), func(m Metric) bool { return m.PerItem == 0 })
	slices.SortFunc(rows, func(a, b Metric) int { return a.PerItem - b.PerItem })
	return names(rows)
}

// perSubnet returns the families of which series.limit gives up whole subnets.
func perSubnet() []string {
	return names(slices.DeleteFunc(allMetrics(config.Series{}), func(m Metric) bool { return !m.PerSubnet }))
}

func names(rows []Metric) []string {
	var all []string
	for _, m := range rows {
		all = append(all, m.Name)
	}
	return all
}

func TestLimitGivesUpWholeFamiliesInOrder(t *testing.T) {
	views := viewsOf(huaweiLike(config.OTC), openStack())
	whole := pedantic(t, views, limited(0))
	all, left := total(whole), total(whole)
	want := make(map[string]int)
	for _, name := range perItem() {
		// One series too many costs the next family as a whole.
		limit := left - 1
		want[name] = series(whole, name)
		left -= want[name]
		got := pedantic(t, views, limited(limit))
		if diff := cmp.Diff(want, dropped(got)); diff != "" {
			t.Errorf("limit %d of %d (-want +got):\n%s", limit, all, diff)
		}
		if total(got) != left || series(got, name) != 0 {
			t.Errorf("limit %d: %d series, %d of them %s; want %d and 0", limit, total(got), series(got, name), name, left)
		}
	}
}

func TestLimitExactlyReachedDropsNothing(t *testing.T) {
	views := viewsOf(huaweiLike(config.OTC))
	all := total(pedantic(t, views, limited(0)))
	if got := dropped(pedantic(t, views, limited(all))); len(got) != 0 {
		t.Errorf("dropped %v, want nothing", got)
	}
}

func TestLimitCountsTheSeriesFromElsewhere(t *testing.T) {
	views := viewsOf(huaweiLike(config.OTC))
	all := total(pedantic(t, views, limited(0)))
	got, err := gather(prometheus.NewPedanticRegistry(), views, limited(all+9), 10)
	if err != nil {
		t.Fatal(err)
	}
	if dropped(got)["cloudip_port_info"] == 0 {
		t.Errorf("dropped %v, want cloudip_port_info", dropped(got))
	}
}

// subnetsOf makes IPv4 subnets s0, s1, ... with these figures of used and
// capacity; a negative capacity is none.
func subnetsOf(figures ...[2]float64) *inventory.Snapshot {
	var list []inventory.Subnet
	for i, f := range figures {
		s := inventory.Subnet{ID: id(fmt.Sprint("s", i)), NeutronID: id(fmt.Sprint("s", i)), Prefix: prefix(fmt.Sprintf("10.0.%d.0/24", i))}
		s.Usage.Used, s.Usage.Source = f[0], inventory.FromNowhere
		if f[1] >= 0 {
			s.Usage.Capacity, s.Usage.Source = &f[1], inventory.FromAvailability
		}
		list = append(list, s)
	}
	return &inventory.Snapshot{Cloud: "c", Project: "p", Provider: config.OpenStack, States: []inventory.State{
		complete("subnets", inventory.Part{Items: len(list), Data: inventory.SubnetData{Subnets: list}}),
		complete("ports", inventory.Part{Data: inventory.PortData{Subnets: list, Ports: portsOf(aPort("1", "n", "", "", "DOWN", "s0", "10.0.0.9"))}}),
	}}
}

func subnetsLimited(limit int) config.Series {
	return config.Series{Limit: limit, Ports: "none"}
}

func TestLimitKeepsTheMostUsedSubnets(t *testing.T) {
	s := subnetsOf(
		[2]float64{9, 10},    // s0 0.9
		[2]float64{100, -1},  // s1 no capacity: the first to go
		[2]float64{10, 1000}, // s2 0.01
		[2]float64{0, 0},     // s3 empty
		[2]float64{2, 0},     // s4 overfull
		[2]float64{300, 250}, // s5 1.2
		[2]float64{0, 100},   // s6 empty: as s3, and after it by id
	)
	views := viewsOf(s)
	all := total(pedantic(t, views, subnetsLimited(0)))
	order := []string{"s1", "s3", "s6", "s2", "s0", "s5", "s4"}
	left := all
	for i, name := range order {
		got := pedantic(t, views, subnetsLimited(left-1))
		for j, other := range order {
			published := series(only(got, other), "cloudip_subnet_addresses_used") == 1
			if published != (j > i) {
				t.Errorf("limit %d: subnet %s published: %v, want %v", left-1, other, published, j > i)
			}
			if n := total(only(got, other)); !published && n != 0 {
				t.Errorf("limit %d: subnet %s is left out but has %d series", left-1, other, n)
			}
		}
		if sum := total(got) + sumOf(dropped(got)); sum != all {
			t.Errorf("limit %d: published and dropped are %d, want %d", left-1, sum, all)
		}
		left -= total(only(pedantic(t, views, subnetsLimited(0)), name))
	}
}

// only keeps the series of one subnet.
func only(families []*dto.MetricFamily, subnet string) []*dto.MetricFamily {
	var kept []*dto.MetricFamily
	for _, f := range families {
		k := &dto.MetricFamily{Name: f.Name}
		for _, m := range f.Metric {
			if hasLabels(m, []string{"subnet_id", subnet}) {
				k.Metric = append(k.Metric, m)
			}
		}
		kept = append(kept, k)
	}
	return kept
}

func sumOf(counts map[string]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

func TestLimitNeverTouchesTheRest(t *testing.T) {
	views := viewsOf(huaweiLike(config.OTC))
	got := pedantic(t, views, limited(1))
	for _, name := range []string{"cloudip_ports", "cloudip_servers", "cloudip_vpc_info", "cloudip_private_ips", "cloudip_quota_limit",
		"cloudip_address_group_entries", "cloudip_collector_success", "cloudip_series_dropped"} {
		if series(got, name) == 0 {
			t.Errorf("%s was given up", name)
		}
	}
	for _, name := range append(perItem(), perSubnet()...) {
		if n := series(got, name); n != 0 {
			t.Errorf("%s still has %d series", name, n)
		}
	}
}

func TestAFamilyThatAloneExceedsTheLimitIsCountedWhole(t *testing.T) {
	ports := &inventory.Ports{}
	const n = 5000
	for i := range n {
		ports.Append(aPort(fmt.Sprint("p", i), "n", "", "", "DOWN", "s", "10.0.0.1"))
	}
	ports.Freeze()
	s := &inventory.Snapshot{Cloud: "c", Project: "p", Provider: config.OTC, States: []inventory.State{complete("ports", inventory.Part{Data: inventory.PortData{Ports: ports}})}}
	got := pedantic(t, viewsOf(s), limited(1000))
	if d := dropped(got)["cloudip_port_info"]; d != n {
		t.Errorf("dropped %d series of cloudip_port_info, want %d", d, n)
	}
}

func BenchmarkFamilies50000Series(b *testing.B) {
	const subnets = 7000 // times 7 families
	list := make([]inventory.Subnet, subnets)
	for i := range list {
		name := inventory.ParseID(fmt.Sprintf("7a10c0de-0002-4000-8000-%012x", i*7919%subnets))
		list[i] = inventory.Subnet{ID: name, NeutronID: name, NetworkID: name, Name: fmt.Sprint("subnet-", i), Prefix: prefix("10.0.0.0/24"),
			Usage: inventory.Usage{Source: inventory.FromAvailability, Capacity: ref(251), Used: float64(i % 251), Free: ref(1), Reserved: ref(5)}}
	}
	ports := &inventory.Ports{}
	for i := range list {
		ports.Append(inventory.Port{ID: list[i].ID, NetworkID: list[i].ID, Status: "ACTIVE", Owner: "compute:a", Fixed: []inventory.FixedIP{{SubnetID: list[i].ID, Addr: addr("10.0.0.5")}}})
	}
	ports.Freeze()
	views := viewsOf(&inventory.Snapshot{Cloud: "c", Project: "p", Provider: config.OTC, States: []inventory.State{
		complete("subnets", inventory.Part{Data: inventory.SubnetData{Subnets: list}}), complete("ports", inventory.Part{Data: inventory.PortData{Ports: ports, Subnets: list}})}})
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		got, err := Families(views, limited(0), 0)
		if err != nil {
			b.Fatal(err)
		}
		n = total(got)
	}
	b.ReportMetric(float64(n), "series")
}
