package privateip

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

const releaseColumns = "cloud project subnet_id:wide address private_ip_id status intent_id:wide result"

// releasing is one run of the command release.
type releasing struct {
	change
	ip      inventory.PrivateIP
	network inventory.ID
}

// Release gives a private IP back that nothing uses.
func Release(ctx context.Context, e *command.Env, o Options) error {
	r := &releasing{change: change{env: e, options: o}}
	defer r.close()
	if err := o.Output.Check(table.Columns(releaseColumns)); err != nil {
		return err
	}
	if o.ID == "" {
		return exit.Usagef("release private IP: give its id; see private-ip list")
	}
	if err := e.NeedYes(o.Yes, o.DryRun); err != nil {
		return err
	}
	if err := r.look(ctx, r.read); err != nil {
		return err
	}
	if err := r.confirm(ctx, journal.Release, r.target(), fmt.Sprintf("Release %s?", r.ip.Addr)); err != nil {
		return err
	}
	if o.DryRun {
		return r.printed("", "dry_run")
	}
	return r.release(ctx)
}

func (r *releasing) read(ctx context.Context) (err error) {
	if r.ip, err = r.project.PrivateIP(ctx, r.options.ID); err != nil {
		return exit.Advised(fmt.Errorf("read private IP %q: %w", r.options.ID, err))
	}
	if err := r.refuseUsed(ctx); err != nil {
		return err
	}
	if err := r.refusePublic(ctx); err != nil {
		return err
	}
	return r.refuseShared(ctx)
}

// refuseUsed shows who uses the private IP and refuses to release what is in use.
func (r *releasing) refuseUsed(ctx context.Context) error {
	ip, p := r.ip, r.project
	device, more, err := r.device(ctx)
	if err != nil && !provider.Named(p.Provider()).Has(provider.PrivateIPs) {
		return exit.Advised(fmt.Errorf("find out who uses %s: %w", ip.Addr, err)) // only the port shows it
	}
	if err != nil {
		r.env.Say("warning: who uses %s could not be read: %v", ip.Addr, err)
	}
	by := holderText(ip)
	switch {
	case device != "" && ip.Owner == "":
		by = "used by " + device
	case device != "":
		by += ", " + device
	}
	if len(more) > 0 {
		by += fmt.Sprintf("; its port holds %s as well, which goes with it", more)
	}
	r.env.Say("private IP %s: %s (%s) in subnet %s of %s/%s: %s", ip.ID, ip.Addr, ip.Status, ip.SubnetID, p.Cloud(), p.Label(), by)
	if ip.Owner == "" && device == "" {
		return nil
	}
	return exit.Errorf(exit.Conflict, "release %s: it is in use: %s; detach it there first", ip.Addr, by)
}

// device names what uses a port with the private IP's address: its device, with the
// server's name where it is one, else its owner or an instance. It returns the other
// addresses of the port, and finds the network.
func (r *releasing) device(ctx context.Context) (name string, more []netip.Addr, err error) {
	ip := r.ip
	r.network = ip.SubnetID // on Huawei Cloud and OTC
	for port, err := range command.Readable(r.env, r.project.PortsByAddress(ctx, ip.Addr)) {
		if err != nil {
			return "", nil, err
		}
		if port.ID == ip.ID {
			r.network = port.NetworkID
			for _, f := range port.Fixed {
				if f.Addr != ip.Addr {
					more = append(more, f.Addr)
				}
			}
		}
		if port.ID != ip.ID && port.NetworkID != ip.SubnetID {
			continue
		}
		if port.DeviceID.IsZero() {
			if port.Instance {
				name = "an instance of a service"
			} else if port.Owner != ip.Owner {
				name = text.Terminal(port.Owner)
			}
			continue
		}
		id := port.DeviceID.String()
		name = "device " + text.Terminal(id)
		switch inventory.HolderOf(port.Owner) {
		case inventory.HolderServer, inventory.HolderBareMetal:
			if s, err := r.project.Server(ctx, id); err == nil && s.Name != "" {
				name = fmt.Sprintf("%s (server %s)", name, text.Terminal(s.Name))
			}
		}
		break
	}
	return name, more, nil
}

func (r *releasing) refusePublic(ctx context.Context) error {
	var public []string
	for addr, err := range command.Readable(r.env, r.project.PublicIPsOf(ctx, r.ip.ID.String())) {
		if apierr.IsStatus(err, http.StatusNotFound) {
			return nil // the cloud has no such API
		}
		if err != nil {
			return r.unlessForced(fmt.Errorf("find the public IPs of %s: %w", r.ip.Addr, err))
		}
		public = append(public, addr.String())
	}
	if len(public) > 0 {
		return exit.Errorf(exit.Conflict, "release %s: it is in use: public IP %s points at it; detach it there first", r.ip.Addr, strings.Join(public, ", "))
	}
	return nil
}

// refuseShared refuses an address that another port of the network names in
// allowed_address_pairs. With --force a prefix that covers it is only a warning.
func (r *releasing) refuseShared(ctx context.Context) error {
	ip := r.ip
	for port, err := range command.Readable(r.env, r.project.PortsOfNetwork(ctx, r.network)) {
		if err != nil {
			return r.unlessForced(fmt.Errorf("list the ports that may use %s: %w", ip.Addr, err))
		}
		for _, pair := range port.Pairs {
			what := fmt.Sprintf("port %s of %q names %s in its allowed_address_pairs", text.Terminal(port.ID.String()), text.Terminal(cmp.Or(port.DeviceID.String(), port.Owner)), pair)
			switch {
			case port.ID == ip.ID || !pair.Contains(ip.Addr) || pair.Bits() == 0: // 0 turns off the check of all sources
			case pair.IsSingleIP():
				return exit.Errorf(exit.Conflict, "release %s: it is in use: %s; remove the pair there first", ip.Addr, what)
			case r.options.Force:
				r.env.Say("warning: %s", what)
			default:
				return exit.Errorf(exit.Conflict, "release %s: %s and may use it; to release it all the same, add --force", ip.Addr, what)
			}
		}
	}
	return nil
}

func (r *releasing) unlessForced(err error) error {
	if r.options.Force {
		r.env.Say("warning: %v", err)
		return nil
	}
	return exit.Advised(fmt.Errorf("%w; to release it all the same, add --force", err))
}

func (r *releasing) release(ctx context.Context) error {
	id, ip := r.options.ID, r.ip
	m, err := r.mutate(ctx, journal.Release, r.target())
	if err != nil {
		return err
	}
	m.request = func(ctx context.Context) (inventory.PrivateIP, error) { return ip, r.project.ReleasePrivateIP(ctx, id) }
	m.check = released(r.project, id)
	if _, err := m.run(ctx); err != nil {
		if apierr.AbsenceOf(err) == apierr.ProvenAbsent {
			err = fmt.Errorf("%w; it was there a moment ago: another client released it, or the request was delivered twice", err)
		}
		return err
	}
	return unwritten(r.printed(m.entry.IntentID, "released"), "released", ip)
}

func (r *releasing) target() journal.Target {
	return journal.Target{SubnetID: r.ip.SubnetID.String(), Address: r.ip.Addr.String(), PrivateIPID: r.options.ID}
}

func (r *releasing) printed(intent, result string) error {
	return r.print(releaseColumns, r.project.Cloud(), r.project.Label(), r.ip.SubnetID.String(), r.ip.Addr.String(), r.options.ID, r.ip.Status, intent, result)
}
