package cloudapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
)

// portsAsked is how often the listing of ports was asked for a page.
func (c *conformance) portsAsked() int { return c.Calls(http.MethodGet, c.portsPath()) }

func (c *conformance) logins() int { return c.Calls(http.MethodPost, "/auth/tokens$") }

func TestConformanceA401LogsInOnceAndGoesOn(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		p := c.project(t, smallPages)
		want := len(readPortRows(t, p))
		if c.auth == config.AccessKey { // a signature that is refused is never tried again
			c.Forget()
			c.Fault(simtest.Fault{Path: c.portsPath(), Nth: 2, Status: 401, Body: `{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail"}`})
			if _, _, err := collect(p.Ports(t.Context())); !apierr.IsAuth(err) || c.portsAsked() != 2 {
				t.Errorf("error %v after %d pages, want a refusal after 2", err, c.portsAsked())
			}
			return
		}
		logins := c.logins()
		c.Fault(simtest.Fault{Path: c.portsPath(), Nth: 2, Status: 401, Body: `{"error":{"code":401,"title":"Unauthorized","message":"expired"}}`})
		if got := len(readPortRows(t, p)); got != want || c.logins() != logins+1 {
			t.Errorf("%d ports after %d logins, want %d after 1", got, c.logins()-logins, want)
		}
		c.Fault(simtest.Fault{Path: c.portsPath(), Status: 401})
		logins = c.logins()
		if _, _, err := collect(p.Ports(t.Context())); !apierr.IsAuth(err) || c.logins() > logins+2 {
			t.Errorf("refused for good: error %v after %d logins", err, c.logins()-logins)
		}
	})
}

func TestConformance403And404AreNotRetried(t *testing.T) {
	for _, status := range []int{403, 404} {
		conform(t, func(t *testing.T, c *conformance) {
			p := c.project(t, smallPages)
			c.Fault(simtest.Fault{Path: c.portsPath(), Status: status})
			ports, _, err := collect(p.Ports(t.Context()))
			if !apierr.IsStatus(err, status) || len(ports) > 0 || c.portsAsked() != 1 {
				t.Errorf("%d ports, error %v after %d requests, want %d after 1", len(ports), err, c.portsAsked(), status)
			}
		})
	}
}

func TestConformanceA429Waits(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		p := c.project(t, smallPages)
		want := len(readPortRows(t, p))
		c.Fault(simtest.Fault{Path: c.portsPath(), Nth: 2, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
		start := time.Now()
		if got := len(readPortRows(t, p)); got != want || time.Since(start) < time.Second {
			t.Errorf("%d ports after %v, want %d after 1 s", got, time.Since(start), want)
		}
	})
}

func TestConformanceA429ThatOutlastsTheDeadlineFailsAtOnce(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		p := c.project(t, smallPages)
		c.Fault(simtest.Fault{Path: c.portsPath(), Status: 429})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start := time.Now()
		if _, _, err := collect(p.Ports(ctx)); err == nil || time.Since(start) > 5*time.Second {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
	})
}

func TestConformanceARepeatedMarkerIsAnError(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		p := c.project(t, smallPages)
		var first []byte
		c.Fault(simtest.Fault{Path: c.portsPath(), ReplaceBody: func(body []byte) []byte {
			if first == nil {
				first = body
			}
			return first
		}})
		_, _, err := collect(p.Ports(t.Context()))
		if _, ok := errors.AsType[*apierr.AnswerError](err); !ok || !strings.Contains(err.Error(), "circle") || c.portsAsked() != 2 {
			t.Errorf("error %v after %d requests, want one of a circle after 2", err, c.portsAsked())
		}
	})
}

func TestConformanceAForeignLinkIsAnErrorAndNeverFollowed(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		var visits atomic.Int32
		stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
		t.Cleanup(stranger.Close)
		settings := []string{smallPages}
		if c.provider.Regional {
			settings = append(settings, "  apis: {ports: neutron}")
		}
		p := c.project(t, settings...)
		want := len(readPortRows(t, p))
		remove := c.Fault(simtest.Fault{Path: "/v2.0/ports$", NextLink: stranger.URL + "/steal?marker=x"})
		c.Forget()
		ports, _, err := collect(p.Ports(t.Context()))
		if _, ok := errors.AsType[*apierr.AnswerError](err); !ok || c.Calls(http.MethodGet, "/v2.0/ports$") != 1 {
			t.Errorf("%d ports, error %v after %d requests", len(ports), err, c.Calls(http.MethodGet, "/v2.0/ports$"))
		}
		remove()
		// A link to this listing on a host of that name is how a cloud behind a
		// proxy writes its own: its marker is used, and the host is not.
		c.Fault(simtest.Fault{Path: "/v2.0/ports$", MutateJSON: func(v any) any {
			for _, l := range listOf(v, "ports_links") {
				if link, ok := l.(map[string]any); ok {
					if href, ok := link["href"].(string); ok {
						_, rest, _ := strings.Cut(strings.TrimPrefix(href, "http://"), "/")
						link["href"] = stranger.URL + "/" + rest
					}
				}
			}
			return v
		}})
		if got := len(readPortRows(t, p)); got != want {
			t.Errorf("%d ports by links of another host, want %d", got, want)
		}
		if n := visits.Load(); n > 0 {
			t.Errorf("the stranger was asked %d times", n)
		}
	})
}

