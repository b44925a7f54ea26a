package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/provider"
)

func lookupCommand() command.Command {
	return command.Command{
		Name: "lookup",
		Help: "Show who holds addresses; exit code 4 if nobody holds one of them, or any address of a CIDR.\n\nExample: cloudip_exporter lookup 10.0.0.7 2001:db8::/64",
		Flags: func(c *kingpin.CmdClause) command.Run {
			var o lookupOptions
			c.Arg("ip", "Address or CIDR; - reads them from standard input.").Required().StringsVar(&o.Addresses)
			c.Flag("servers", "Name the server behind a port: a call for each.").Default("true").BoolVar(&o.Servers)
			c.Flag("address-groups", "Find the address groups that cover an address: a call for each page.").Default("true").BoolVar(&o.AddressGroups)
			c.Flag("public-ips", "Find the public IP that is an address or points at it: a call for each page, and one for the port behind it.").Default("true").BoolVar(&o.PublicIPs)
			c.Flag("full", "Make a whole collection: finds also what only servers or private IPs show.").BoolVar(&o.Full)
			command.TargetFlags(c, &o.Target)
			return command.Reading(c, &o.Output, func(ctx context.Context, e *command.Env) (err error) {
				if o.Addresses, err = withStdin(o.Addresses, e.Stdin); err != nil {
					return err
				}
				return runLookup(ctx, e, o)
			})
		},
	}
}

// lookupOptions are for runLookup. The zero value asks as little as it can; what
// is shown beyond the port and the subnet costs calls of its own.
type lookupOptions struct {
	command.Target
	table.Output
	Addresses                               []string // and CIDRs
	Servers, AddressGroups, PublicIPs, Full bool     // as the flags say
}

// runLookup prints who holds the addresses. When nobody holds one of them, it
// prints what is known of its subnet and groups and the error has exit.NotFound.
func runLookup(ctx context.Context, e *command.Env, o lookupOptions) error {
	r := &table.Table{Columns: lookupColumns(), Whole: true}
	if err := o.Output.Check(r.Columns); err != nil {
		return err
	}
	wanted, err := parseAddresses(o.Addresses)
	if err != nil {
		return err
	}
	projects, failures, err := e.ChooseProjects(ctx, o.Target)
	if err != nil {
		return err
	}
	found := make([][]inventory.LookupResult, len(wanted))
	for _, p := range projects {
		snap, unlisted, err := lookIn(ctx, e, p, wanted, o)
		if err != nil {
			failures = append(failures, fmt.Errorf("look in project %q of cloud %q: %w", p.Label(), p.Cloud(), err))
		}
		if snap == nil {
			continue
		}
		for i, w := range wanted {
			for _, result := range snap.LookupIn(w) {
				if result.Known() {
					result.Unlisted = unlisted
					found[i] = append(found[i], result)
				}
			}
		}
	}
	for i, w := range wanted {
		if !w.IsSingleIP() && held(found[i]) { // the others have nothing to add
			found[i] = slices.DeleteFunc(found[i], func(f inventory.LookupResult) bool { return !f.Held() })
			slices.SortStableFunc(found[i], func(a, b inventory.LookupResult) int { return a.Addr.Compare(b.Addr) })
		}
	}
	if err := printFound(e, r, wanted, found, len(failures) > 0, o.Output); err != nil {
		return err
	}
	return errors.Join(append(failures, nobody(wanted, found, len(failures) > 0))...)
}

// withStdin puts the words of stdin where - stands.
func withStdin(texts []string, stdin io.Reader) ([]string, error) {
	i := slices.Index(texts, "-")
	if i < 0 {
		return texts, nil
	}
	input, err := io.ReadAll(stdin)
	if err != nil {
		return nil, fmt.Errorf("read addresses from standard input: %w", err)
	}
	texts = slices.Concat(texts[:i], strings.Fields(string(input)), texts[i+1:])
	if len(texts) == 0 {
		return nil, exit.Usagef("read addresses: there are none on standard input")
	}
	return texts, nil
}

