package collector

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/metrictest"
)

// dropped is the family cloudip_series_dropped, without its zeros.
func dropped(all metrictest.Series) map[string]int {
	got := make(map[string]int)
	for key, n := range all.Of("cloudip_series_dropped") {
		if n != 0 {
			got[metrictest.Label(key, "family")] = int(n)
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
	whole := published(t, views, limited(0))
	left, want := len(whole), make(map[string]int)
	check.Equal(t, "dropped at a limit that is reached exactly", map[string]int{}, dropped(published(t, views, limited(left))))
	for _, name := range perItem() {
		// One series too many costs the next family as a whole.
		limit := left - 1
		want[name] = len(whole.Of(name))
		left -= want[name]
		got := published(t, views, limited(limit))
		check.Equal(t, fmt.Sprint("dropped at the limit ", limit), want, dropped(got))
		check.Equal(t, fmt.Sprint("series at the limit ", limit), left, len(got))
		check.Equal(t, "series of "+name, 0, len(got.Of(name)))
	}
}

func TestLimitCountsTheSeriesFromElsewhere(t *testing.T) {
	views := viewsOf(huaweiLike(config.OTC))
	all := len(published(t, views, limited(0)))
	got := metrictest.Text(t, exposed(t, Families(views, limited(all+9), 10)))
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

func TestLimitKeepsTheMostUsedSubnets(t *testing.T) {
	views := viewsOf(subnetsOf(
		[2]float64{9, 10},    // s0 0.9
		[2]float64{100, -1},  // s1 no capacity: the first to go
		[2]float64{10, 1000}, // s2 0.01
		[2]float64{0, 0},     // s3 empty
		[2]float64{2, 0},     // s4 overfull
		[2]float64{300, 250}, // s5 1.2
		[2]float64{0, 100},   // s6 empty: as s3, and after it by id
	))
	at := func(limit int) metrictest.Series {
		return published(t, views, config.Series{Limit: limit, Ports: "none"})
	}
	order := []string{"s1", "s3", "s6", "s2", "s0", "s5", "s4"}
	all := at(0)
	left := len(all)
	for i, name := range order {
		got := at(left - 1)
		for j, other := range order {
			published, series := len(got.Of("cloudip_subnet_addresses_used", "subnet_id", other)) == 1, len(got.Of("", "subnet_id", other))
			if published != (j > i) || !published && series != 0 {
				t.Errorf("limit %d: subnet %s published: %v, want %v; it has %d series", left-1, other, published, j > i, series)
			}
		}
		sum := len(got)
		for _, n := range dropped(got) {
			sum += n
		}
		check.Equal(t, fmt.Sprint("published and dropped at the limit ", left-1), len(all), sum)
		left -= len(all.Of("", "subnet_id", name))
	}
}

func TestLimitNeverTouchesTheRest(t *testing.T) {
	const told = "cloudip_series_dropped"
	views, given := viewsOf(huaweiLike(config.OTC)), slices.Concat(perItem(), perSubnet(), []string{told})
	rest, got := published(t, views, limited(0)), published(t, views, limited(1))
	maps.DeleteFunc(rest, func(key string, _ float64) bool { return slices.Contains(given, metrictest.Family(key)) })
	maps.DeleteFunc(got, func(key string, _ float64) bool { return metrictest.Family(key) == told })
	metrictest.Compare(t, "all but what can be given up", rest, got)
}

func TestAFamilyThatAloneExceedsTheLimitIsCountedWhole(t *testing.T) {
	const n = 5000
	var ports []inventory.Port
	for i := range n {
		ports = append(ports, aPort(fmt.Sprint("p", i), "n", "", "", "DOWN", "s", "10.0.0.1"))
	}
	s := &inventory.Snapshot{Cloud: "c", Project: "p", Provider: config.OTC, States: []inventory.State{complete("ports", inventory.Part{Data: inventory.PortData{Ports: portsOf(ports...)}})}}
	check.Equal(t, "series dropped", n, dropped(published(t, viewsOf(s), limited(1000)))["cloudip_port_info"])
}
