package command

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

// Reading bounds what is read of a cloud between one thing and the next that a
// person or the cloud itself decides. Without it a throttled cloud, which may
// ask for minutes, would be waited for in silence.
func (e *Env) Reading(ctx context.Context) (context.Context, context.CancelFunc) {
	if e.ReadTimeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, e.ReadTimeout)
}

// Subnets lists all subnets of the project.
func (e *Env) Subnets(ctx context.Context, p Project) ([]inventory.Subnet, error) {
	subnets, err := Read(e, p.Subnets(ctx))
	if err != nil {
		return nil, exit.Advised(fmt.Errorf("list subnets of project %q: %w", p.Label(), err))
	}
	return subnets, nil
}

// Readable goes over a listing; items that cannot be read are told and left out.
func Readable[T any](e *Env, listing iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item, err := range listing {
			if errors.Is(err, cloudapi.ErrAgain) {
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

// Read takes a whole listing.
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

// ParseAddress reads an address from the command line.
func ParseAddress(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, exit.Usagef("read address: %q is no IPv4 or IPv6 address", text)
	}
	return a.Unmap(), nil
}