func parseAddresses(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		a, err := space.ParsePrefix(text)
		if err != nil {
			return nil, exit.Usagef("read address: %w", err)
		}
		all = append(all, a)
	}
	return all, nil
}

// nobody is the error for addresses that nobody holds, and for those of which that
// is not known. While a target could not be asked, it is known of none.
func nobody(wanted []netip.Prefix, found [][]inventory.LookupResult, incomplete bool) error {
	if incomplete {
		return nil
	}
	var free, unknown []string
	for i, w := range wanted {
		switch {
		case held(found[i]):
		case slices.ContainsFunc(found[i], func(f inventory.LookupResult) bool { return f.Unknown() }):
			unknown = append(unknown, command.AddressText(w))
		default:
			free = append(free, command.AddressText(w))
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
	return slices.ContainsFunc(found, func(f inventory.LookupResult) bool { return f.Held() })
}

// lookIn gathers what one project knows of the addresses.
func lookIn(ctx context.Context, e *command.Env, p command.Project, wanted []netip.Prefix, o lookupOptions) (snap *inventory.Snapshot, unlisted map[inventory.ID]bool, err error) {
	if o.Full {
		return full(ctx, e, p, nil)
	}
	if api, _ := p.Config().API(provider.Ports); api.OwnPorts {
		return full(ctx, e, allServers{listedOnly{p}}, append(o.resources(), "private_ips"))
	}
	return targeted(ctx, e, p, wanted, o)
}

// full runs some collectors, all without names. Without the subnets and the ports nobody
// knows who holds an address; the rest can be missing, and the error says so. Where the
// ports are those of one service alone, only private IPs show what others hold.
func full(ctx context.Context, e *command.Env, p command.Project, names []string) (known *inventory.Snapshot, unlisted map[inventory.ID]bool, err error) {
	snap, errs := collectOnce(ctx, p, collectorsOf(p, names))
	known = snap
	said := make(map[string]bool) // causes
	for i, err := range errs {
		switch name := snap.States[i].Collector; {
		case err == nil:
		case name == "subnets", name == "ports":
			known = nil
		case name == "private_ips":
			unlisted = map[inventory.ID]bool{}
			for _, n := range snap.KnownSubnets() {
				unlisted[n.ID] = true
			}
		case lacks(e, p, name, err):
			errs[i] = nil
		}
		if err == nil {
			continue
		}
		if cause := apierr.CauseOf(err); said[cause] { // one outage fails all
			errs[i] = nil
		} else {
			said[cause] = true
		}
	}
	sayMissing(e, snap, "addresses")
	return known, unlisted, errors.Join(errs...)
}

// resources are the collectors of a whole collection.
func (o *lookupOptions) resources() []string {
	names := []string{"subnets", "ports"}
	for name, wanted := range map[string]bool{"servers": o.Servers, "address_groups": o.AddressGroups, "public_ips": o.PublicIPs} {
		if wanted {
			names = append(names, name)
		}
	}
	return names
}

// lacks reports, and warns, that the cloud does not have a listing, as not every
// OpenStack has address groups, or that the credential may not read it.
func lacks(e *command.Env, p command.Project, collector string, err error) bool {
	switch {
	case collector == "address_groups" && apierr.IsStatus(err, http.StatusNotFound):
		e.Say("warning: cloud %s has no address groups", p.Cloud())
	case collector == "public_ips" && apierr.IsStatus(err, http.StatusForbidden, http.StatusNotFound):
		e.Say("warning: cloud %s does not list its public IPs: %v", p.Cloud(), err)
	case collector == string(provider.SubInterfaces) && apierr.IsStatus(err, http.StatusForbidden, http.StatusNotFound):
		e.Say("warning: cloud %s does not list its sub-interfaces: %v", p.Cloud(), err)
	default:
		return false
	}
	return true
}
