package truth

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/estate"
)

// The seed decides how many of everything there are, who holds the addresses, which
// public IPs are attached, and what no listing shows.
func TestPublishesTheTruthOfRandomClouds(t *testing.T) {
	for seed := range *seeds {
		for _, provider := range providers() {
			t.Run(fmt.Sprintf("%s/%d", provider, seed), func(t *testing.T) {
				r := rand.New(rand.NewPCG(seed, 13))
				c := simulateCloud(t, simulator.Options{Provider: provider, Seed: seed, Subnets: 15 + r.IntN(20), Ports: 150 + r.IntN(200), Servers: 20 + r.IntN(30), PublicIPs: 20 + r.IntN(60)})
				c.Change(func(e *estate.State) { shuffle(e, r) })
				w := watching{auth: authTypes(provider)[seed%2], extra: []string{pages("password")}}
				w.judge(t, c)
			})
		}
	}
}

func shuffle(e *estate.State, r *rand.Rand) {
	owners := []string{"", "compute:" + e.Zone, "network:dhcp", "network:router_interface", "network:router_interface_distributed", "neutron:VIP_PORT", "neutron:LOADBALANCERV3", "network:floatingip", "of nobody"}
	for _, n := range e.Networks {
		for range r.IntN(5) {
			e.AddPort(n, owners[r.IntN(len(owners))], []string{"", e.ID("device")}[r.IntN(2)], []string{"ACTIVE", "DOWN"}[r.IntN(2)], n.Subnets...)
		}
		if n.VPC == nil || n.Unlisted {
			continue
		}
		for _, s := range e.Servers {
			if _, free := n.V4().Free(); free && s.Project == n.Project && len(s.Ports) > 0 && r.IntN(8) == 0 {
				e.AddSubInterface(s.Ports[0], n, n.Subnets...)
			}
		}
		n.Hide(r.IntN(4))
	}
	for _, ip := range e.PublicIPs {
		if ip.Port != nil && r.IntN(3) == 0 {
			ip.Port, ip.Private, ip.Instance, ip.Status = nil, netip.Addr{}, "", "DOWN"
		}
	}
	e.Sort()
}
