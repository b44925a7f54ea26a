package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

// LookupOptions are for Lookup. The zero value asks as little as it can; what
// is shown beyond the port and the subnet costs calls of its own.
type LookupOptions struct {
	Target
	Output
	Addresses []string
	// Servers asks for the name of the server behind a port: one call for each.
	Servers bool
	// AddressGroups lists the address groups: one call for each page of them.
	AddressGroups bool
	// Full collects everything once instead of asking for the addresses alone.
	// It finds also addresses that only servers show.
	Full bool
}

// Lookup prints who holds the addresses. When nobody holds one of them, it
// prints what is known of its subnet and groups and the error has ExitNotFound.
func (e *Env) Lookup(ctx context.Context, o LookupOptions) error {
	r := &result{columns: lookupColumns()}
	if err := o.Output.check(r.columns); err != nil {
		return err
	}
	addresses, err := parseAddresses(o.Addresses)
	if err != nil {
		return err
	}
	projects, failures, err := e.projects(ctx, o.Target)
	if err != nil {
		return err
	}
	found := make([][]located, len(addresses))
	for _, p := range projects {
		t, err := e.lookIn(ctx, p, addresses, o)
		if err != nil {
			failures = append(failures, fmt.Errorf("look in project %q of cloud %q: %w", p.Label(), p.Cloud(), err))
		}
		if t.in == nil {
			continue
		}
		for i, a := range addresses {
			if f := t.in.Lookup(a); f.Known() {
				found[i] = append(found[i], located{t, f})
			}
		}
	}
	if err := e.printFound(r, addresses, found, len(failures) > 0, o.Output); err != nil {
		return err
	}
	return errors.Join(append(failures, nobody(addresses, found, len(failures) > 0))...)
}

// looked is what one target tells of the addresses; in is nil where that is nothing.
type looked struct {
	in *inventory.Snapshot
	// unlisted are the VPC subnets of which it does not tell who holds the
	// addresses that no port has.
	unlisted map[inventory.ID]bool
}

// located is what one target knows of an address.
type located struct {
	looked
	inventory.Found
}

func parseAddresses(texts []string) ([]netip.Addr, error) {
	if len(texts) == 0 {
		return nil, usagef("look up: give one or more addresses")
	}
	var all []netip.Addr
	for _, text := range texts {
		a, err := parseAddress(text)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// nobody is the error for addresses that nobody holds. While a target could
// not be asked, that is not known.
func nobody(addresses []netip.Addr, found [][]located, incomplete bool) error {
	var free []string
	for i, a := range addresses {
		if !held(found[i]) {
			free = append(free, a.String())
		}
	}
	if len(free) == 0 || incomplete {
		return nil
	}
	return exitf(ExitNotFound, "look up: nobody holds %s", strings.Join(free, ", "))
}

func held(found []located) bool {
	for i := range found {
		if found[i].Held() {
			return true
		}
	}
	return false
}

// lookIn gathers what one project knows of the addresses.
func (e *Env) lookIn(ctx context.Context, p Project, addresses []netip.Addr, o LookupOptions) (looked, error) {
	if o.Full {
		snap, err := e.full(ctx, p)
		return looked{in: snap}, err
	}
	return e.targeted(ctx, p, addresses, o)
}

// full collects everything. Who holds an address cannot be told without the
// subnets and the ports; the rest can be missing and the error says so.
func (e *Env) full(ctx context.Context, p Project) (*inventory.Snapshot, error) {
	snap, errs := e.collect(ctx, p, resourceNames())
	known := snap
	for i, err := range errs {
		switch name := snap.States[i].Collector; {
		case err == nil:
		case name == "subnets", name == "ports":
			known = nil
		case name == "address_groups" && e.noGroups(p, err):
			errs[i] = nil
		}
	}
	return known, errors.Join(errs...)
}

// noGroups reports, and tells, that the cloud does not have address groups: not
// every OpenStack has that extension.
func (e *Env) noGroups(p Project, err error) bool {
	absent := apierr.IsNotFound(err)
	if absent {
		e.say("warning: cloud %s has no address groups", p.Cloud())
	}
	return absent
}
