package cloudapi

import (
	"net/http"
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
