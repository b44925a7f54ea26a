package simulator

import (
	"net/netip"
	"slices"
	"time"

	"cloudip_exporter/simulator/estate"
)

// widens adds a secondary CIDR to the VPC, or a prefix to the subnet pool, for a spell;
// else no block of a /24 is free.
func (w *world) widens(s spell) {
	const spare = "172.20.0.0/20"
	e := w.cloud.estate
	w.actors = append(w.actors, func(t time.Duration) {
		for _, v := range e.VPCs {
			v.Extended = slices.DeleteFunc(v.Extended, func(cidr string) bool { return cidr == spare })
			if s.on(t) {
				v.Extended = append(v.Extended, spare)
			}
		}
		for _, p := range e.SubnetPools {
			p.Prefixes = slices.DeleteFunc(p.Prefixes, func(prefix netip.Prefix) bool { return prefix.String() == spare })
			if s.on(t) {
				p.Prefixes = append(p.Prefixes, netip.MustParsePrefix(spare))
			}
		}
	})
}

// attaches finds a use for each public IP for a spell.
func (w *world) attaches(s spell) {
	for _, ip := range w.cloud.estate.PublicIPs {
		if ip.Attached() {
			continue
		}
		rest := *ip
		w.actors = append(w.actors, func(t time.Duration) {
			*ip = rest
			switch on := s.on(t); {
			case !on:
			case ip.Network != nil:
				ip.Forwards = true
			default:
				ip.Status, ip.Instance = "ACTIVE", "NATGW"
			}
		})
	}
}

// drains brings the pools of public IPs near their end for a spell.
func (w *world) drains(s spell) {
	for _, p := range w.cloud.estate.Pools {
		rest := p.Used
		w.actors = append(w.actors, func(t time.Duration) {
			if p.Used = rest; s.on(t) {
				p.Used = p.Size - 1
			}
		})
	}
}

// reveals releases the addresses that no listing shows for a spell.
func (w *world) reveals(n *estate.Network, s spell) {
	rest := n.Hidden
	w.actors = append(w.actors, func(t time.Duration) {
		if n.Hidden = rest; s.on(t) {
			n.Hidden = nil
		}
	})
}
