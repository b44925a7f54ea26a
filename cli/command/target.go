package command

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strings"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/text"
)

// Cloud is a configured cloud, opened.
type Cloud struct {
	Config   config.Cloud
	Labels   func() []string // of the projects that are known without asking the cloud; nil: those of Config
	Projects func(ctx context.Context) ([]Project, error)
	Requests func() int64 // sent so far
}

// Project is what the commands need of one project of a cloud.
type Project interface {
	collector.API
	Cloud() string
	Label() string
	Config() config.Cloud
	ID(ctx context.Context) (string, error)
	PortsByAddress(ctx context.Context, addr netip.Addr) iter.Seq2[inventory.Port, error]
	PortsOfNetwork(ctx context.Context, network inventory.ID) iter.Seq2[inventory.Port, error]
	PublicIPsOf(ctx context.Context, port string) iter.Seq2[netip.Addr, error]
	Server(ctx context.Context, id string) (inventory.Server, error)
	PrivateIP(ctx context.Context, id string) (inventory.PrivateIP, error)
	AssignPrivateIP(ctx context.Context, subnet inventory.Subnet, addr netip.Addr, intent string) (inventory.PrivateIP, error)
	PrivateIPByIntent(ctx context.Context, intent string, addr netip.Addr) (inventory.PrivateIP, bool, error)
	ReleasePrivateIP(ctx context.Context, id string) error
	SerialConsole(ctx context.Context, serverID string) (config.Secret, error)
}

// Target chooses clouds and projects by the names of the configuration; "" is any.
type Target struct{ Cloud, Project string }

// ChooseClouds returns the configured clouds that t names.
func (e *Env) ChooseClouds(t Target) ([]Cloud, error) {
	var names []string
	var chosen []Cloud
	for _, c := range e.Clouds {
		name := c.Config.Name
		names = append(names, name)
		if t.Cloud == "" || t.Cloud == name {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		return nil, exit.Usagef("choose cloud: %q is not configured; choose one of %s", t.Cloud, strings.Join(names, ", "))
	}
	return chosen, nil
}

// ChooseProjects returns all projects that t names, in the order of the
// configuration. A cloud that does not list its projects is a failure that does not
// hide the others.
func (e *Env) ChooseProjects(ctx context.Context, t Target) (chosen []Project, failures []error, err error) {
	clouds, err := e.ChooseClouds(t)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	for _, c := range clouds {
		all, err := c.Projects(ctx)
		if err != nil {
			failures = append(failures, fmt.Errorf("list projects of cloud %q: %w", c.Config.Name, err))
			continue
		}
		for _, p := range all {
			names = append(names, p.Label())
			if t.Project == "" || t.Project == p.Label() {
				chosen = append(chosen, p)
			}
		}
	}
	if len(chosen) == 0 && len(failures) == 0 {
		slices.Sort(names)
		return nil, nil, exit.Usagef("choose project: %q is not among the configured projects; choose one of %s", t.Project, strings.Join(slices.Compact(names), ", "))
	}
	return chosen, failures, nil
}

// ChooseProject returns the only project that t names; more than one is a usage
// error. It asks no cloud when the names of the clouds alone are ambiguous.
func (e *Env) ChooseProject(ctx context.Context, t Target) (Project, error) {
	clouds, err := e.ChooseClouds(t)
	if err != nil {
		return nil, err
	}
	if len(clouds) > 1 && t.Project == "" {
		return nil, ambiguous("cloud", len(clouds), func(i int) string { return "--cloud=" + text.ShellWord(clouds[i].Config.Name) })
	}
	chosen, failures, err := e.ChooseProjects(ctx, t)
	if err = errors.Join(append(failures, err)...); err != nil {
		return nil, err // a project that is not seen might be a second one
	}
	if len(chosen) > 1 {
		return nil, ambiguous("project", len(chosen), func(i int) string {
			return "--cloud=" + text.ShellWord(chosen[i].Cloud()) + " --project=" + text.ShellWord(chosen[i].Label())
		})
	}
	return chosen[0], nil
}

const namedAtMost = 10

func ambiguous(what string, n int, flags func(int) string) error {
	return exit.Usagef("choose %s: there are %d; give one of: %s", what, n, choices(n, "; ", flags))
}

// choices names the first of n.
func choices(n int, separator string, name func(int) string) string {
	var all []string
	for i := range min(n, namedAtMost) {
		all = append(all, name(i))
	}
	if n > namedAtMost {
		all = append(all, "and so on")
	}
	return strings.Join(all, separator)
}
