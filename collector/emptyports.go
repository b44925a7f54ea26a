package collector

import (
	"context"
	"errors"
)

// checkEmptyPorts refuses an empty list of ports while the cloud says elsewhere
// that addresses are in use: a token without the right to see ports gets an
// empty list, not an error. Where the listing was narrowed to one project, the
// addresses may be those of other projects; then a credential that sees the
// ports of these has the right. In a subnet of another owner all may be theirs.
func (s *Source) checkEmptyPorts(ctx context.Context) error {
	l, err := s.subnets()
	if err != nil || len(l.items) == 0 {
		return err
	}
	reported, err := s.availability()
	if err != nil {
		return err
	}
	for i := range l.items {
		n := &l.items[i]
		if n.PortsHidden || reported.BySubnet[n.NeutronID].Used <= 0 {
			continue
		}
		if sees, err := s.api.SeesForeignPorts(ctx, n.NetworkID); err != nil || sees {
			return err
		}
		return errors.New("list ports: the list is empty, but the cloud says that addresses are in use: give the credential the right to list ports")
	}
	return nil
}