func listOf(v any, key string) []any {
	object, _ := v.(map[string]any)
	list, _ := object[key].([]any)
	return list
}

func TestConformanceACutBodyIsAnError(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		p := c.project(t, smallPages)
		want := len(readPortRows(t, p))
		for _, percent := range []float64{1, 50, 99} {
			c.Forget()
			remove := c.Fault(simtest.Fault{Path: c.portsPath(), Query: "marker=", CutAtPercent: percent})
			ports, _, err := collect(p.Ports(t.Context()))
			if err == nil || len(ports) != 7 {
				t.Errorf("cut at %v %%: %d ports handed out, error %v; want the first page and an error", percent, len(ports), err)
			}
			if n := c.portsAsked(); n != 4 {
				t.Errorf("cut at %v %%: %d requests, want 1 and 3", percent, n)
			}
			remove()
		}
		c.Fault(simtest.Fault{Path: c.portsPath(), Nth: 2, CutAtPercent: 50})
		if got := len(readPortRows(t, p)); got != want {
			t.Errorf("cut once: %d ports, want %d", got, want)
		}
	})
}

func TestConformanceOneBadItemIsSkippedAndCounted(t *testing.T) {
	for _, row := range conformanceCases() {
		t.Run(row.provider+" "+row.auth, func(t *testing.T) {
			c := newConformance(t, row.provider, row.auth, simulator.Options{Ports: 1000})
			p := c.project(t, "  limits: {requests_per_second: 0, page_size: 400}")
			want := len(readPortRows(t, p))
			c.Fault(simtest.Fault{Path: c.portsPath(), Nth: 1, MutateJSON: func(v any) any {
				listOf(v, "ports")[3].(map[string]any)["fixed_ips"] = 5
				return v
			}})
			ports, faults, err := collect(p.Ports(t.Context()))
			if err != nil || len(faults) != 1 || faults[0].Kind != "port" || faults[0].ID == "" {
				t.Fatalf("faults %v, error %v; want one fault with an id", faults, err)
			}
			ids := make(map[string]bool)
			for _, port := range ports {
				ids[port.ID.String()] = true
			}
			if len(ids) != want-1 || ids[faults[0].ID] {
				t.Errorf("%d ports, want all %d but the bad one", len(ids), want)
			}
		})
	}
}

func TestConformanceWhatIsNoAnswerIsAnError(t *testing.T) {
	for _, body := range []string{"<html>Sign in</html>", "", "{}", "null", `{"ports":null}`, `[]`, `{"ports":[]} x`} {
		conform(t, func(t *testing.T, c *conformance) {
			p := c.project(t, smallPages)
			c.Fault(simtest.Fault{Path: c.portsPath(), ReplaceBody: func([]byte) []byte { return []byte(body) }})
			ports, _, err := collect(p.Ports(t.Context()))
			if _, ok := errors.AsType[*apierr.AnswerError](err); !ok || len(ports) > 0 || c.portsAsked() != 1 {
				t.Errorf("%q: %d ports, error %v after %d requests", body, len(ports), err, c.portsAsked())
			}
		})
	}
}

func TestConformanceABodyBeyondTheLimitIsAnError(t *testing.T) {
	c := newConformance(t, config.OTC, config.Password, simulator.Options{})
	p := c.project(t, smallPages)
	c.Fault(simtest.Fault{Path: c.portsPath(), Padding: 64<<20 + 1})
	ports, _, err := collect(p.Ports(t.Context()))
	if !errors.Is(err, apierr.ErrTooLarge) || len(ports) > 0 || c.portsAsked() != 1 {
		t.Errorf("%d ports, error %v after %d requests", len(ports), err, c.portsAsked())
	}
}

func TestConformanceCancellingAndBreakingEndTheRequests(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		p := c.project(t, smallPages)
		for range p.Ports(t.Context()) {
			break
		}
		if n := c.portsAsked(); n != 1 {
			t.Errorf("%d requests for one port", n)
		}
		c.Fault(simtest.Fault{Path: c.portsPath(), Query: "marker=", Hang: true})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		items, start := 0, time.Now()
		var last error
		for _, err := range p.Ports(ctx) {
			if items++; items == 7 {
				time.AfterFunc(20*time.Millisecond, cancel) // while the second page hangs
			}
			last = err
		}
		if !errors.Is(last, context.Canceled) || items != 8 || time.Since(start) > 3*time.Second {
			t.Errorf("after %d steps and %v: %v", items, time.Since(start), last)
		}
	})
}

func TestConformanceAVanishedMarkerStartsAgain(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		p := c.project(t, smallPages)
		want := len(readPortRows(t, p))
		c.Forget()
		c.Fault(simtest.Fault{Path: c.portsPath(), Query: "marker=", Nth: 2, Status: 404})
		if got := len(readPortRows(t, p)); got != want {
			t.Errorf("%d ports, want %d", got, want)
		}
	})
}

func TestConformanceOpenStackMembersAreToldNoAvailability(t *testing.T) {
	c := newConformance(t, config.OpenStack, config.Password, simulator.Options{})
	p := c.project(t)
	c.Fault(simtest.Fault{Path: "/v2.0/network-ip-availabilities", EmptyPage: true})
	all, err := p.Availability(t.Context(), nil)
	if err != nil || len(all.BySubnet) > 0 {
		t.Errorf("%v, %v; want nothing told", all, err)
	}
}
