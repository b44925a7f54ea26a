package cloudapi

import (
	"net/http/httptest"
	"slices"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
)

func TestForeignPortsAreSeenOnlyWhereAListingIsNarrowed(t *testing.T) {
	for _, tt := range []struct {
		name, user, projects string
		empty                bool // the cloud shows no ports
		want                 bool
		asks                 int
	}{
		{"an admin of one project", simulator.Exporter, "[admin]", false, true, 1},
		{"an admin who sees no ports", simulator.Exporter, "[admin]", true, false, 1},
		{"an admin of the whole cloud", simulator.Exporter, "[]", false, false, 0},
		{"a member", simulator.Member, "[alpha]", false, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sim := simtest.New(simulator.Options{Provider: simulator.OpenStack})
			server := httptest.NewServer(sim)
			t.Cleanup(server.Close)
			if tt.empty {
				sim.Fault(simtest.Fault{Path: "/v2.0/ports", EmptyPage: true})
			}
			extra := "  projects: " + tt.projects
			if tt.projects == "[]" {
				extra = ""
			}
			p := openYAML(t, "clouds:\n"+sim.ConfigYAMLAs(tt.user, server.URL, "password", extra))
			got, err := p.SeesForeignPorts(t.Context(), external(t, sim))
			if err != nil || got != tt.want {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
			asks := 0
			for _, r := range sim.Requests() {
				if r.Path == "/network/v2.0/ports" {
					asks++
				}
			}
			if asks != tt.asks {
				t.Errorf("asked %d times for ports, want %d", asks, tt.asks)
			}
		})
	}
}

// external is the network of the simulated cloud that the project admin owns,
// and on which it has no port.
func external(t *testing.T, sim *simtest.Cloud) inventory.ID {
	t.Helper()
	for _, s := range sim.Truth().Subnets {
		if s.Name == "ext-v4" {
			return inventory.ParseID(s.NetworkID)
		}
	}
	t.Fatal("the simulated cloud has no external network")
	return inventory.ID{}
}

func TestPortsOfForeignSubnetsAreHiddenFromAMember(t *testing.T) {
	for _, tt := range []struct {
		name, user, extra string
		want              []string // hidden
	}{
		{"a member", simulator.Member, "  projects: [alpha]", []string{"ext-v4", "net-24-two-subnets-v4", "net-24-two-subnets-v4"}},
		{"an admin of the whole cloud", simulator.Exporter, "", nil},
		{"an admin of the project that owns it", simulator.Exporter, "  projects: [admin]", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sim := simtest.New(simulator.Options{Provider: simulator.OpenStack})
			server := httptest.NewServer(sim)
			t.Cleanup(server.Close)
			p := openYAML(t, "clouds:\n"+sim.ConfigYAMLAs(tt.user, server.URL, "password", tt.extra))
			var hidden []string
			external, listed := external(t, sim), false
			for _, s := range whole(t, p.Subnets(t.Context())) {
				listed = listed || s.NetworkID == external
				if s.PortsHidden {
					hidden = append(hidden, s.Name)
				}
			}
			slices.Sort(hidden)
			if !slices.Equal(hidden, tt.want) || !listed {
				t.Errorf("hidden are the ports of %q, want %q; the external subnet is listed: %v", hidden, tt.want, listed)
			}
		})
	}
}

// On Huawei Cloud and OTC the path names the project whose ports are listed.
func TestPortsOfSubnetsThatAnotherProjectSharesAreHidden(t *testing.T) {
	for fields, want := range map[string]bool{
		``:                                     false, // an old payload
		`"tenant_id":"",`:                      false,
		`"tenant_id":"` + aProject + `",`:      false,
		`"tenant_id":"other",`:                 true,
		`"project_id":"other",`:                true,
		`"project_id":"other","tenant_id":"",`: true,
		`"project_id":"` + aProject + `",`:     false,
	} {
		p, _ := startAPI(t, config.OTC, "", map[string]string{
			"GET /v1/" + aProject + "/subnets": `{"subnets":[{` + fields + `"id":"` + aNetwork + `","cidr":"10.20.0.0/24","cidr_v6":"2001:db8:20::/64"}]}`,
		})
		subnets := whole(t, p.Subnets(t.Context()))
		if len(subnets) != 2 || subnets[0].PortsHidden != want || subnets[1].PortsHidden != want {
			t.Errorf("%s: %+v, want both families hidden: %v", fields, subnets, want)
		}
	}
}
