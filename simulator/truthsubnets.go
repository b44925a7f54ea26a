package simulator

import (
	"math/big"
	"slices"
	"strings"
)

// subnets counts every listed subnet and address family.
func (t *teller) subnets(ports []TruthPort) []TruthSubnet {
	type place struct{ id, version string }
	held := map[place]map[string]int{}
	idle := map[place]int{}
	all := map[place]int{}
	for _, p := range ports {
		for _, a := range p.Addresses {
			at := place{a.SubnetID, a.IPVersion}
			if held[at] == nil {
				held[at] = map[string]int{}
			}
			held[at][p.Holder]++
			all[at]++
			if p.Idle {
				idle[at]++
			}
		}
	}
	var out []TruthSubnet
	for _, n := range t.estate.networks {
		if !t.lists(n) {
			continue
		}
		for _, s := range n.subnets {
			row := t.subnet(n, s)
			at := place{row.ID, row.IPVersion}
			t.usage(&row, n, s, all[at])
			row.Held, row.Idle = held[at], idle[at]
			out = append(out, row)
		}
	}
	slices.SortFunc(out, func(a, b TruthSubnet) int { return strings.Compare(a.ID+a.IPVersion, b.ID+b.IPVersion) })
	return out
}

func (t *teller) subnet(n *network, s *subnet) TruthSubnet {
	row := TruthSubnet{ID: s.id, NeutronID: s.id, IPVersion: ipVersion(s.prefix.Addr()), Name: s.name, CIDR: s.prefix.String(), NetworkID: n.id}
	if t.cloud.huawei() {
		row.ID, row.Name, row.VPCID, row.VPCName = n.id, n.name, n.vpc.id, n.vpc.name
	}
	return row
}

// usage fills in the numbers; onPorts is how many addresses ports have there.
func (t *teller) usage(row *TruthSubnet, n *network, s *subnet, onPorts int) {
	refused := t.view.Refused || t.view.Member && !t.cloud.huawei()
	total := toFloat(s.total())
	switch {
	case t.cloud.huawei() && s.version() == 6:
		row.Source, row.Used = "none", float64(onPorts)
	case t.cloud.huawei():
		size := toFloat(new(big.Int).Lsh(big.NewInt(1), uint(32-s.prefix.Bits())))
		row.Source, row.Capacity, row.Used = "availability", total, float64(s.used(true))
		if refused {
			row.Source, row.Capacity, row.Used = "estimate", ptr(*size-5), float64(onPorts)
		}
		row.Free = ptr(max(0, *row.Capacity-row.Used))
		if t.cloud.opts.Provider == HuaweiCloud && !n.old {
			row.Free = ptr(max(0, float64(n.available())))
		}
		row.Reserved = ptr(*size - *row.Capacity)
	default:
		row.Source, row.Capacity, row.Used = "availability", total, float64(s.used(false))
		if refused {
			row.Source, row.Used = "allocation_pool", float64(onPorts)
		}
		row.Free = ptr(max(0, *row.Capacity-row.Used))
	}
}

func toFloat(n *big.Int) *float64 {
	f, _ := new(big.Float).SetInt(n).Float64()
	return &f
}

func ptr(f float64) *float64 { return &f }
