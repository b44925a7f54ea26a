package simulator

import (
	"slices"
	"strings"
)

// servers are what the compute API lists, bare metal and virtual, and notes
// which are bare metal.
func (t *teller) servers() []TruthServer {
	t.metal = map[string]bool{}
	var out []TruthServer
	for _, s := range t.estate.servers {
		if s.absent || !t.sees(s.project) {
			continue
		}
		row := TruthServer{ID: s.id, Name: s.name, Kind: "virtual", Status: s.status, Flavor: s.flavor, Zone: s.zone}
		metal := t.cloud.huawei() && s.bareMetal()
		for _, p := range s.ports {
			metal = metal || !p.absent && strings.HasPrefix(p.owner, "baremetal:")
		}
		if metal {
			row.Kind = "baremetal"
			t.metal[s.id] = true
		}
		for _, a := range s.addresses() {
			version := "4"
			if a.version == 6 {
				version = "6"
			}
			row.Addresses = append(row.Addresses, TruthServerAddress{a.key, a.addr, version})
		}
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b TruthServer) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func (t *teller) privateIPs() []TruthPrivateIP {
	var out []TruthPrivateIP
	for _, p := range t.estate.ports {
		if p.absent || !t.sees(p.project) || !t.lists(p.network) {
			continue
		}
		for _, f := range p.fixed {
			if !f.addr.Is4() {
				continue
			}
			status := "DOWN"
			if p.status == "ACTIVE" {
				status = "ACTIVE"
			}
			out = append(out, TruthPrivateIP{p.id.String(), p.network.id, status, p.owner, holderOf(p.owner), f.addr.String()})
			break
		}
	}
	return out
}
