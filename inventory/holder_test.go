package inventory

import (
	"fmt"
	"maps"
	"testing"

	"cloudip_exporter/test/check"
)

func TestHolderOfKnowsEachOwner(t *testing.T) {
	for owner, want := range map[string]string{
		"":                                       "none",
		"compute:nova":                           "server",
		"compute:":                               "server",
		"compute":                                "other",
		"Compute:nova":                           "other",
		"baremetal:none":                         "baremetal",
		"network:router_interface":               "gateway",
		"network:router_interface_distributed":   "gateway",
		"network:router_gateway":                 "gateway",
		"network:router_gateway2":                "other",
		"network:dhcp":                           "dhcp",
		"network:dhcp2":                          "other",
		"neutron:LOADBALANCERV2":                 "load_balancer",
		"neutron:LOADBALANCER":                   "load_balancer",
		"neutron:loadbalancerv2":                 "other",
		"Octavia":                                "load_balancer",
		"octavia":                                "other",
		"neutron:VIP_PORT":                       "vip",
		"neutron:VIP_PORTS":                      "other",
		"network:nat_gateway":                    "nat",
		"network:router_centralized_snat":        "nat",
		"network:endpoint_interface":             "endpoint",
		"network:floatingip":                     "floating_ip",
		"network:floatingip_agent_gateway":       "nat",
		"network:ha_router_replicated_interface": "gateway",
		"network:router_ha_interface":            "gateway",
		"network:distributed":                    "dhcp",
		"network:distributed_dhcp":               "other",
		"Octavia:health-mgr":                     "load_balancer",
		"trunk:subport":                          "subport",
		"manila:share":                           "storage",
		" ":                                      "other",
	} {
		check.Equal(t, fmt.Sprintf("HolderOf(%q)", owner), want, HolderOf(owner).String())
	}
}

func TestHoldersGoesOverEachClassOnce(t *testing.T) {
	seen := make(map[string]bool)
	for h := range Holders {
		seen[h.String()] = true
	}
	check.Equal(t, "classes", 14, len(seen))
}

func TestPortHolderIsThatOfTheCounts(t *testing.T) {
	for _, unknown := range []bool{false, true} {
		ports := frozen(
			port("1", "n", "metal", "compute:a", "ACTIVE"), port("2", "n", "vm", "compute:a", "ACTIVE"), port("3", "n", "metal", "network:dhcp", "ACTIVE"),
			port("4", "n", "metal", "", "DOWN"), port("5", "n", "", "", "DOWN"), port("6", "n", "x", "baremetal:none", "ACTIVE"), port("7", "n", "", "odd", "ACTIVE"),
		)
		ports.OwnersUnknown = unknown
		snap := known("otc", PortData{Ports: ports}, ServerData{{ID: ParseID("metal"), BareMetal: true}, {ID: ParseID("vm")}})
		want := map[Holder]int{}
		for _, c := range snap.PortUsage().Counts {
			want[c.Holder] += c.Ports
		}
		got, holderOf := map[Holder]int{}, snap.PortHolder()
		for p := range ports.All() {
			got[holderOf(&p)]++
		}
		if !maps.Equal(got, want) || got[HolderBareMetal] != 2 {
			t.Errorf("owners unknown %v: got %v, want %v", unknown, got, want)
		}
	}
}
