package simtest

import (
	"math/big"
	"slices"
	"strings"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/estate"
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
			if p.Idle && !p.Pointed {
				idle[at]++
			}
		}
	}
	for _, i := range t.subInterfaces() {
		for _, a := range i.Addresses {
			if !slices.ContainsFunc(ports, func(p TruthPort) bool { return p.NetworkID == i.SubnetID && p.has(a.Address) }) {
				at := place{a.SubnetID, a.IPVersion}
				if held[at] == nil {
					held[at] = map[string]int{}
				}
				held[at]["sub_interface"]++
			}
		}
	}
	var out []TruthSubnet
	for _, n := range t.estate.Networks {
		if !t.lists(n) {
			continue
		}
		for _, s := range n.Subnets {
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

func (p TruthPort) has(address string) bool {
	return slices.ContainsFunc(p.Addresses, func(a TruthAddress) bool { return a.Address == address })
}

func (t *teller) subnet(n *estate.Network, s *estate.Subnet) TruthSubnet {
	row := TruthSubnet{ID: s.ID, NeutronID: s.ID, IPVersion: ipVersion(s.Prefix.Addr()), Name: s.Name, CIDR: s.Prefix.String(), NetworkID: n.ID, ChoosesAddresses: s.Slaac, Tags: tagsOf(n)}
	if s.Pool != nil {
		row.PoolID = s.Pool.ID
	}
	if t.cloud.huawei() {
		row.ID, row.Name, row.VPCID, row.VPCName, row.Shared = n.ID, n.Name, n.VPC.ID, n.VPC.Name, n.Sharer != ""
	}
	return row
}

// usage fills in the numbers; onPorts is how many addresses ports have there.
func (t *teller) usage(row *TruthSubnet, n *estate.Network, s *estate.Subnet, onPorts int) {
	refused := t.view.Refused || t.view.Member && !t.cloud.huawei()
	total := toFloat(s.Total())
	switch {
	case t.cloud.huawei() && s.Version() == 6:
		row.Source, row.Used = "none", float64(onPorts)
	case t.cloud.huawei():
		size := toFloat(new(big.Int).Lsh(big.NewInt(1), uint(32-s.Prefix.Bits())))
		row.Source, row.Capacity, row.Used = "availability", total, float64(s.Used(true))
		if refused {
			row.Source, row.Capacity, row.Used = "estimate", ptr(*size-5), float64(onPorts)
		}
		row.Free = ptr(max(0, *row.Capacity-row.Used))
		if t.cloud.Provider() == simulator.HuaweiCloud && !n.Old {
			row.Free = ptr(max(0, float64(n.Available())))
		}
		row.Reserved = ptr(*size - *row.Capacity)
	default:
		row.Source, row.Capacity, row.Used = "availability", total, float64(s.Used(false))
		if refused {
			row.Source, row.Used = "allocation_pool", float64(onPorts)
		}
		row.Free = t.leftInPools(s, refused)
	}
}

// leftInPools is what Neutron still hands out: by its own details all that is left; else
// it is known of the ports that are seen, and all others may lie in the pools.
func (t *teller) leftInPools(s *estate.Subnet, refused bool) *float64 {
	left := *toFloat(s.Total())
	for _, p := range s.Network.Ports {
		if p.Absent {
			continue
		}
		for _, f := range p.Fixed {
			seen, inside := t.sees(p.Project), s.Contains(f.Addr)
			switch {
			case f.SubnetID != s.ID, refused && !seen:
			case inside, !seen && !t.cloud.PoolDetails():
				left--
			}
		}
	}
	return ptr(max(0, left))
}

func toFloat(n *big.Int) *float64 {
	f, _ := new(big.Float).SetInt(n).Float64()
	return &f
}

func ptr(f float64) *float64 { return &f }
