package inventory

import (
	"maps"
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
