package collector

import (
	"context"
	"errors"
)

// believeNoPorts says whether an empty list of ports is an answer. It is not
// when the cloud says elsewhere that addresses are in use: a token without the
// right to see ports gets an empty list, not an error. The addresses may be
// other projects' where the listing was narrowed to one; then a credential that
// sees those ports has the right.
func (s *Source) believeNoPorts(ctx context.Context) error {
	l, err := s.subnetList(ctx)
	if err != nil || len(l.items) == 0 {
		return err
	}
	told, err := s.availabilities(ctx)
	if err != nil {
		return err
	}
	for i := range l.items {
		n := &l.items[i]
		if told.BySubnet[n.NeutronID].Used <= 0 {
			continue
		}
		if sees, err := s.api.SeesForeignPorts(ctx, n.NetworkID); err != nil || sees {
			return err
		}
		return errors.New("list ports: the list is empty, but the cloud says that addresses are in use: give the credential the right to list ports")
	}
	return nil
}
