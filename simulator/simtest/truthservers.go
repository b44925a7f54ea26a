package simtest

import (
	"slices"
	"strings"
)

// servers are what the compute API lists, bare metal and virtual, and notes
// which are bare metal.
func (t *teller) servers() []TruthServer {
	t.metal = map[string]bool{}
	var out []TruthServer
	for _, s := range t.estate.Servers {
		if s.Absent || !t.sees(s.Project) {
			continue
		}
		row := TruthServer{ID: s.ID, Name: s.Name, Kind: "virtual", Status: s.Status, Flavor: s.Flavor, Zone: s.Zone}
		metal := t.cloud.huawei() && s.BareMetal()
		for _, p := range s.Ports {
			metal = metal || !p.Absent && strings.HasPrefix(p.Owner, "baremetal:")
		}
		if metal {
			row.Kind = "baremetal"
			t.metal[s.ID] = true
		}
		for _, a := range s.Addresses() {
			version := "4"
			if a.Version == 6 {
				version = "6"
			}
			row.Addresses = append(row.Addresses, TruthServerAddress{a.Key, a.Addr, version})
		}
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b TruthServer) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func (t *teller) privateIPs() []TruthPrivateIP {
	var out []TruthPrivateIP
	for _, p := range t.estate.Ports {
		if p.Absent || !t.sees(p.Project) || !t.lists(p.Network) {
			continue
		}
		for _, f := range p.Fixed {
			if !f.Addr.Is4() {
				continue
			}
			status := "DOWN"
			if p.Status == "ACTIVE" {
				status = "ACTIVE"
			}
			out = append(out, TruthPrivateIP{p.ID.String(), p.Network.ID, status, p.Owner, HolderOf(p.Owner), f.Addr.String()})
			break
		}
	}
	return out
}
