package cli

import (
	"context"
	"fmt"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// findSubInterfaces lists the sub-interfaces where one may hold an address that no port
// has, or, where servers are wanted, may be behind a port or a public IP. It fails where
// nobody knows then whether somebody holds an address.
func (s *search) findSubInterfaces(ctx context.Context, servers bool) error {
	around := s.withoutPort()
	behind := servers && s.ports.Ports.Len()+len(s.behind) > 0
	if !provider.Named(s.project.Provider()).Has(provider.SubInterfaces) || !behind && len(around) == 0 {
		return nil
	}
	all, err := command.Read(s.env, s.project.SubInterfaces(ctx))
	if lacks(s.env, s.project, string(provider.SubInterfaces), err) {
		return nil
	}
	if err != nil {
		for _, n := range around {
			s.unlisted[n.ID] = true
		}
		return exit.Advised(fmt.Errorf("list sub-interfaces: %w", err))
	}
	s.ports.SubInterfaces = inventory.NewSubInterfaces(all)
	return nil
}
