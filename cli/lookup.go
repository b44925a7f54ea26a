package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

func lookupCommand() command.Command {
	return command.Command{
		Name: "lookup",
		Help: "Show who holds addresses; exit code 4 if any is held by nobody.\n\nExample: cloudip_exporter lookup 10.0.0.7 2001:db8::7",
		Flags: func(c *kingpin.CmdClause) command.Run {
			var o lookupOptions
			c.Arg("ip", "Address.").Required().StringsVar(&o.Addresses)
			c.Flag("servers", "Name the server behind a port: one more call for each.").Default("true").BoolVar(&o.Servers)
			c.Flag("address-groups", "Find the address groups that cover an address: one more call for each page of them.").Default("true").BoolVar(&o.AddressGroups)
			c.Flag("full", "Collect everything once: finds also what only servers show.").BoolVar(&o.Full)
			command.TargetFlags(c, &o.Target)
			command.OutputFlags(c, &o.Output)
			return command.WithDeadline(func(ctx context.Context, e *command.Env) error { return runLookup(ctx, e, o) })
		},
	}
}

// lookupOptions are for runLookup. The zero value asks as little as it can; what
// is shown beyond the port and the subnet costs calls of its own.
type lookupOptions struct {
	command.Target
	table.Output
	Addresses []string
	// Servers asks for the name of the server behind a port: one call for each.
	Servers bool
	// AddressGroups lists the address groups: one call for each page of them.
	AddressGroups bool
	// Full collects everything once instead of asking for the addresses alone.
	// It finds also addresses that only servers show.
	Full bool
}

// runLookup prints who holds the addresses. When nobody holds one of them, it
// prints what is known of its subnet and groups and the error has exit.NotFound.
func runLookup(ctx context.Context, e *command.Env, o lookupOptions) error {
	r := &table.Table{Columns: lookupColumns()}
	if err := o.Output.Check(r.Columns); err != nil {
		return err
	}
	addresses, err := parseAddresses(o.Addresses)
	if err != nil {
		return err
	}
	projects, failures, err := e.ChooseProjects(ctx, o.Target)
	if err != nil {
		return err
	}
	found := make([][]inventory.LookupResult, len(addresses))
	for _, p := range projects {
		snap, unlisted, err := lookIn(ctx, e, p, addresses, o)
		if err != nil {
			failures = append(failures, fmt.Errorf("look in project %q of cloud %q: %w", p.Label(), p.Cloud(), err))
		}
		if snap == nil {
			continue
		}
		for i, a := range addresses {
			if result := snap.Lookup(a); result.Known() {
				result.Unlisted = unlisted
				found[i] = append(found[i], result)
			}
		}
	}
	if err := printFound(e, r, addresses, found, len(failures) > 0, o.Output); err != nil {
		return err
	}
	return errors.Join(append(failures, nobody(addresses, found, len(failures) > 0))...)
}

func parseAddresses(texts []string) ([]netip.Addr, error) {
	var all []netip.Addr
	for _, text := range texts {
		a, err := command.ParseAddress(text)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// nobody is the error for addresses that nobody holds, and for those of which that
// is not known. While a target could not be asked, it is known of none.
func nobody(addresses []netip.Addr, found [][]inventory.LookupResult, incomplete bool) error {
	if incomplete {
		return nil
	}
	var free, unknown []string
	for i, a := range addresses {
		switch {
		case held(found[i]):
		case slices.ContainsFunc(found[i], func(f inventory.LookupResult) bool { return f.Unknown() }):
			unknown = append(unknown, a.String())
		default:
			free = append(free, a.String())
		}
	}
	var said []string
	if len(free) > 0 {
		said = append(said, "nobody holds "+strings.Join(free, ", "))
	}
	if len(unknown) > 0 {
		said = append(said, "not known who holds "+strings.Join(unknown, ", ")+": the credential does not see everything in the subnet")
	}
	if len(said) == 0 {
		return nil
	}
	return exit.Errorf(exit.NotFound, "look up: %s", strings.Join(said, "; "))
}

func held(found []inventory.LookupResult) bool {
	for i := range found {
		if found[i].Held() {
			return true
		}
	}
	return false
}

// lookIn gathers what one project knows of the addresses.
func lookIn(ctx context.Context, e *command.Env, p command.Project, addresses []netip.Addr, o lookupOptions) (snap *inventory.Snapshot, unlisted map[inventory.ID]bool, err error) {
	if o.Full {
		snap, err = full(ctx, e, p)
		return snap, nil, err
	}
	return targeted(ctx, e, p, addresses, o)
}

// full collects everything. Without the subnets and the ports nobody knows who
// holds an address; the rest can be missing, and the error says so.
func full(ctx context.Context, e *command.Env, p command.Project) (*inventory.Snapshot, error) {
	snap, errs := collectOnce(ctx, e, p, resourceNames())
	known := snap
	for i, err := range errs {
		switch name := snap.States[i].Collector; {
		case err == nil:
		case name == "subnets", name == "ports":
			known = nil
		case name == "address_groups" && noGroups(e, p, err):
			errs[i] = nil
		}
	}
	return known, errors.Join(errs...)
}

// noGroups reports, and warns, that the cloud does not have address groups: not
// every OpenStack has that extension.
func noGroups(e *command.Env, p command.Project, err error) bool {
	absent := apierr.IsStatus(err, http.StatusNotFound)
	if absent {
		e.Say("warning: cloud %s has no address groups", p.Cloud())
	}
	return absent
}
