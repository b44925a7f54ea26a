package privateip

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

func releaseCommand(journal *string) command.Command {
	return command.Command{
		Name: "release", Help: "Release a private IP that nothing uses.",
		Flags: func(c *kingpin.CmdClause) command.Run {
			var o ReleaseOptions
			c.Arg("id", "Private IP, by its id.").Required().StringVar(&o.ID)
			c.Flag("yes", "Do not ask.").Short('y').BoolVar(&o.Yes)
			c.Flag("dry-run", "Show what would happen and change nothing.").BoolVar(&o.DryRun)
			c.Flag("force", "Release it although a prefix in allowed_address_pairs covers it, or it is not known whether a public IP or another port uses it.").BoolVar(&o.Force)
			command.TargetFlags(c, &o.Target)
			command.OutputFlags(c, &o.Output)
			return command.WithClouds(func(ctx context.Context, e *command.Env) error {
				o.JournalFile = *journal
				return Release(ctx, e, o)
			})
		},
	}
}

// ReleaseOptions are for Release.
type ReleaseOptions struct {
	command.Target
	table.Output
	ID          string // of the private IP; on OpenStack of the port
	Yes, DryRun bool
	Force       bool   // release what may be in use but is not known to be
	JournalFile string // "" is DefaultJournal
}

func releaseColumns() []table.Column {
	return []table.Column{
		{Key: "cloud"}, {Key: "project"}, {Key: "subnet_id", Wide: true}, {Key: "address"}, {Key: "private_ip_id"},
		{Key: "status"}, {Key: "intent_id", Wide: true}, {Key: "result"},
	}
}

// Release gives a private IP back that nothing uses.
func Release(ctx context.Context, e *command.Env, o ReleaseOptions) error {
	if err := o.Output.Check(releaseColumns()); err != nil {
		return err
	}
	if o.ID == "" {
		return exit.Usagef("release private IP: give its id; see private-ip list")
	}
	if err := e.NeedYes(o.Yes, o.DryRun); err != nil {
		return err
	}
	p, ip, err := idle(ctx, e, o)
	if err != nil {
		return err
	}
	if o.DryRun {
		e.Say("dry run: would release %s; nothing was changed", ip.Addr)
		return printReleased(e, p, ip, o, "", "dry_run")
	}
	if !o.Yes {
		if err := e.Ask(ctx, fmt.Sprintf("Release %s?", ip.Addr)); err != nil {
			return err
		}
	}
	return release(ctx, e, p, ip, o)
}

// idle reads the private IP and refuses one that is in use.
func idle(ctx context.Context, e *command.Env, o ReleaseOptions) (command.Project, inventory.PrivateIP, error) {
	ctx, cancel := e.Reading(ctx)
	defer cancel()
	p, err := e.ChooseProject(ctx, o.Target)
	if err != nil {
		return nil, inventory.PrivateIP{}, err
	}
	ip, err := p.PrivateIP(ctx, o.ID)
	if err != nil {
		return nil, ip, exit.Advised(fmt.Errorf("read private IP %q: %w", o.ID, err))
	}
	network, err := refuseUsed(ctx, e, p, ip)
	if err != nil {
		return p, ip, err
	}
	return p, ip, refuseShared(ctx, e, p, ip, network, o.Force)
}

// refuseUsed shows who uses a private IP and refuses to release what is in use. It
// returns the network of the private IP.
func refuseUsed(ctx context.Context, e *command.Env, p command.Project, ip inventory.PrivateIP) (network inventory.ID, err error) {
	device, more, network, err := device(ctx, e, p, ip)
	if err != nil && !provider.Named(p.Provider()).Has(provider.PrivateIPs) {
		return network, exit.Advised(fmt.Errorf("find out who uses %s: %w", ip.Addr, err)) // only the port shows it
	}
	if err != nil {
		e.Say("warning: who uses %s could not be read: %v", ip.Addr, err)
	}
	by := holderText(ip)
	if device != "" {
		by += ", device " + device
	}
	if len(more) > 0 {
		by += fmt.Sprintf("; its port holds %s as well, which goes with it", more)
	}
	e.Say("private IP %s: %s (%s) in subnet %s of %s/%s: %s", ip.ID, ip.Addr, ip.Status, ip.SubnetID, p.Cloud(), p.Label(), by)
	if ip.Owner == "" && device == "" {
		return network, nil
	}
	return network, exit.Errorf(exit.Conflict, "release %s: it is in use: %s; detach it there first", ip.Addr, by)
}

// device names what a port with the private IP's address is plugged into, with
// the server's name where it is one, the other addresses of the port and its network.
func device(ctx context.Context, e *command.Env, p command.Project, ip inventory.PrivateIP) (name string, more []netip.Addr, network inventory.ID, err error) {
	network = ip.SubnetID // on Huawei Cloud and OTC
	for port, err := range command.Readable(e, p.PortsByAddress(ctx, ip.Addr)) {
		if err != nil {
			return "", nil, network, err
		}
		if port.ID == ip.ID {
			more, network = otherAddresses(port, ip.Addr), port.NetworkID
		}
		if port.DeviceID.IsZero() || port.ID != ip.ID && port.NetworkID != ip.SubnetID {
			continue
		}
		id := port.DeviceID.String()
		name = text.Terminal(id)
		switch inventory.HolderOf(port.Owner) {
		case inventory.HolderServer, inventory.HolderBareMetal:
			if s, err := p.Server(ctx, id); err == nil && s.Name != "" {
				return fmt.Sprintf("%s (server %s)", name, text.Terminal(s.Name)), more, network, nil
			}
		}
		return name, more, network, nil
	}
	return "", more, network, nil
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

func release(ctx context.Context, e *command.Env, p command.Project, ip inventory.PrivateIP, o ReleaseOptions) error {
	j, err := openJournal(ctx, e, o.JournalFile)
	if err != nil {
		return err
	}
	defer j.Close()
	entry, err := entry(ctx, e, p, journal.Release, journal.Target{SubnetID: ip.SubnetID.String(), Address: ip.Addr.String(), PrivateIPID: o.ID})
	if err != nil {
		return err
	}
	m := mutation{
		entry: entry, since: len(j.Entries()), reconcile: commandToReconcile(e, o.JournalFile),
		request: func(ctx context.Context) (inventory.PrivateIP, error) {
			return ip, p.ReleasePrivateIP(ctx, o.ID)
		},
		check: released(p, o.ID),
	}
	if _, err := m.run(ctx, e, j); err != nil {
		if apierr.AbsenceOf(err) == apierr.ProvenAbsent {
			err = fmt.Errorf("%w; it was there a moment ago: another client released it, or the request was delivered twice", err)
		}
		return err
	}
	return unwritten(printReleased(e, p, ip, o, entry.IntentID, "released"), "released", ip)
}

func printReleased(e *command.Env, p command.Project, ip inventory.PrivateIP, o ReleaseOptions, intent, what string) error {
	r := &table.Table{Columns: releaseColumns()}
	r.Rows = append(r.Rows, []any{p.Cloud(), p.Label(), ip.SubnetID.String(), ip.Addr.String(), o.ID, ip.Status, intent, what})
	return e.Print(r, o.Output)
}
