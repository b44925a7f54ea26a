package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/inventory"
	"cloudip_exporter/text"
)

// find returns the id of the candidate that people call so. Several are an error that
// names them.
func find(what, called string, all []inventory.Candidate, p Project) (id string, err error) {
	found := inventory.Called(called, all)
	switch len(found) {
	case 0:
		return "", exit.Errorf(exit.NotFound, "find %s: %q is no %s of project %q in cloud %q; see inventory %ss", what, called, what, p.Label(), p.Cloud(), what)
	case 1:
		return found[0].ID, nil
	}
	return "", exit.Usagef("find %s: %q fits %d; give the id of one:\n  %s", what, called, len(found), choices(len(found), "\n  ", func(i int) string {
		return strings.TrimRight(found[i].ID+"  "+text.Terminal(found[i].Name)+"  "+found[i].Prefix, " ")
	}))
}

// FindSubnet returns the address families of the subnet that people call so: by its
// id, the beginning of its id, its name or its CIDR.
func FindSubnet(subnets []inventory.Subnet, called string, p Project) ([]inventory.Subnet, error) {
	var all []inventory.Candidate
	for _, s := range subnets {
		all = append(all, inventory.Candidate{ID: s.ID.String(), Name: s.Name, Prefix: s.Prefix.String()})
	}
	id, err := find("subnet", called, all, p)
	return slices.DeleteFunc(slices.Clone(subnets), func(s inventory.Subnet) bool { return s.ID.String() != id }), err
}

// FindServer returns the id of the server that people call so: by its id, which
// asks no cloud, the beginning of its id, or its name.
func (e *Env) FindServer(ctx context.Context, p Project, called string) (string, error) {
	if inventory.IsUUID(called) {
		return called, nil
	}
	servers, err := Read(e, p.Servers(ctx))
	if err != nil {
		return "", exit.Advised(fmt.Errorf("list servers of project %q: %w", p.Label(), err))
	}
	var all []inventory.Candidate
	for _, s := range servers {
		all = append(all, inventory.Candidate{ID: s.ID.String(), Name: s.Name})
	}
	return find("server", called, all, p)
}
