package cloudapi

import (
	"cmp"
	"slices"
	"testing"

	"cloudip_exporter/inventory"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
)

func TestForeignPortsAreSeenOnlyWhereAListingIsNarrowed(t *testing.T) {
	for _, tt := range []struct {
		name, user, extra string
		network           string // "" for the external one
		empty             bool   // the cloud shows no ports
		want              bool
		asks              int
	}{
		{"an admin of one project", simulator.Exporter, "  projects: [admin]", "", false, true, 1},
		{"an admin, of a network without ports", simulator.Exporter, "  projects: [admin]", "none", false, false, 1},
		{"an admin who sees no ports", simulator.Exporter, "  projects: [admin]", "", true, false, 1},
		{"an admin of the whole cloud", simulator.Exporter, "", "", false, false, 0},
		{"a member", simulator.Member, "  projects: [alpha]", "", false, false, 0},
	} {
		sim, p := openAs(t, simulator.Options{Provider: simulator.OpenStack}, tt.user, tt.extra)
		if tt.empty {
			sim.Fault(simtest.Fault{Path: "/v2.0/ports", EmptyPage: true})
		}
		got, err := p.SeesForeignPorts(t.Context(), inventory.ParseID(cmp.Or(tt.network, external(t, sim).String())))
		if asks := sim.Calls("GET", "/network/v2.0/ports$"); err != nil || got != tt.want || asks != tt.asks {
			t.Errorf("%s: got %v, %v, asked %d times for ports; want %v, %d", tt.name, got, err, asks, tt.want, tt.asks)
		}
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
		sim, p := openAs(t, simulator.Options{Provider: simulator.OpenStack}, tt.user, tt.extra)
		var hidden []string
		external, listed := external(t, sim), false
		subnets, faults, err := collect(p.Subnets(t.Context()))
		check.Equal(t, tt.name+": faults", 0, len(faults))
		check.OK(t, err)
		for _, s := range subnets {
			listed = listed || s.NetworkID == external
			if s.PortsHidden {
				hidden = append(hidden, s.Name)
			}
		}
		slices.Sort(hidden)
		if !slices.Equal(hidden, tt.want) || !listed {
			t.Errorf("%s: hidden are the ports of %q, want %q; the external subnet is listed: %v", tt.name, hidden, tt.want, listed)
		}
	}
}
