package simtest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/test/check"
)

func TestOddCasesAreThereAndCountedByTheRules(t *testing.T) {
	subnet := func(tr Truth, name, version string) TruthSubnet {
		for _, s := range tr.Subnets {
			if s.Name == name && s.IPVersion == version {
				return s
			}
		}
		t.Fatalf("no subnet %s", name)
		return TruthSubnet{}
	}
	hwc := New(simulator.Options{Provider: simulator.HuaweiCloud}).Truth()
	a, a6 := subnet(hwc, "app-a", "4"), subnet(hwc, "app-a", "6")
	if *a.Capacity != 251 || *a.Reserved != 5 || *a.Free != 251-a.Used-3 || a.ID != a6.ID || a.NeutronID == a6.NeutronID {
		t.Errorf("app-a: %+v", a)
	}
	if a6.Capacity != nil || a6.Free != nil || a6.Source != "none" || a6.Used == 0 {
		t.Errorf("app-a, IPv6: %+v", a6)
	}
	check.Equal(t, "reserved", 13, *subnet(hwc, "with-reservation", "4").Reserved)
	if f := subnet(hwc, "db-full", "4"); *f.Free != 0 || f.Used != *f.Capacity {
		t.Errorf("full: %+v", f)
	}
	refused := New(simulator.Options{Provider: simulator.HuaweiCloud}).Truth(View{Refused: true})
	if r := subnet(refused, "with-reservation", "4"); r.Source != "estimate" || *r.Capacity != 59 {
		t.Errorf("refused: %+v", r)
	}
	os := New(simulator.Options{}).Truth()
	if p := subnet(os, "net-pool-v4", "4"); p.Used <= *p.Capacity || *p.Free != 0 {
		t.Errorf("used beyond total: %+v", p)
	}
	if h := subnet(os, "net-v6-huge-v6", "6"); *h.Capacity < 1<<63 {
		t.Errorf("huge: %v", *h.Capacity)
	}
	member := New(simulator.Options{}).Truth(View{Project: "alpha", Member: true})
	if m := subnet(member, "net-28-full-v4", "4"); m.Source != "allocation_pool" || m.Used != 13+1 {
		t.Errorf("member: %+v", m)
	}
	for _, tr := range []Truth{hwc, os} {
		kinds := map[string]int{}
		for _, s := range tr.Servers {
			kinds[s.Kind]++
		}
		if kinds["baremetal"] == 0 || kinds["virtual"] == 0 {
			t.Errorf("%s: %v", tr.Provider, kinds)
		}
	}
}

func TestPortsAreOddInEveryWayOfTheRealOnes(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.HuaweiCloud}).login(simulator.Exporter)
	seen := map[string]int{}
	for _, p := range items(r.get("/vpc/v1/{pid}/ports"), "ports") {
		_, hasDevice := p["device_id"]
		for what, is := range map[string]bool{
			"no device_id": !hasDevice, "no address": len(items(p, "fixed_ips")) == 0,
			"dual stack": len(items(p, "fixed_ips")) == 2, "dhcp": p["device_owner"] == "network:dhcp", "unknown owner": p["device_owner"] == "network:ucmp",
			"gateway": p["device_owner"] == "network:router_interface_distributed", "idle": p["device_owner"] == "" && p["device_id"] == "",
		} {
			if is {
				seen[what]++
			}
		}
	}
	check.Equal(t, "oddities", 7, len(seen))
}

func TestRedundantEntriesAreDroppedFromTheSmallest(t *testing.T) {
	for _, c := range []struct {
		entries string
		want    int
	}{
		{"10.0.0.0/8 10.1.2.3", 1},
		{"10.1.2.3 10.1.2.3", 1},
		{"192.0.2.0-192.0.2.127 192.0.2.128-192.0.2.255 192.0.2.0/24", 2},
		{"192.0.2.0-192.0.2.9 192.0.2.5-192.0.2.14 192.0.2.0-192.0.2.5", 1},
		{"192.0.2.0/25 192.0.2.128/25 192.0.2.64-192.0.2.191", 1},
		{"10.0.0.1 10.0.0.2 10.0.0.3", 0},
		{"0.0.0.0/0 ::/0 10.0.0.0/8", 1},
		{"203.0.113.5/24 203.0.113.9", 1},
	} {
		var spans []span
		for text := range strings.FieldsSeq(c.entries) {
			s, good := readSpan(text)
			if !good {
				t.Fatalf("%s cannot be read", text)
			}
			spans = append(spans, s)
		}
		check.Equal(t, c.entries, c.want, redundant(spans))
	}
}

func TestTheSameSeedMakesTheSameCloud(t *testing.T) {
	o := simulator.Options{Provider: simulator.OTC, Seed: 7, Subnets: 30, Ports: 500}
	one, same := New(o), New(o)
	o.Seed = 8
	other := New(o)
	if !reflect.DeepEqual(one.Truth(), same.Truth()) || one.Credentials(simulator.Exporter) != same.Credentials(simulator.Exporter) {
		t.Error("the same seed gives another estate")
	}
	if one.Truth().Ports[0].ID == other.Truth().Ports[0].ID {
		t.Error("another seed gives the same estate")
	}
}

func TestALargeEstateIsPlainAndSkewedAsAsked(t *testing.T) {
	c := New(simulator.Options{Plain: true, Subnets: 50, Ports: 20000, Skew: 0.5})
	most := 0
	for _, n := range c.estate().Networks {
		most = max(most, len(n.Ports))
	}
	if len(c.estate().Ports) != 20000 || len(c.estate().Networks) != 50 || most < 10000 {
		t.Errorf("%d ports in %d networks, %d in the largest", len(c.estate().Ports), len(c.estate().Networks), most)
	}
	for _, p := range c.estate().Ports {
		if len(p.Fixed) != 1 {
			t.Fatalf("port %s has %d addresses", p.ID, len(p.Fixed))
		}
	}
	_, page := serve(t, c, "").login(simulator.Exporter).do("GET", "/network/v2.0/ports?limit=1", "")
	var one struct{ Ports []json.RawMessage }
	check.OK(t, json.Unmarshal(page, &one))
	size := len(one.Ports[0])
	if size < 950 || size > 1250 {
		t.Errorf("a whole port has %d bytes", size)
	}
}

func TestEstatesAreAsLargeAsAsked(t *testing.T) {
	for _, provider := range []string{simulator.HuaweiCloud, simulator.OTC, simulator.OpenStack} {
		c := New(simulator.Options{Provider: provider, Ports: 3000})
		check.Equal(t, "ports of "+provider, 3000, len(c.Truth().Ports))
	}
	all := New(simulator.Options{Provider: simulator.HuaweiCloud, Subnets: 20, Ports: 2000, Servers: 40, AddressGroups: 25})
	truth, subnets := all.Truth(), map[string]bool{}
	for _, s := range truth.Subnets {
		subnets[s.ID] = true
	}
	if len(truth.Ports) != 2000 || len(truth.Servers) != 40 || len(truth.AddressGroups) != 25 || len(subnets) != 20 {
		t.Errorf("%d ports, %d servers, %d groups, %d subnets", len(truth.Ports), len(truth.Servers), len(truth.AddressGroups), len(subnets))
	}
}
