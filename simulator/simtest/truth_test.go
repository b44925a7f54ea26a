package simtest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/test/check"
)

func TestOddCasesAreThereAndCountedByTheRules(t *testing.T) {
	number := func(f *float64) string {
		if f == nil {
			return "-"
		}
		return fmt.Sprint(*f)
	}
	cloud := func(provider string, view ...View) Truth {
		return New(simulator.Options{Provider: provider}).Truth(view...)
	}
	huawei, stack := cloud(simulator.HuaweiCloud), cloud(simulator.OpenStack)
	for _, c := range []struct {
		truth               Truth
		name, version, want string // source, capacity, used, free and reserved
	}{
		{huawei, "app-a", "4", "availability 251 10 238 5"},
		{huawei, "app-a", "6", "none - 4 - -"},
		{huawei, "with-reservation", "4", "availability 51 0 51 13"},
		{huawei, "db-full", "4", "availability 11 11 0 5"},
		{cloud(simulator.HuaweiCloud, View{Refused: true}), "with-reservation", "4", "estimate 59 2 51 5"},
		{stack, "net-pool-v4", "4", "availability 10 11 0 -"}, // used beyond the capacity
		{stack, "net-v6-huge-v6", "6", "availability 1.2089258196146292e+24 2 1.2089258196146292e+24 -"},
		{cloud(simulator.OpenStack, View{Project: "alpha", Member: true}), "net-28-full-v4", "4", "allocation_pool 13 14 0 -"},
	} {
		i := slices.IndexFunc(c.truth.Subnets, func(s TruthSubnet) bool { return s.Name == c.name && s.IPVersion == c.version })
		s := c.truth.Subnets[i]
		check.Equal(t, c.name+" IPv"+c.version, c.want, fmt.Sprintf("%s %s %v %s %s", s.Source, number(s.Capacity), s.Used, number(s.Free), number(s.Reserved)))
	}
	for _, tr := range []Truth{huawei, stack} {
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
		_, dropped, unreadable := GroupFigures(strings.Fields(c.entries))
		check.Equal(t, c.entries, []int{c.want, 0}, []int{dropped, unreadable})
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
		truth, subnets := New(simulator.Options{Provider: provider, Subnets: 20, Ports: 2000, Servers: 40, AddressGroups: 25}).Truth(), map[string]bool{}
		for _, s := range truth.Subnets {
			subnets[s.ID] = true
		}
		check.Equal(t, provider+": ports, servers, groups, subnets", []int{2000, 40, 25, 20}, []int{len(truth.Ports), len(truth.Servers), len(truth.AddressGroups), len(subnets)})
	}
}
