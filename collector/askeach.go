package collector

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

// askEach calls ask for every id, a few at the same time. An id whose answer
// cannot be read counts as missing, and one that the cloud does not know any
// more as gone. Any other error ends the asking.
func (s *Source) askEach(ctx context.Context, ids []inventory.ID, ask func(ctx context.Context, i int) error) (inventory.Missing, inventory.Gone, error) {
	errs := make([]error, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s.concurrency())
	for i := range ids {
		group.Go(func() (err error) {
			defer catch(&err)
			err = ask(ctx, i)
			if unreadable(err) || apierr.AbsenceOf(err) != apierr.NotAbsent {
				errs[i] = err
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return inventory.Missing{}, nil, err
	}
	var missing inventory.Missing
	var gone inventory.Gone
	for i, err := range errs {
		switch {
		case unreadable(err):
			missing.Add(err)
		case err != nil:
			gone.Add(ids[i])
		}
	}
	return missing, gone, nil
}

func unreadable(err error) bool {
	_, is := errors.AsType[*apierr.ItemError](err)
	return is
}
