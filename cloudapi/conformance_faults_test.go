package cloudapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

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
