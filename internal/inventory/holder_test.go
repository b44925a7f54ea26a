package inventory

import "testing"

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
		"network:floatingip_agent_gateway":       "other",
		"network:ha_router_replicated_interface": "other",
		"trunk:subport":                          "other",
		" ":                                      "other",
	} {
		if got := HolderOf(owner).String(); got != want {
			t.Errorf("HolderOf(%q) = %s, want %s", owner, got, want)
		}
	}
}

func TestHoldersGoesOverEachClassOnce(t *testing.T) {
	seen := make(map[string]bool)
	for h := range Holders {
		seen[h.String()] = true
	}
	if len(seen) != 11 {
		t.Errorf("got %d classes, want 11: %v", len(seen), seen)
	}
}
