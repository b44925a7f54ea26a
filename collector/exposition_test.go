package collector

import (
	"bytes"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
	"cloudip_exporter/test/metrictest"
)

func everything() config.Series {
	return config.Series{Limit: 50000, Ports: "all", ServerAddresses: true, PublicIPs: "all", Tags: []string{"team", "cost-centre"}}
}

func viewsOf(snapshots ...*inventory.Snapshot) []View {
	var views []View
	now := time.Unix(1e9, 0)
	week := func(inventory.ID, netip.Addr) time.Time { return now.Add(-7 * 24 * time.Hour) }
	for _, s := range snapshots {
		views = append(views, View{Snapshot: s, IdleSince: week, Now: now})
	}
	return views
}

func published(t *testing.T, views []View, series config.Series) metrictest.Series {
	t.Helper()
	return metrictest.Text(t, exposed(t, Families(views, series, 0)))
}

func exposed(t *testing.T, families []*dto.MetricFamily) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, f := range families {
		check.Get(expfmt.MetricFamilyToText(&b, f))(t)
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
			got := exposed(t, Families(views, everything(), 0))
			golden.Check(t, filepath.Join("testdata", tt.name+".prom"), string(got))
			metrictest.Text(t, got) // no series and no label is there twice
			again := exposed(t, Families(viewsOf(tt.snapshots...), everything(), 0))
			check.Equal(t, "the same state the second time", string(got), string(again))
			for _, p := range check.Get(testutil.GatherAndLint(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
				return Families(views, everything(), 0), nil
			})))(t) {
				t.Errorf("promlint: %s: %s", p.Metric, p.Text)
			}
		})
	}
}

func TestOrderOfTargetsAndRowsDoesNotShow(t *testing.T) {
	a, b, c := huaweiLike(config.OTC), openStack(), stale()
	one, other := exposed(t, Families(viewsOf(a, b, c), everything(), 0)), exposed(t, Families(viewsOf(c, b, a), everything(), 0))
	check.Equal(t, "another order", string(one), string(other))
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
	used := func(views []View) metrictest.Series {
		return published(t, views, everything()).Of("cloudip_subnet_addresses_used", "cloud", "prod")
	}
	metrictest.Compare(t, "what is there twice", used(viewsOf(huaweiLike(config.OTC))), used(viewsOf(a, a, openStack())))
}

func TestCountsWhoseLabelsAreCutAlikeAreAddedUp(t *testing.T) {
	long := strings.Repeat("S", 128)
	s := &inventory.Snapshot{Cloud: "c", Project: "p", Provider: config.OTC, States: []inventory.State{
		complete("ports", inventory.Part{Data: inventory.PortData{Ports: portsOf(aPort("1", "n", "", "", long+"a"), aPort("2", "n", "", "", long+"b"))}}),
	}}
	got := published(t, viewsOf(s), everything()).Of("cloudip_ports", "status", long)
	check.Equal(t, "series and their sum", []float64{1, 2}, []float64{float64(len(got)), got.Total()})
}

func TestPublicIPsAreCountedByPoolStatusAndUse(t *testing.T) {
	var ips []inventory.PublicIP
	for i := range 60 { // of the same length each, in turn
		ips = append(ips, inventory.PublicIP{ID: id(strconv.Itoa(i)), Pool: []string{"p", "q"}[i%2], Status: []string{"DOWN", "IDLE", "UP"}[i%3], Attached: i%5 == 0})
	}
	s := &inventory.Snapshot{Cloud: "c", Project: "p", Provider: config.OTC, States: []inventory.State{complete("public_ips", inventory.Part{Data: inventory.PublicIPData{IPs: ips}})}}
	got := published(t, viewsOf(s), everything())
	for i := range 30 {
		attached := i%5 == 0
		n := got.Of("cloudip_public_ips", "pool", ips[i].Pool, "status", ips[i].Status, "attached", strconv.FormatBool(attached)).Total()
		check.Equal(t, fmt.Sprint(ips[i]), map[bool]float64{true: 2, false: 8}[attached], n)
	}
}

func TestPublishingPortsInSumCostsNothingPerPort(t *testing.T) {
	snap := openStack()
	data := snap.State("ports").Part.Data.(inventory.PortData)
	var list []inventory.Port
	for i := range 20_000 {
		list = append(list, aPort(fmt.Sprintf("7a10c0de-0004-4000-8000-%012d", i), "net-1", "", "compute:az1", "ACTIVE", "sub-1", fmt.Sprintf("10.0.%d.%d", i/256, i%256)))
	}
	data.Ports = portsOf(list...)
	snap.State("ports").Part.Data = data
	views := viewsOf(snap)
	views[0].PortUsage() // counted once a snapshot
	if allocs := testing.AllocsPerRun(3, func() { Families(views, config.Series{Ports: "none"}, 0) }); allocs > 5_000 {
		t.Errorf("%v allocations for the sums of 20,000 ports", allocs)
	}
}
