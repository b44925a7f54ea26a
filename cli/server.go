package cli

import (
	"context"
	"fmt"
	"net/url"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

// ServerIPsOptions are for ServerIPs.
type ServerIPsOptions struct {
	Target
	Output
	Server string // id
}

func serverIPColumns() []column {
	return []column{{key: "cloud"}, {key: "project"}, {key: "server_id"}, {key: "address"}, {key: "ip_version"}, {key: "network"}}
}

// ServerIPs prints the addresses of one server.
func (e *Env) ServerIPs(ctx context.Context, o ServerIPsOptions) error {
	r := &result{columns: serverIPColumns()}
	if err := o.Output.check(r.columns); err != nil {
		return err
	}
	p, err := e.project(ctx, o.Target)
	if err != nil {
		return err
	}
	addresses, err := p.ServerAddresses(ctx, o.Server)
	if err != nil {
		return advised(fmt.Errorf("list addresses of server %q: %w", o.Server, err))
	}
	for _, a := range addresses {
		r.rows = append(r.rows, []any{p.Cloud(), p.Label(), o.Server, a.Addr.String(), inventory.IPVersion(a.Addr), a.Network})
	}
	return e.print(r, o.Output)
}

// ServerConsoleOptions are for ServerConsole.
type ServerConsoleOptions struct {
	Target
	Server string // id
	JSON   bool   // print an object that marks the URL as secret
	Open   bool   // start the browser as well
}

// ServerConsole prints the login address of a server's serial console. It is a
// credential: it goes to stdout (and to the browser) and nowhere else, errors included.
func (e *Env) ServerConsole(ctx context.Context, o ServerConsoleOptions) error {
	address, kind, err := e.console(ctx, o)
	if err != nil {
		return err
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || printable(address) != address {
		return fmt.Errorf("open console of server %q: the cloud's answer holds no usable URL", o.Server)
	}
	if u.Scheme != "https" && u.Scheme != "wss" {
		e.say("warning: the console address is not encrypted (%s): anybody on the way can read it and what you type", u.Scheme)
	}
	if err := e.printConsole(o, address, kind); err != nil {
		return fmt.Errorf("write console address: %w", err)
	}
	if !o.Open {
		return nil
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("open browser: the console speaks %s, which a browser cannot open by itself; give the address to a serial-console client", u.Scheme)
	}
	return e.OpenBrowser(ctx, address)
}

// console asks for the address, and for its type.
func (e *Env) console(ctx context.Context, o ServerConsoleOptions) (address, kind string, err error) {
	ctx, cancel := e.reading(ctx)
	defer cancel()
	p, err := e.project(ctx, o.Target)
	if err != nil {
		return "", "", err
	}
	if address, kind, err = p.SerialConsole(ctx, o.Server); err != nil {
		return "", "", consoleError(o.Server, err)
	}
	return address, kind, nil
}

func (e *Env) printConsole(o ServerConsoleOptions, address, kind string) error {
	if !o.JSON {
		_, err := fmt.Fprintln(e.Stdout, address)
		return err
	}
	text, err := jsonText(struct {
		ServerID string `json:"server_id"`
		Type     string `json:"type"`
		URL      string `json:"url"`
		Secret   bool   `json:"secret"`
	}{o.Server, kind, address, true})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "%s\n", text)
	return err
}

// consoleError says what the cloud's refusal means for a person.
func consoleError(server string, err error) error {
	what := ""
	switch {
	case apierr.IsCode(err, "APIGW.0101", "APIG.0101"):
	case apierr.IsNotFound(err):
		what = "there is no such server in this project, or it has no serial console (Windows has none)"
	case apierr.IsConflict(err):
		what = "the server is not running yet; try again once it is ACTIVE"
	case apierr.IsStatus(err, 501):
		what = "this cloud has serial consoles switched off"
	case apierr.IsStatus(err, 400):
		what = "this server has no serial console (Windows has none)"
	}
	err = fmt.Errorf("open console of server %q: %w", server, err)
	if what == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, what)
}
