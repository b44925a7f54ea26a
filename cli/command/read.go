package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

// Reading limits the time for reading from a cloud before a question or a change.
// Without it a command would wait for minutes, without a word, for a cloud that
// throttles.
func (e *Env) Reading(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, e.ReadTimeout, fmt.Errorf("collection.timeout of %s passed: raise it, or see which API is slow: %w", e.ReadTimeout, context.DeadlineExceeded))
}

// Subnets returns all subnets of the project.
func (e *Env) Subnets(ctx context.Context, p Project) ([]inventory.Subnet, error) {
	subnets, err := Read(e, p.Subnets(ctx))
	if err != nil {
		return nil, exit.Advised(fmt.Errorf("list subnets of project %q: %w", p.Label(), err))
	}
	return subnets, nil
}

// Measure sets how much is free in subnets: as their listing says, else as the cloud
// reports of them. listed are all ports of their networks that can be seen.
func Measure(ctx context.Context, p Project, subnets []*inventory.Subnet, listed *inventory.Ports) error {
	var ask []inventory.Subnet
	for _, n := range subnets {
		if n.Usage.Free = n.Available; n.Available == nil {
			ask = append(ask, *n)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	reported, err := p.Availability(ctx, ask)
	if err != nil {
		return err
	}
	var pools []*inventory.Subnet
	for _, n := range subnets {
		if n.Usage.Free != nil {
			continue
		}
		a, ok := reported.BySubnet[n.NeutronID]
		if ok {
			n.Usage = inventory.Usage{Source: inventory.FromAvailability, Capacity: &a.Total, Used: a.Used, Free: cmp.Or(a.Left, new(max(0, a.Total-a.Used)))}
			if a.Left == nil && len(n.Pools) > 0 {
				pools = append(pools, n)
			}
		} else if len(n.Pools) > 0 && !n.PortsHidden { // availability is for administrators
			pools = append(pools, n)
		}
	}
	inventory.SetFree(listed, pools)
	return nil
}

// Readable iterates over a listing. It leaves out items that cannot be read, with a
// warning.
func Readable[T any](e *Env, listing iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item, err := range listing {
			if errors.Is(err, apierr.ErrAgain) {
				continue // a row twice is no harm
			}
			if bad, ok := errors.AsType[*apierr.ItemError](err); ok {
				e.Say("warning: left out %v", bad)
				continue
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// Read returns all items of a listing.
func Read[T any](e *Env, listing iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for item, err := range Readable(e, listing) {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

// AddressText returns an address or a CIDR as people write it.
func AddressText(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}
