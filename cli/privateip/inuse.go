package privateip

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/text"
)

// refuseShared refuses to release an address that is in use although its own port
// says nothing of it: a public IP points at it, or another port of the network names
// it in allowed_address_pairs. With force a prefix that covers it is only said, and
// so is what could not be read.
func refuseShared(ctx context.Context, e *command.Env, p command.Project, ip inventory.PrivateIP, network inventory.ID, force bool) error {
	public, err := publicIPs(ctx, e, p, ip)
	if err != nil {
		if err := unlessForced(e, force, fmt.Errorf("find the public IPs of %s: %w", ip.Addr, err)); err != nil {
			return err
		}
	}
	if len(public) > 0 {
		return exit.Errorf(exit.Conflict, "release %s: it is in use: public IP %s points at it; detach it there first", ip.Addr, strings.Join(public, ", "))
	}
	for port, err := range command.Readable(e, p.PortsOfNetwork(ctx, network)) {
		if err != nil {
			return unlessForced(e, force, fmt.Errorf("list the ports that may use %s: %w", ip.Addr, err))
		}
		if port.ID == ip.ID {
			continue
		}
		for _, pair := range port.Pairs {
			what := fmt.Sprintf("port %s of %q names %s in its allowed_address_pairs", text.Terminal(port.ID.String()), text.Terminal(cmp.Or(port.DeviceID.String(), port.Owner)), pair)
			switch {
			case !pair.Contains(ip.Addr) || pair.Bits() == 0: // which turns off the check of all sources
			case pair.IsSingleIP():
				return exit.Errorf(exit.Conflict, "release %s: it is in use: %s; remove the pair there first", ip.Addr, what)
			case force:
				e.Say("warning: %s", what)
			default:
				return exit.Errorf(exit.Conflict, "release %s: %s and may use it; to release it all the same, add --force", ip.Addr, what)
			}
		}
	}
	return nil
}

// publicIPs names the public IPs that point at a private IP: none where the cloud has
// no such API.
func publicIPs(ctx context.Context, e *command.Env, p command.Project, ip inventory.PrivateIP) ([]string, error) {
	var public []string
	for addr, err := range command.Readable(e, p.PublicIPsOf(ctx, ip.ID.String())) {
		if apierr.IsStatus(err, http.StatusNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		public = append(public, addr.String())
	}
	return public, nil
}

func unlessForced(e *command.Env, force bool, err error) error {
	if force {
		e.Say("warning: %v", err)
		return nil
	}
	return exit.Advised(fmt.Errorf("%w; to release it all the same, add --force", err))
}
