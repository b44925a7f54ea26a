package simtest

import (
	"reflect"
	"testing"
	"time"

	"cloudip_exporter/simulator"
	"cloudip_exporter/test/check"
)

// watch runs the demo for eight hours of its world and shows it every step minutes.
func watch(t *testing.T, step int, see func(minute int, c *Cloud, tr Truth)) {
	t.Helper()
	clk := newClock()
	all := NewDemo(simulator.DemoOptions{Now: clk.Now, Speed: 60})
	for minute := 0; minute < 8*60; minute += step {
		for _, c := range all.Clouds() {
			see(minute, c, c.Truth())
		}
		clk.now = clk.now.Add(time.Duration(step) * time.Second)
	}
}

// phases counts how often something begins and ends.
type phases struct {
	on         map[string]bool
	began, end map[string]int
}

func newPhases() *phases {
	return &phases{on: map[string]bool{}, began: map[string]int{}, end: map[string]int{}}
}

func (p *phases) note(what string, on bool) {
	if on && !p.on[what] {
		p.began[what]++
	}
	if !on && p.on[what] {
		p.end[what]++
	}
	p.on[what] = on
}

func TestEverythingThatCanAlertHappensAndPasses(t *testing.T) {
	p := newPhases()
	firstFull := -1
	watch(t, 4, func(minute int, c *Cloud, tr Truth) {
		name := tr.Provider
		down, bound, idle := 0, 0, 0
		for _, s := range tr.Subnets {
			idle += s.Idle
			if s.NeutronID != c.estate().Named("payments-prod").V4().ID {
				continue
			}
			p.note(name+" exhausted", *s.Free == 0)
			if *s.Free == 0 && firstFull < 0 {
				firstFull = minute
			}
		}
		for _, x := range tr.Ports {
			if x.Holder == "server" && x.NetworkID == c.estate().Named("web-frontend").ID {
				bound++
				if x.Status == "DOWN" {
					down++
				}
			}
		}
		p.note(name+" ports down", float64(down) > 0.1*float64(bound) && down > 5)
		p.note(name+" leak", idle > 100)
		without := false
		for _, s := range tr.Servers {
			without = without || s.Kind == "baremetal" && s.Status == "ACTIVE" && len(s.Addresses) == 0
		}
		p.note(name+" metal without address", without)
		failed, full := false, false
		for _, g := range tr.AddressGroups {
			failed = failed || g.Status == "UPDATE_FAILED"
			full = full || g.Max != nil && g.Entries*10 >= *g.Max*9
		}
		if name != simulator.OpenStack { // there groups have neither
			p.note(name+" update failed", failed)
			p.note(name+" group full", full)
		}
		quota := false
		for _, q := range tr.Quotas {
			quota = quota || q.Limit > 0 && q.Used >= 0.9*q.Limit
		}
		p.note(name+" quota", quota)
	})
	if firstFull < 30 || firstFull > 60 {
		t.Errorf("the first subnet is full after %d minutes, want within the hour", firstFull)
	}
	for what, n := range p.began {
		if n == 0 || p.end[what] == 0 {
			t.Errorf("%s: began %d times, ended %d times", what, n, p.end[what])
		}
	}
	if len(p.began) != 3*5+2*2 {
		t.Errorf("seen: %v", p.began)
	}
}

func TestTheWorldDependsOnTheTimeAlone(t *testing.T) {
	clk := newClock()
	start := clk.now
	often, seldom := NewDemo(simulator.DemoOptions{Now: clk.Now, Start: start}), NewDemo(simulator.DemoOptions{Now: clk.Now, Start: start})
	for range 200 {
		clk.now = clk.now.Add(97 * time.Second)
		often.OTC.Truth()
	}
	if !reflect.DeepEqual(often.OTC.Truth(), seldom.OTC.Truth()) {
		t.Error("who looks more often sees another world")
	}
}

func TestNoAddressIsHeldTwice(t *testing.T) {
	watch(t, 20, func(minute int, _ *Cloud, tr Truth) {
		seen := map[TruthAddress]bool{}
		for _, p := range tr.Ports {
			for _, a := range p.Addresses {
				if seen[a] {
					t.Fatalf("%s minute %d: %v is held twice", tr.Provider, minute, a)
				}
				seen[a] = true
			}
		}
	})
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
}
