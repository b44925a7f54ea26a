package cli

import (
	"context"
	"errors"
	"slices"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/config"
)

// need is a listing that a collector joins with and that belongs to another.
type need struct {
	listing   string // named as the collector that it belongs to
	sometimes bool   // only where the cloud does not tell what is used
}

func needs(c config.Cloud, collector string) []need {
	switch {
	case collector == "ports", collector == "private_ips":
		return []need{{listing: "subnets"}}
	case collector == "subnets":
		return []need{{listing: "ports", sometimes: true}}
	case collector == "servers" && c.Provider == config.OpenStack:
		return []need{{listing: "ports"}} // they tell what is bare metal
	}
	return nil
}

// borrowed are the listings that a collector fetches itself, because the
// collector that they belong to is not configured.
func borrowed(c config.Cloud, collector string) []need {
	return slices.DeleteFunc(needs(c, collector), func(n need) bool { return slices.Contains(c.Collectors, n.listing) })
}

// payer is the collector that a borrowed listing stands with in the cost, since
// it is fetched once for all: the first that always needs it, else the first.
func payer(c config.Cloud, listing string) string {
	var first string
	for _, name := range c.Collectors {
		for _, n := range needs(c, name) {
			switch {
			case n.listing != listing:
			case !n.sometimes:
				return name
			case first == "":
				first = name
			}
		}
	}
	return first
}

// borrowedTrials try the listings that a collector borrows.
func borrowedTrials(p command.Project, cfg config.Cloud, collector string) []trial {
	var all []trial
	for _, n := range borrowed(cfg, collector) {
		switch {
		case n.listing == "subnets":
			all = append(all, trial{collector, "list subnets", subnetsAction(cfg), false, func(ctx context.Context) error { return reach(p.Subnets(ctx)) }})
		case n.sometimes:
			all = append(all, trial{collector, "list ports", portsAction(cfg), false, func(ctx context.Context) error { return tryCounting(ctx, p) }})
		case cfg.Servers == "baremetal": // without it the collector works, but takes all servers for virtual
			all = append(all, trial{collector, "list ports", portsAction(cfg), false, func(ctx context.Context) error { return reach(p.PortsInParts(ctx, nil)) }})
		}
	}
	return all
}

func subnetsAction(cfg config.Cloud) string {
	if cfg.Provider == config.OpenStack {
		return "get_subnet"
	}
	return "vpc:subnets:get"
}

func portsAction(cfg config.Cloud) string {
	switch {
	case cfg.Provider == config.OpenStack:
		return "get_port"
	case cfg.APIs.Ports == "workspace":
		return "workspace:networks:listPorts"
	}
	return "vpc:ports:get"
}

// tryCounting lists ports when there is a subnet of which the cloud does not
// tell what is used: on Huawei Cloud and OTC every IPv6 one.
func tryCounting(ctx context.Context, p command.Project) error {
	untold := errors.Is(tryAvailability(ctx, p), errNotTold)
	for s, err := range p.Subnets(ctx) {
		if untold {
			break
		}
		untold = err == nil && p.Provider() != config.OpenStack && s.IPVersion() == "6"
	}
	if !untold {
		return errNotNeeded
	}
	return reach(p.PortsInParts(ctx, nil))
}
