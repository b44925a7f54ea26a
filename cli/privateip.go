package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"os/user"
	"path/filepath"
	"slices"

	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

// DefaultJournal is the journal's path unless one is given:
// $XDG_STATE_HOME/cloudip_exporter/journal.jsonl, else below ~/.local/state. It
// is "" for a user without home: what depends on the working directory would not
// be found again.
func DefaultJournal(getenv func(string) string) string {
	dir := getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) { // so says the base directory specification
		home := getenv("HOME")
		if home == "" {
			if u, err := user.Current(); err == nil {
				home = u.HomeDir
			}
		}
		if !filepath.IsAbs(home) {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "cloudip_exporter", "journal.jsonl")
}

// openJournal opens the journal and tells of a repair to come.
func (e *Env) openJournal(ctx context.Context, path string) (*journal.Journal, error) {
	if path == "" {
		if path = DefaultJournal(e.Getenv); path == "" {
			return nil, usagef("the journal has no place, as you have no home directory: give --journal.file, or set HOME or XDG_STATE_HOME")
		}
	}
	j, err := journal.Open(ctx, path, e.Now)
	if err != nil {
		return nil, err
	}
	if n := j.Torn(); n > 0 {
		e.say("warning: the last line of journal %s is unfinished (%d bytes): a run was killed while it wrote; the next entry removes it", path, n)
	}
	return j, nil
}

// reconcileCommand is what a person runs to decide open intents.
func (e *Env) reconcileCommand(journalFile string) string {
	if journalFile == "" {
		journalFile = DefaultJournal(e.Getenv)
	}
	command := "cloudip_exporter private-ip reconcile"
	if e.ConfigFile != "" {
		command += " --config.file=" + quote(e.ConfigFile)
	}
	return command + " --journal.file=" + quote(journalFile)
}

// entry is what all journal lines about one mutation have in common.
func (e *Env) entry(ctx context.Context, p Project, action string, t journal.Target) (journal.Entry, error) {
	ctx, cancel := e.reading(ctx)
	defer cancel()
	id, err := p.ID(ctx)
	if err != nil {
		return journal.Entry{}, fmt.Errorf("find id of project %q: %w", p.Label(), err)
	}
	return journal.Entry{
		Action: action, IntentID: journal.NewIntentID(), User: e.User, Host: e.Host,
		Cloud: p.Cloud(), Project: p.Label(), ProjectID: id, Target: t,
	}, nil
}

func privateIPColumns() []column {
	return []column{
		{key: "cloud"}, {key: "project"}, {key: "address"}, {key: "subnet_name"}, {key: "subnet_id", wide: true},
		{key: "status"}, {key: "holder"}, {key: "device_owner", wide: true}, {key: "private_ip_id"},
	}
}

// PrivateIPListOptions are for PrivateIPList.
type PrivateIPListOptions struct {
	Target
	Output
	Subnet string // id; "" lists all subnets
}

// PrivateIPList prints the private IPs of a subnet or of all subnets. On
// OpenStack they are the addresses of the Neutron ports.
func (e *Env) PrivateIPList(ctx context.Context, o PrivateIPListOptions) error {
	r := &result{columns: privateIPColumns()}
	if err := o.Output.check(r.columns); err != nil {
		return err
	}
	p, err := e.project(ctx, o.Target)
	if err != nil {
		return err
	}
	subnets, err := e.subnets(ctx, p)
	if err != nil {
		return err
	}
	if o.Subnet != "" {
		if subnets = withID(subnets, o.Subnet); len(subnets) == 0 {
			return noSubnet(o.Subnet, p)
		}
	}
	ips, err := e.privateIPs(ctx, p, subnets)
	if err != nil {
		return err
	}
	r.addPrivateIPs(p.Cloud(), p.Label(), slices.Values(ips), subnets)
	if len(o.Sort) == 0 {
		o.Sort = []string{"subnet_name", "subnet_id", "address"}
	}
	return e.print(r, o.Output)
}

func (r *result) addPrivateIPs(cloud, project string, ips iter.Seq[inventory.PrivateIP], subnets []inventory.Subnet) {
	names := make(map[inventory.ID]string)
	for _, s := range subnets {
		names[s.ID] = s.Name
	}
	for ip := range ips {
		r.rows = append(r.rows, []any{
			cloud, project, ip.Addr.String(), names[ip.SubnetID], ip.SubnetID.String(),
			ip.Status, ip.Holder().String(), ip.Owner, ip.ID.String(),
		})
	}
}

// privateIPs lists what is assigned in the subnets.
func (e *Env) privateIPs(ctx context.Context, p Project, subnets []inventory.Subnet) ([]inventory.PrivateIP, error) {
	var all []inventory.PrivateIP
	seen := make(map[inventory.ID]bool)
	for _, s := range subnets {
		if seen[s.ID] { // the two families of one subnet
			continue
		}
		seen[s.ID] = true
		ips, err := read(e, p.PrivateIPs(ctx, s.ID.String()))
		if err != nil {
			return nil, advised(fmt.Errorf("list private IPs of subnet %q: %w", s.ID, err))
		}
		all = append(all, ips...)
	}
	return all, nil
}

// subnets lists all subnets of the project.
func (e *Env) subnets(ctx context.Context, p Project) ([]inventory.Subnet, error) {
	subnets, err := read(e, p.Subnets(ctx))
	if err != nil {
		return nil, advised(fmt.Errorf("list subnets of project %q: %w", p.Label(), err))
	}
	return subnets, nil
}

// withID keeps the families of the subnet with this id.
func withID(subnets []inventory.Subnet, id string) []inventory.Subnet {
	var found []inventory.Subnet
	for _, s := range subnets {
		if s.ID.String() == id {
			found = append(found, s)
		}
	}
	return found
}

func noSubnet(id string, p Project) error {
	return exitf(ExitNotFound, "find subnet: %q is no subnet of project %q in cloud %q; see inventory subnets", id, p.Label(), p.Cloud())
}

// readable goes over a listing; items that cannot be read are told and left out.
func readable[T any](e *Env, listing iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item, err := range listing {
			if errors.Is(err, cloudapi.ErrAgain) {
				continue // a row twice is no harm
			}
			if bad, ok := errors.AsType[*apierr.ItemError](err); ok {
				e.say("warning: left out %v", bad)
				continue
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// read takes a whole listing.
func read[T any](e *Env, listing iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for item, err := range readable(e, listing) {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

// parseAddress reads an address from the command line.
func parseAddress(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, usagef("read address: %q is no IPv4 or IPv6 address", text)
	}
	return a.Unmap(), nil
}
