package simtest

// TruthNetwork is a network of OpenStack.
type TruthNetwork struct {
	ID, Name           string
	External, Shared   bool
	OwnerID, OwnerName string // OwnerName "" where the view may not read it
}

func (t *teller) networks() []TruthNetwork {
	var all []TruthNetwork
	for _, n := range t.estate.Networks {
		if t.cloud.huawei() || !t.lists(n) {
			continue
		}
		row := TruthNetwork{n.ID, n.Name, n.External, n.Shared, n.Project.ID, n.Project.Name}
		if t.view.Member && n.Project == t.estate.Projects[0] {
			row.OwnerName = "" // the member has no role there
		}
		all = append(all, row)
	}
	return all
}
