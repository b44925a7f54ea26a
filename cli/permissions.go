package cli

import (
	"cloudip_exporter/cloudapi/wire/apierr"
	"context"
	"errors"
	"fmt"
	"iter"
	"regexp"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// trial is one cheap call of an API that a collector needs.
type trial struct {
	collector string
	api       string // as a person calls it
	action    string // IAM action, or rule of the OpenStack policy, that allows it
	optional  bool   // without it the collector works, less exactly
	do        func(context.Context) error
}

// errNothingToTry says that there is no object to try the API on.
var errNothingToTry = errors.New("not tried: there is nothing to ask it about")

// errNotNeeded says that the collector works without the API as things are.
var errNotNeeded = errors.New("not needed: the cloud tells what is used")

// errNotTold says that the cloud keeps the answer from this credential.
var errNotTold = errors.New("refused")

// checkCloud logs in to a cloud and tries the APIs of each of its projects.
func checkCloud(ctx context.Context, c command.Cloud) (rows [][]any, faults []error) {
	cfg := c.Config
	projects, err := c.Projects(ctx)
	if err == nil && len(projects) == 0 {
		err = exit.Errorf(exit.Permission, "the credential sees no project")
	}
	if err != nil {
		rows = append(rows, []any{cfg.Name, nil, cfg.Provider, nil, nil, "identity", nil, err.Error()})
		return rows, []error{fmt.Errorf("cloud %q: %w", cfg.Name, asPermission(err))}
	}
	for _, p := range projects {
		if _, err := p.ID(ctx); err != nil {
			rows = append(rows, []any{cfg.Name, p.Label(), cfg.Provider, nil, nil, "identity", nil, err.Error()})
			faults = append(faults, fmt.Errorf("cloud %q, project %q: %w", cfg.Name, p.Label(), asPermission(err)))
			continue
		}
		for _, t := range trials(p, cfg) {
			text, err := t.run(ctx)
			rows = append(rows, []any{cfg.Name, p.Label(), cfg.Provider, t.collector, cost(cfg, t.collector), t.api, t.action, text})
			if err != nil {
				faults = append(faults, fmt.Errorf("cloud %q, project %q, collector %s: %w", cfg.Name, p.Label(), t.collector, err))
			}
		}
	}
	return rows, faults
}

func asPermission(err error) error {
	if apierr.IsAuth(err) {
		return &exit.Error{Code: exit.Permission, Err: err}
	}
	return err
}

// run tells in words how the trial went, with the permission that the cloud
// itself names, and an error when the collector cannot work.
func (t trial) run(ctx context.Context) (text string, fault error) {
	err := t.do(ctx)
	switch {
	case err == nil:
		return "ok", nil
	case errors.Is(err, errNothingToTry), errors.Is(err, errNotNeeded):
		return err.Error(), nil
	case errors.Is(err, errNotTold), apierr.IsStatus(err, 403):
		if t.optional {
			return "refused: capacity is told from allocation pools, used is counted on ports", nil
		}
		action := actionOf(err, t.action)
		return "missing permission " + action,
			exit.Errorf(exit.Permission, "%s: missing permission %s: grant it to the credential, see docs/permissions.md", t.api, action)
	}
	return err.Error(), asPermission(err)
}

// actionOf is the action that the refusal names, else the one that is known.
func actionOf(err error, known string) string {
	if status, ok := errors.AsType[*apierr.StatusError](err); ok {
		if m := regexp.MustCompile(`\b([a-z]+:[a-zA-Z]+:[a-zA-Z]+)\b`).FindString(status.Message); m != "" {
			return m
		}
	}
	return known
}

// trials are the calls to try for the configured collectors of a project.
func trials(p command.Project, cfg config.Cloud) []trial {
	var all []trial
	for _, name := range cfg.Collectors {
		if cfg.Provider == config.OpenStack {
			all = append(all, openStackTrials(p, name)...)
		} else {
			all = append(all, huaweiTrials(p, cfg, name)...)
		}
		all = append(all, borrowedTrials(p, cfg, name)...)
	}
	return all
}

func openStackTrials(p command.Project, name string) []trial {
	switch name {
	case "subnets":
		return []trial{
			{name, "list subnets", subnetsAction(p.Config()), false, func(ctx context.Context) error { return reach(p.Subnets(ctx)) }},
			{name, "show use of networks", "get_network_ip_availability", true, func(ctx context.Context) error { return tryAvailability(ctx, p) }},
		}
	case "ports":
		return []trial{{name, "list ports", portsAction(p.Config()), false, func(ctx context.Context) error { return reach(p.PortsInParts(ctx, nil)) }}}
	case "servers":
		return serverTrials(p, "os_compute_api:servers:detail", "os_compute_api:ips:index")
	case "address_groups":
		return []trial{{name, "list address groups", "get_address_group", false, func(ctx context.Context) error { return reach(p.AddressGroups(ctx)) }}}
	case "quotas":
		return []trial{{name, "show quotas", "get_quota", false, func(ctx context.Context) error { return reach(p.Quotas(ctx)) }}}
	}
	return nil
}

func huaweiTrials(p command.Project, cfg config.Cloud, name string) []trial {
	switch name {
	case "subnets":
		return []trial{
			{name, "list VPCs", "vpc:vpcs:list", false, func(ctx context.Context) error { return reach(p.VPCs(ctx)) }},
			{name, "list subnets", subnetsAction(cfg), false, func(ctx context.Context) error { return reach(p.Subnets(ctx)) }},
			{name, "show use of a network", "vpc:networks:get", false, func(ctx context.Context) error { return tryAvailability(ctx, p) }},
		}
	case "ports":
		return []trial{{name, "list ports", portsAction(cfg), false, func(ctx context.Context) error { return reach(p.PortsInParts(ctx, nil)) }}}
	case "servers":
		if cfg.APIs.Servers == "bms" {
			return serverTrials(p, "bms:servers:list", "ecs:servers:get")
		}
		return serverTrials(p, "ecs:servers:list", "ecs:servers:get")
	case "address_groups":
		return []trial{{name, "list address groups", "vpc:addressGroups:list", false, func(ctx context.Context) error { return reach(p.AddressGroups(ctx)) }}}
	case "private_ips":
		return []trial{{name, "list private IPs", "vpc:privateIps:list", false, func(ctx context.Context) error { return tryPrivateIPs(ctx, p) }}}
	case "quotas":
		return []trial{{name, "show quotas", "vpc:quotas:list", false, func(ctx context.Context) error { return reach(p.Quotas(ctx)) }}}
	}
	return nil
}

func serverTrials(p command.Project, list, ips string) []trial {
	trials := []trial{{"servers", "list servers", list, false, func(ctx context.Context) error { return reach(p.Servers(ctx)) }}}
	if p.Config().APIs.ServerAddresses == "ips" {
		trials = append(trials, trial{"servers", "list IPs of a server", ips, false, func(ctx context.Context) error { return tryServerAddresses(ctx, p) }})
	}
	return trials
}

// reach reads a listing until its first item or its end.
func reach[T any](items iter.Seq2[T, error]) error {
	_, _, err := first(items)
	return err
}

// first is the first readable item of a listing.
func first[T any](items iter.Seq2[T, error]) (item T, found bool, err error) {
	for v, err := range items {
		if _, bad := errors.AsType[*apierr.ItemError](err); bad {
			continue
		}
		return v, err == nil, err
	}
	return item, false, nil
}

// tryAvailability asks about the first IPv4 subnet. A refusal is not an error
// of the API: it leaves the subnet out of the answer.
func tryAvailability(ctx context.Context, p command.Project) error {
	for s, err := range p.Subnets(ctx) {
		if err != nil || s.IPVersion() != "4" {
			continue
		}
		told, err := p.Availability(ctx, []inventory.Subnet{s})
		if err != nil {
			return err
		}
		if _, ok := told.BySubnet[s.NeutronID]; !ok && !told.Gone[s.NetworkID] {
			return errNotTold
		}
		return nil
	}
	return errNothingToTry
}

func tryServerAddresses(ctx context.Context, p command.Project) error {
	s, found, err := first(p.Servers(ctx))
	if err != nil || !found {
		return errNothingToTry // the listing is a trial of its own
	}
	_, err = p.ServerAddresses(ctx, s.ID.String())
	return err
}

func tryPrivateIPs(ctx context.Context, p command.Project) error {
	s, found, err := first(p.Subnets(ctx))
	if err != nil || !found {
		return errNothingToTry // the listing is a trial of its own
	}
	return reach(p.PrivateIPs(ctx, s.ID.String()))
}
