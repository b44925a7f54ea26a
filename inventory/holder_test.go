package inventory

import (
	"testing"

	"cloudip_exporter/test/check"
)

func TestHolderOfKnowsEachOwner(t *testing.T) {
	for want, owners := range map[string][]string{
		"none":      {""},
		"server":    {"compute:nova", "compute:"},
		"baremetal": {"baremetal:none"},
		"gateway": {"network:router_interface", "network:router_interface_distributed", "network:router_gateway", "network:ha_router_replicated_interface",
			"network:router_ha_interface"},
		"dhcp":          {"network:dhcp", "network:distributed"},
		"load_balancer": {"neutron:LOADBALANCERV2", "neutron:LOADBALANCER", "Octavia", "Octavia:health-mgr"},
		"vip":           {"neutron:VIP_PORT"},
		"nat":           {"network:nat_gateway", "network:router_centralized_snat", "network:floatingip_agent_gateway"},
		"endpoint":      {"network:endpoint_interface"},
		"floating_ip":   {"network:floatingip"},
		"subport":       {"trunk:subport"},
		"storage":       {"manila:share"},
		"other": {"compute", "Compute:nova", "network:router_gateway2", "network:dhcp2", "neutron:loadbalancerv2", "octavia", "neutron:VIP_PORTS",
			"network:distributed_dhcp", " "},
	} {
		for _, owner := range owners {
			check.Equal(t, owner, want, HolderOf(owner).String())
		}
	}
}
