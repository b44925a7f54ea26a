package simtest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/test/check"
)

func TestOnePortShowsOnTwoPagesOfHuaweiCloudAndOTC(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.HuaweiCloud}).login(simulator.Exporter)
	for _, path := range []string{"/vpc/v1/{pid}/ports", "/vpc/v2.0/ports", "/workspace/v2/{pid}/ports"} {
		seen := map[string]int{}
		marker := ""
		for range 100 {
			page := items(r.get(path+"?limit=5&marker="+marker), "ports")
			if len(page) == 0 {
				break
			}
			for _, p := range page {
				seen[p["id"].(string)]++
			}
			marker = page[len(page)-1]["id"].(string)
		}
		twice := 0
		for _, n := range seen {
			if n > 1 {
				twice++
			}
		}
		check.Equal(t, path+": ports that show twice", 1, twice)
	}
}

func TestNeutronLinksAreAsRecorded(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OpenStack}).login(simulator.Exporter)
	rels := func(v map[string]any) string {
		var out []string
		for _, l := range items(v, "ports_links") {
			out = append(out, l["rel"].(string))
		}
		return strings.Join(out, " ")
	}
	total := len(items(r.get("/network/v2.0/ports?fields=id"), "ports"))
	for _, c := range []struct {
		path, want string
	}{
		{"/network/v2.0/ports", ""},
		{"/network/v2.0/ports?limit=0", ""},
		{"/network/v2.0/ports?limit=2", "next previous"},
		{fmt.Sprintf("/network/v2.0/ports?limit=%d", total), "next previous"}, // exactly full: a link to an empty page
		{fmt.Sprintf("/network/v2.0/ports?limit=%d", total+1), "previous"},
	} {
		check.Equal(t, c.path, c.want, rels(r.get(c.path)))
	}
	first := items(r.get("/network/v2.0/ports?limit=2&fields=id"), "ports_links")[0]["href"].(string)
	if !strings.HasPrefix(first, r.base+"/network/v2.0/ports?") || !strings.Contains(first, "fields=id") {
		t.Errorf("next link %q", first)
	}
	_, b := r.do("GET", first, "")
	if got := items(decode(t, b), "ports"); len(got) != 2 || len(got[0]) != 1 {
		t.Errorf("the link leads to %v", got)
	}
}

// A client that follows links stays on the simulated cloud, with a service in
// the path as without.
func TestLinksLeadBackToWhereTheCallerCameFrom(t *testing.T) {
	for _, c := range []struct{ provider, service string }{{simulator.OTC, "/vpc"}, {simulator.OTC, ""}, {simulator.OpenStack, "/network"}, {simulator.OpenStack, ""}} {
		r := newRig(t, simulator.Options{Provider: c.provider}).login(simulator.Exporter)
		want := r.base + c.service + "/v2.0/ports?"
		if href := items(r.get(c.service+"/v2.0/ports?limit=2"), "ports_links")[0]["href"].(string); !strings.HasPrefix(href, want) {
			t.Errorf("%s: the next link is %q, want %s", c.provider, href, want)
		}
	}
}

func TestAServersOwnMaximumCutsPagesAsWell(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OpenStack, PageMax: 10}).login(simulator.Exporter)
	for _, path := range []string{"/network/v2.0/ports", "/network/v2.0/ports?limit=1000", "/network/v2.0/ports?limit=0"} {
		v := r.get(path)
		if n := len(items(v, "ports")); n != 10 || v["ports_links"] == nil {
			t.Errorf("%s: %d ports, links %v", path, n, v["ports_links"])
		}
	}
}

func TestPagesCanBeReadBackwards(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OpenStack}).login(simulator.Exporter)
	all := items(r.get("/network/v2.0/ports?fields=id"), "ports")
	last := items(r.get("/network/v2.0/ports?fields=id&limit=2&page_reverse=True"), "ports")
	if len(last) != 2 || last[1]["id"] != all[len(all)-1]["id"] || last[0]["id"] != all[len(all)-2]["id"] {
		t.Errorf("the last page is %v", last)
	}
}

func TestManyNetworksInOneQueryListTheirPortsInOrder(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OpenStack, Subnets: 30, Ports: 600}).login(simulator.Exporter)
	nets := items(r.get("/network/v2.0/networks?fields=id"), "networks")
	want := 0
	q := url.Values{"limit": {"1000"}, "fields": {"id"}}
	for _, n := range nets[:9] {
		q.Add("network_id", n["id"].(string))
		want += len(items(r.get("/network/v2.0/ports?network_id="+n["id"].(string)), "ports"))
	}
	got := items(r.get("/network/v2.0/ports?"+q.Encode()), "ports")
	if len(got) != want || !slices.IsSortedFunc(got, func(a, b map[string]any) int { return strings.Compare(a["id"].(string), b["id"].(string)) }) {
		t.Errorf("%d ports in order of id, want %d", len(got), want)
	}
}
