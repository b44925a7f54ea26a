package collector

import (
	"bytes"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/golden"
)

func everything() config.Series {
	return config.Series{Limit: 50000, Ports: "all", ServerAddresses: true, PublicIPs: "all", Tags: []string{"team", "cost-centre"}}
}

func viewsOf(snapshots ...*inventory.Snapshot) []View {
	var views []View
	for _, s := range snapshots {
		views = append(views, View{Snapshot: s})
	}
	return views
}

func pedantic(t *testing.T, views []View, series config.Series) []*dto.MetricFamily {
	t.Helper()
	got, err := gather(prometheus.NewPedanticRegistry(), views, series, 0)
	if err != nil {
		t.Fatalf("gather: %v", err)
	}
	return got
}

func exposed(t *testing.T, families []*dto.MetricFamily) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			t.Fatalf("write %s: %v", f.GetName(), err)
		}
	}
	return b.Bytes()
}

func TestExpositionIsTheGoldenOne(t *testing.T) {
	for _, tt := range []struct {
		name      string
		snapshots []*inventory.Snapshot
	}{
		{"huaweicloud", []*inventory.Snapshot{huaweiLike(config.HuaweiCloud)}},
		{"otc", []*inventory.Snapshot{huaweiLike(config.OTC), stale()}},
		{"openstack", []*inventory.Snapshot{openStack()}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			views := viewsOf(tt.snapshots...)
			got := exposed(t, pedantic(t, views, everything()))
			golden.Check(t, filepath.Join("testdata", tt.name+".prom"), string(got))
			if again := exposed(t, pedantic(t, viewsOf(tt.snapshots...), everything())); !bytes.Equal(got, again) {
				t.Error("the same state gave other bytes the second time")
			}
			lint(t, views)
		})
	}
}

func lint(t *testing.T, views []View) {
	t.Helper()
	problems, err := testutil.GatherAndLint(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		return Families(views, everything(), 0)
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("promlint: %s: %s", p.Metric, p.Text)
	}
}

func TestOrderOfTargetsAndRowsDoesNotShow(t *testing.T) {
	a, b, c := huaweiLike(config.OTC), openStack(), stale()
	one := exposed(t, pedantic(t, viewsOf(a, b, c), everything()))
	other := exposed(t, pedantic(t, viewsOf(c, b, a), everything()))
	if diff := cmp.Diff(string(one), string(other)); diff != "" {
		t.Errorf("(-one order +the other):\n%s", diff)
	}
}

func TestEqualLabelSetsNeverFailTheScrape(t *testing.T) {
	a := huaweiLike(config.OTC)
	for i := range a.States {
		p := a.States[i].Part
		switch d := p.Data.(type) {
		case inventory.SubnetData:
			p.Data = inventory.SubnetData{Subnets: slices.Repeat(d.Subnets, 2), VPCs: slices.Repeat(d.VPCs, 2)}
		case inventory.ServerData:
			p.Data = slices.Repeat(d, 2)
		case inventory.AddressGroupData:
			p.Data = slices.Repeat(d, 2)
		case inventory.QuotaData:
			p.Data = slices.Repeat(d, 2)
		}
	}
	got := pedantic(t, viewsOf(a, a, openStack()), everything())
	if len(got) == 0 {
		t.Error("nothing was published")
	}
	want := pedantic(t, viewsOf(huaweiLike(config.OTC)), everything())
	if value(t, want, "cloudip_subnet_addresses_used", "subnet_id", "net-a", "ip_version", "4") !=
		value(t, got, "cloudip_subnet_addresses_used", "subnet_id", "net-a", "ip_version", "4") {
		t.Error("a subnet that is there twice is counted twice")
	}
}

func TestCountsWhoseLabelsAreCutAlikeAreAddedUp(t *testing.T) {
	long := func(end string) string { return string(bytes.Repeat([]byte("S"), 128)) + end }
	s := &inventory.Snapshot{Cloud: "c", Project: "p", Provider: config.OTC, States: []inventory.State{
		complete("ports", inventory.Part{Data: inventory.PortData{Ports: portsOf(aPort("1", "n", "", "", long("a")), aPort("2", "n", "", "", long("b")))}}),
	}}
	if got := value(t, pedantic(t, viewsOf(s), everything()), "cloudip_ports", "status", long("")); got != 2 {
		t.Errorf("cloudip_ports = %v, want 2", got)
	}
}

func TestSeriesConfigChoosesPortsAndAddresses(t *testing.T) {
	for _, tt := range []struct {
		series                config.Series
		ports, addresses, all int
	}{
		{series: config.Series{}, ports: 0, addresses: 0},
		{series: config.Series{Ports: "none", ServerAddresses: true, PublicIPs: "all"}, ports: 0, addresses: 2},
		{series: config.Series{Ports: "idle"}, ports: 1},
		{series: config.Series{Ports: "down"}, ports: 3},
		{series: config.Series{Ports: "all"}, ports: 9},
	} {
		got := pedantic(t, viewsOf(huaweiLike(config.OTC)), tt.series)
		if n := series(got, "cloudip_port_info"); n != tt.ports {
			t.Errorf("series.ports %q: %d port series, want %d", tt.series.Ports, n, tt.ports)
		}
		if n := series(got, "cloudip_server_address_info"); n != tt.addresses {
			t.Errorf("series.server_addresses %v: %d series, want %d", tt.series.ServerAddresses, n, tt.addresses)
		}
		if n := series(got, "cloudip_server_addresses"); n != 6 {
			t.Errorf("%d series of cloudip_server_addresses, want 6 whatever is chosen", n)
		}
	}
}

func series(families []*dto.MetricFamily, name string) int {
	for _, f := range families {
		if f.GetName() == name {
			return len(f.Metric)
		}
	}
	return 0
}

// value is the one series of a family with these labels; NaN when there is none.
func value(t *testing.T, families []*dto.MetricFamily, name string, labels ...string) float64 {
	t.Helper()
	found := math.NaN()
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.Metric {
			if !hasLabels(m, labels) {
				continue
			}
			if !math.IsNaN(found) {
				t.Errorf("%s has several series with %q", name, labels)
			}
			found = m.GetGauge().GetValue()
		}
	}
	return found
}

func hasLabels(m *dto.Metric, labels []string) bool {
	for i := 0; i+1 < len(labels); i += 2 {
		ok := false
		for _, l := range m.Label {
			ok = ok || l.GetName() == labels[i] && l.GetValue() == labels[i+1]
		}
		if !ok {
			return false
		}
	}
	return true
}
