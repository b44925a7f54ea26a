package faults

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
)

const smallPages = "  limits: {requests_per_second: 0, page_size: 10}"

// Pages, links and redirects.
func pagingRows() []row {
	return []row{{
		fault:   "items shown twice, lists that change while they are read",
		promise: "each item counts once",
		figure:  "one port in and one out before every page, 20 collections of 3 providers: 0 duplicate series, 0 errors of the exposition, ports within the churn of the truth",
		note:    "Duplicates are not counted in a metric of their own: there is no such metric in the list of metrics.",
		also:    []string{"test/truth TestPublishesTheTruthOfOddCases"},
		play:    drift,
	}, {
		fault:   "items missed between pages",
		promise: "markers, or the count held against the total",
		figure:  "servers vanish between numbered pages, 40 collections: what stays is always counted, or the collection fails and the last answer stays",
		note:    "40 runs, not 1,000.",
		also:    []string{"cloudapi/page TestPagesThatMovedAreReadAgainOnce", "cloudapi/page TestAVanishedMarkerStartsTheListingAgainTwice"},
		play:    pagesMoved,
	}, {
		fault:   "a marker again, a link to itself",
		promise: "an error, the last answer stays",
		figure:  "at most 1 extra request on each of 3 providers",
		note:    "The cap is 10,000 pages and not configurable.",
		also:    []string{"cloudapi/page TestPagingThatLeadsNowhereIsAnError"},
		play:    circles,
	}, {
		fault:   "a link to another host, port or scheme",
		promise: "never contacted",
		figure:  "8 shapes × 2 providers: 0 connections to the stranger; links rewritten by a proxy still page",
		also:    []string{"cloudapi/page TestPagingThatLeadsNowhereIsAnError", "cloudapi/page FuzzNextLink"},
		play:    foreignLinks,
	}, {
		fault:   "empty pages with a link, pages larger or smaller than asked, limit ignored",
		promise: "the exact items, or an error after 3 empty pages",
		figure:  "5 scripts: the same series, or all data of the last answer",
		note:    "Where the API tells neither links nor totals (VPC v1, Workspace v2) a page shorter than asked is the last one, as documented: a cloud that capped pages below its documented maximum would not be noticed there.",
		also:    []string{"cloudapi/page TestEveryPageIsReadOnce", "cloudapi/page TestPagingThatLeadsNowhereIsAnError"},
		play:    oddPages,
	}, {
		fault:   "redirects",
		promise: "an error, not followed",
		figure:  "301, 302, 303, 307, 308 to another host, the own host and another scheme, on GET and on the login: 0 follow-ups, 0 credentials forwarded",
		also:    []string{"cloudapi TestRedirectsAreNotFollowed"},
		play:    redirects,
	}}
}

func drift(t *testing.T, r *report) {
	for _, provider := range []string{simulator.OTC, simulator.HuaweiCloud, simulator.OpenStack} {
		c := simulate(t, simulator.Options{Provider: provider, Subnets: 5, Ports: 200})
		d := serve(t, with("", c.byToken(smallPages)))
		d.good()
		network := c.AddSubnet("drift", "10.99.0.0/24")
		truth := func() float64 { return float64(len(c.Truth().Ports)) }
		before := truth()
		var moves atomic.Int32
		var added []string
		remove := c.Fault(simtest.Fault{Path: "/ports$", Match: func(*http.Request) bool { // one at a time, under the lock of the faults
			moves.Add(1)
			if id, err := c.AddPort(network, "", "", ""); err == nil {
				added = append(added, id)
			}
			if len(added) > 3 {
				c.RemovePort(added[0])
				added = added[1:]
			}
			return false
		}})
		for range full(20, 6) {
			got := d.scrape(60)
			if n := got.sum("cloudip_ports"); n < before || n > truth()+20 || len(got.failed()) > 0 || got.sum("promhttp_metric_handler_errors_total") > 0 {
				t.Errorf("%s: %v ports, truth %v to %v, failed %v", provider, n, before, truth(), got.failed())
			}
		}
		remove()
		r.say("%s: %d changes", provider, moves.Load())
	}
}

func pagesMoved(t *testing.T, r *report) {
	c := simulate(t, simulator.Options{Provider: simulator.OTC, Servers: 160})
	d := serve(t, with("", c.byToken(smallPages, "  collectors: [servers]", "  apis: {servers: bms, server_addresses: list}")))
	d.good()
	var ids []string
	for _, s := range c.Truth().Servers {
		if s.Kind == "baremetal" {
			ids = append(ids, s.ID)
		}
	}
	failed, collections := 0, full(40, 12)
	for i := range collections {
		victim := ids[i]
		remove := c.Fault(simtest.Fault{Path: "/baremetalservers/detail$", Match: func(r *http.Request) bool {
			if strings.Contains(r.URL.RawQuery, fmt.Sprint("offset=", 2+i%4)) {
				c.RemoveServer(victim)
			}
			return false
		}})
		before := d.scrape(60)
		remove()
		if len(before.failed()) > 0 {
			failed++
			continue
		}
		for _, id := range ids[i+1:] {
			if len(before.of("cloudip_server_info", "server_id", id)) != 1 {
				t.Fatalf("run %d: server %s is missed although the collection was a success", i, id)
			}
		}
	}
	r.say("%d collections, %d refused to be complete", collections, failed)
}

