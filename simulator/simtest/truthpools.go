package simtest

// TruthSubnetPool is a subnet pool; Hidden where the view does not show all its subnets.
type TruthSubnetPool struct {
	ID, Name, IPVersion string
	Prefixes            []string
	Hidden              bool
}

func (t *teller) subnetPools() []TruthSubnetPool {
	var all []TruthSubnetPool
	for _, p := range t.estate.SubnetPools {
		if !t.sees(p.Project) && !(t.view.Member && p.Shared) {
			continue
		}
		row := TruthSubnetPool{ID: p.ID, Name: p.Name, IPVersion: ipVersion(p.Prefixes[0].Addr()), Hidden: p.Shared && (t.view.Member || t.view.Project != "")}
		for _, prefix := range p.Prefixes {
			row.Prefixes = append(row.Prefixes, prefix.String())
		}
		all = append(all, row)
	}
	return all
}
