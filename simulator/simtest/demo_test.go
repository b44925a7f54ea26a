package simtest

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/estate"
	"cloudip_exporter/test/check"
)

func TestEverythingThatCanAlertHappensAndPassesAndNoAddressIsHeldTwice(t *testing.T) {
	on, began, ended := map[string]bool{}, map[string]int{}, map[string]int{}
	firstFull := -1
	see := func(minute int, c *Cloud, tr Truth) {
		held := map[TruthAddress]bool{}
		for _, p := range tr.Ports {
			for _, a := range p.Addresses {
				if held[a] {
					t.Fatalf("%s minute %d: %v is held twice", tr.Provider, minute, a)
				}
				held[a] = true
			}
		}
		down, bound, idle, full := 0, 0, 0, false
		for _, s := range tr.Subnets {
			idle += s.Idle
			full = full || s.NeutronID == c.estate().Named("payments-prod").V4().ID && *s.Free == 0
		}
		if full && firstFull < 0 {
			firstFull = minute
		}
		for _, x := range tr.Ports {
			if x.Holder == "server" && x.NetworkID == c.estate().Named("web-frontend").ID {
				bound++
				down += map[string]int{"DOWN": 1}[x.Status]
			}
		}
		note := func(what string, now bool) {
			what = tr.Provider + " " + what
			if now && !on[what] {
				began[what]++
			} else if !now && on[what] {
				ended[what]++
			}
			on[what] = now
		}
		note("exhausted", full)
		note("ports down", float64(down) > 0.1*float64(bound) && down > 5)
		note("leak", idle > 100)
		note("metal without address", slices.ContainsFunc(tr.Servers, func(s TruthServer) bool {
			return s.Kind == "baremetal" && s.Status == "ACTIVE" && len(s.Addresses) == 0
		}))
		note("quota", slices.ContainsFunc(tr.Quotas, func(q TruthQuota) bool { return q.Limit > 0 && q.Used >= 0.9*q.Limit }))
		if tr.Provider != simulator.OpenStack { // there groups have neither
			note("update failed", slices.ContainsFunc(tr.AddressGroups, func(g TruthGroup) bool { return g.Status == "UPDATE_FAILED" }))
			note("group full", slices.ContainsFunc(tr.AddressGroups, func(g TruthGroup) bool { return g.Max != nil && g.Entries*10 >= *g.Max*9 }))
		}
	}
	clk := newClock()
	all := NewDemo(simulator.DemoOptions{Now: clk.Now, Speed: 60})
	for minute := 0; minute < 8*60; minute += 6 { // eight hours of the world
		for _, c := range all.Clouds() {
			see(minute, c, c.Truth())
		}
		clk.now = clk.now.Add(6 * time.Second)
	}
	if firstFull < 30 || firstFull > 60 {
		t.Errorf("the first subnet is full after %d minutes, want within the hour", firstFull)
	}
	for what, n := range began {
		if ended[what] == 0 {
			t.Errorf("%s: began %d times, never ended", what, n)
		}
	}
	check.Equal(t, "what is seen to begin", 3*5+2*2, len(began))
}

func TestTheWorldDependsOnTheTimeAlone(t *testing.T) {
	clk := newClock()
	start := clk.now
	often, seldom := NewDemo(simulator.DemoOptions{Now: clk.Now, Start: start}), NewDemo(simulator.DemoOptions{Now: clk.Now, Start: start})
	for range 100 {
		clk.now = clk.now.Add(194 * time.Second)
		often.OTC.Read(func(*estate.State) {})
	}
	if !reflect.DeepEqual(often.OTC.Truth(), seldom.OTC.Truth()) {
		t.Error("who looks more often sees another world")
	}
}

func TestTroublesComeAndGo(t *testing.T) {
	clk := newClock()
	all := NewDemo(simulator.DemoOptions{Now: clk.Now, Troubles: true})
	r := serve(t, all.OpenStack, "/openstack").login(simulator.Exporter)
	got := ""
	for range 9 {
		code, _ := r.status("GET", "/network/v2.0/address-groups", "")
		got += string(rune('0' + code/100))
		clk.now = clk.now.Add(15 * time.Minute)
		r.login(simulator.Exporter)
	}
	check.Equal(t, "statuses", "225552222", got)

	clk.now = clk.now.Add(-105 * time.Minute) // to minute 30
	var refused atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if a := all.OTC.Answer(httptest.NewRequest("GET", "/otc/ecs/v2.1/p/servers/s/ips", nil)); a.Status == http.StatusTooManyRequests {
				refused.Add(1)
			}
		})
	}
	wg.Wait()
	check.Equal(t, "refused of 20 at the same time", int32(15), refused.Load())
}