func circles(t *testing.T, r *report) {
	for _, provider := range []string{simulator.OTC, simulator.HuaweiCloud, simulator.OpenStack} {
		c := simulate(t, simulator.Options{Provider: provider, Subnets: 5, Ports: 60})
		d := serve(t, with("", c.byToken(smallPages)))
		control := d.good()
		c.Forget()
		got := d.during(c, simtest.Fault{Path: "/ports$", RepeatMarker: true})
		same(t, provider, control, got)
		pages := c.Calls("GET", "/ports$")
		if len(got.failed()) == 0 || pages > 2 {
			t.Errorf("%s: failed %v after %d pages", provider, got.failed(), pages)
		}
		r.say("%s: %d pages", provider, pages)
	}
}

func foreignLinks(t *testing.T, r *report) {
	host := strings.TrimPrefix(stranger.url, "http://")
	shapes := []string{
		stranger.url + "/steal?marker=x", stranger.url + "/vpc/v2.0/ports?marker=x&limit=10", "//" + host + "/v2.0/ports?marker=x",
		"https://" + host + "/v2.0/ports?marker=x", "http://user:pass@" + host + "/v2.0/ports?marker=x", "http://127.0.0.1@" + host + "/v2.0/ports?marker=x",
		`\\` + host + `\ports?marker=x`, "http://" + host + "#/v2.0/ports?marker=x",
	}
	visits := stranger.visits.Load()
	for _, provider := range []string{simulator.OTC, simulator.OpenStack} {
		c := simulate(t, simulator.Options{Provider: provider, Subnets: 5, Ports: 60})
		d := serve(t, with("", c.byToken(smallPages)))
		control := d.good()
		for _, shape := range shapes {
			same(t, shape, control, d.during(c, simtest.Fault{Match: resources, NextLink: shape}))
		}
		got := d.during(c, simtest.Fault{Match: resources, ReplaceBody: func(b []byte) []byte { // as a proxy rewrites
			return []byte(strings.ReplaceAll(string(b), c.base, stranger.url))
		}})
		same(t, "rewritten", control, got)
		got.noneFailed(t, provider+": rewritten links")
	}
	check.Equal(t, "visits of the stranger", visits, stranger.visits.Load())
	r.say("%d shapes × 2 providers, 0 visits", len(shapes))
}

func oddPages(t *testing.T, r *report) {
	for _, provider := range []string{simulator.OTC, simulator.HuaweiCloud, simulator.OpenStack} {
		whole := simulate(t, simulator.Options{Provider: provider, Subnets: 5, Ports: 60})
		control := serve(t, with("", whole.byToken())).good()
		if provider == simulator.OpenStack {
			small := simulate(t, simulator.Options{Provider: provider, Subnets: 5, Ports: 60, PageMax: 7})
			same(t, "pages smaller than asked", control, serve(t, with("", small.byToken("  limits: {requests_per_second: 0, page_size: 20}"))).good())
		}
		d := serve(t, with("", whole.byToken(smallPages)))
		same(t, "small pages", control, d.good())
		same(t, "limit ignored", control, d.during(whole, simtest.Fault{Match: func(r *http.Request) bool {
			q := r.URL.Query()
			if q.Get("marker") == "" {
				q.Del("limit")
				r.URL.RawQuery = q.Encode()
			}
			return false
		}}))
		whole.Forget()
		got := d.during(whole, simtest.Fault{Path: "/ports$", EmptyPage: true, KeepLinks: true})
		same(t, "empty pages with links", control, got)
		if empties := whole.Calls("GET", "/ports$"); len(got.failed()) == 0 || empties > 4 {
			t.Errorf("%s: empty pages: failed %v after %d", provider, got.failed(), empties)
		}
		got = d.during(whole, simtest.Fault{Path: "/ports$", EmptyPage: true})
		same(t, "an empty list of ports while addresses are in use", control, got)
		if len(got.failed()) == 0 {
			t.Errorf("%s: an empty list was believed", provider)
		}
	}
	r.say("5 scripts × 3 providers")
}

func redirects(t *testing.T, r *report) {
	visits, played := stranger.visits.Load(), 0
	for _, provider := range []string{simulator.OTC, simulator.OpenStack} {
		c, d, control := watch(t, provider)
		for _, status := range []int{301, 302, 303, 307, 308} {
			for _, to := range []string{stranger.url + "/v3/auth/tokens", c.base + "/elsewhere", strings.Replace(stranger.url, "http:", "https:", 1), "//" + stranger.url[len("http://"):]} {
				played++
				got := d.during(c, simtest.Fault{Match: resources, Redirect: to, Status: status})
				same(t, fmt.Sprint(status, " to ", to), control, got)
				got.allFailed(t, fmt.Sprint(status, " to ", to))
			}
		}
		for _, status := range []int{302, 307, 308} {
			played++
			c.RevokeTokens()
			got := d.during(c, simtest.Fault{Path: "/auth/tokens$", Redirect: stranger.url + "/v3/auth/tokens", Status: status})
			same(t, "a redirected login", control, got)
			if len(got.failed()) == 0 {
				t.Errorf("a login redirected by %d: nothing failed", status)
			}
		}
		if n := c.Calls("", "/elsewhere$"); n > 0 {
			t.Errorf("%d redirects were followed", n)
		}
	}
	check.Equal(t, "visits of the stranger", visits, stranger.visits.Load())
	r.say("%d redirects, 0 followed", played)
}
