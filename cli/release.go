package cli

import (
	"context"
	"fmt"
	"net/netip"

	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// ReleaseOptions are for PrivateIPRelease.
type ReleaseOptions struct {
	Target
	Output
	ID          string // of the private IP; on OpenStack of the port
	Yes, DryRun bool
	JournalFile string // "" is DefaultJournal
}

func releaseColumns() []column {
	return []column{
		{key: "cloud"}, {key: "project"}, {key: "subnet_id", wide: true}, {key: "address"}, {key: "private_ip_id"},
		{key: "status"}, {key: "intent_id", wide: true}, {key: "result"},
	}
}

// PrivateIPRelease gives a private IP back that nothing uses.
func (e *Env) PrivateIPRelease(ctx context.Context, o ReleaseOptions) error {
	if err := o.Output.check(releaseColumns()); err != nil {
		return err
	}
	if o.ID == "" {
		return usagef("release private IP: give its id; see private-ip list")
	}
	if err := e.needYes(o.Yes, o.DryRun); err != nil {
		return err
	}
	p, ip, err := e.idle(ctx, o)
	if err != nil {
		return err
	}
	if o.DryRun {
		e.say("dry run: would release %s; nothing was changed", ip.Addr)
		return e.printReleased(p, ip, o, "", "dry_run")
	}
	if !o.Yes {
		if err := e.ask(ctx, fmt.Sprintf("Release %s?", ip.Addr)); err != nil {
			return err
		}
	}
	return e.release(ctx, p, ip, o)
}

// idle reads the private IP and refuses one that is in use.
func (e *Env) idle(ctx context.Context, o ReleaseOptions) (Project, inventory.PrivateIP, error) {
	ctx, cancel := e.reading(ctx)
	defer cancel()
	p, err := e.project(ctx, o.Target)
	if err != nil {
		return nil, inventory.PrivateIP{}, err
	}
	ip, err := p.PrivateIP(ctx, o.ID)
	if err != nil {
		return nil, ip, advised(fmt.Errorf("read private IP %q: %w", o.ID, err))
	}
	return p, ip, e.refuseUsed(ctx, p, ip)
}

// refuseUsed shows who uses a private IP and refuses to release what is in use.
func (e *Env) refuseUsed(ctx context.Context, p Project, ip inventory.PrivateIP) error {
	device, more, err := e.device(ctx, p, ip)
	if err != nil && p.Provider() == config.OpenStack {
		return advised(fmt.Errorf("find out who uses %s: %w", ip.Addr, err)) // only the port tells
	}
	if err != nil {
		e.say("warning: who uses %s could not be read: %v", ip.Addr, err)
	}
	by := holderText(ip)
	if device != "" {
		by += ", device " + device
	}
	if len(more) > 0 {
		by += fmt.Sprintf("; its port holds %s as well, which goes with it", more)
	}
	e.say("private IP %s: %s (%s) in subnet %s of %s/%s: %s", ip.ID, ip.Addr, ip.Status, ip.SubnetID, p.Cloud(), p.Label(), by)
	if ip.Owner == "" && device == "" {
		return nil
	}
	return exitf(ExitConflict, "release %s: it is in use: %s; detach it there first", ip.Addr, by)
}

// device names what a port with the private IP's address is plugged into, with
// the server's name where it is one, and the other addresses of the port.
func (e *Env) device(ctx context.Context, p Project, ip inventory.PrivateIP) (name string, more []netip.Addr, err error) {
	for port, err := range readable(e, p.PortsByAddress(ctx, ip.Addr)) {
		if err != nil {
			return "", nil, err
		}
		if port.ID == ip.ID {
			more = otherAddresses(port, ip.Addr)
		}
		if port.DeviceID.IsZero() || port.ID != ip.ID && port.NetworkID != ip.SubnetID {
			continue
		}
		id := port.DeviceID.String()
		name = printable(id)
		switch inventory.HolderOf(port.Owner) {
		case inventory.HolderServer, inventory.HolderBareMetal:
			if s, err := p.Server(ctx, id); err == nil && s.Name != "" {
				return fmt.Sprintf("%s (server %s)", name, printable(s.Name)), more, nil
			}
		}
		return name, more, nil
	}
	return "", more, nil
}

func otherAddresses(port inventory.Port, addr netip.Addr) []netip.Addr {
	var others []netip.Addr
	for _, f := range port.Fixed {
		if f.Addr != addr {
			others = append(others, f.Addr)
		}
	}
	return others
}

func (e *Env) release(ctx context.Context, p Project, ip inventory.PrivateIP, o ReleaseOptions) error {
	j, err := e.openJournal(ctx, o.JournalFile)
	if err != nil {
		return err
	}
	defer j.Close()
	entry, err := e.entry(ctx, p, journal.Release, journal.Target{SubnetID: ip.SubnetID.String(), Address: ip.Addr.String(), PrivateIPID: o.ID})
	if err != nil {
		return err
	}
	m := mutation{
		entry: entry, since: len(j.Entries()), reopen: e.reconcileCommand(o.JournalFile),
		do: func(ctx context.Context) (inventory.PrivateIP, error) {
			return ip, p.ReleasePrivateIP(ctx, o.ID)
		},
		check: released(p, o.ID),
	}
	if _, err := m.run(ctx, e, j); err != nil {
		if apierr.IsGone(err) {
			err = fmt.Errorf("%w; it was there a moment ago: somebody else released it, or the request was delivered twice", err)
		}
		return err
	}
	return unwritten(e.printReleased(p, ip, o, entry.IntentID, "released"), "released", ip)
}

func (e *Env) printReleased(p Project, ip inventory.PrivateIP, o ReleaseOptions, intent, what string) error {
	r := &result{columns: releaseColumns()}
	r.rows = append(r.rows, []any{p.Cloud(), p.Label(), ip.SubnetID.String(), ip.Addr.String(), o.ID, ip.Status, intent, what})
	return e.print(r, o.Output)
}
