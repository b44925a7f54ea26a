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

// TestForeignPortsAreSeenOnlyWhereAListingIsNarrowed asks of the external network, which the project
// admin owns, and on which it has no port; and lists whose ports of subnets are hidden.
func TestForeignPortsAreSeenOnlyWhereAListingIsNarrowed(t *testing.T) {
	for _, tt := range []struct {
		name, user, extra string
		network           string // "" for the external one
		empty             bool   // the cloud shows no ports
		want              bool
		asks              int
		hidden            []string
	}{
		{"an admin of the project that owns it", simulator.Exporter, "  projects: [admin]", "", false, true, 1, nil},
		{"an admin, of a network without ports", simulator.Exporter, "  projects: [admin]", "none", false, false, 1, nil},
		{"an admin who sees no ports", simulator.Exporter, "  projects: [admin]", "", true, false, 1, nil},
		{"an admin of the whole cloud", simulator.Exporter, "", "", false, false, 0, nil},
		{"a member", simulator.Member, "  projects: [alpha]", "", false, false, 0, []string{"ext-v4", "net-24-two-subnets-v4", "net-24-two-subnets-v4"}},
	} {
		sim, p := openAs(t, simulator.Options{Provider: simulator.OpenStack}, tt.user, tt.extra)
		if tt.empty {
			sim.Fault(simtest.Fault{Path: "/v2.0/ports", EmptyPage: true})
		}
		estate := sim.Truth().Subnets
		external := estate[slices.IndexFunc(estate, func(s simtest.TruthSubnet) bool { return s.Name == "ext-v4" })].NetworkID
		got := check.Get(p.SeesForeignPorts(t.Context(), inventory.ParseID(cmp.Or(tt.network, external))))(t)
		check.Equal(t, tt.name+": foreign ports are seen", tt.want, got)
		check.Equal(t, tt.name+": how often ports were asked for", tt.asks, sim.Calls("GET", "/network/v2.0/ports$"))
		var hidden []string
		listed := false
		for s, err := range p.Subnets(t.Context()) {
			check.OK(t, err)
			listed = listed || s.NetworkID.String() == external
			if s.PortsHidden {
				hidden = append(hidden, s.Name)
			}
		}
		slices.Sort(hidden)
		check.Equal(t, tt.name+": subnets whose ports are hidden", tt.hidden, hidden)
		check.Equal(t, tt.name+": the external subnet is listed", true, listed)
	}
}
