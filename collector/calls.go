package collector

import (
	"slices"
	"strings"

	"cloudip_exporter/config"
	"cloudip_exporter/provider"
)

// Call is an API that one collection of a collector asks.
type Call struct {
	provider.API
	Borrowed               bool // it belongs to another collector, which is not configured
	Sometimes, Dispensable bool // as in Join
}

// Calls returns the APIs that a collector asks on a configured cloud: its own in
// the order of the provider, then those that it borrows because the collector
// that they belong to is not configured.
func (c *Collector) Calls(cfg config.Cloud) []Call {
	var own, borrowed []Call
	for _, api := range provider.Named(cfg.Provider).Resources {
		chosen, asked := apiOf(cfg, api.Resource)
		if asked && chosen.Name == api.Name && ownerOf(api.Resource) == c.Name && c.fetches(api.Resource) {
			own = append(own, Call{API: api})
		}
	}
	for _, j := range c.joins(cfg) {
		owner := ownerOf(j.Resource)
		if api, asked := apiOf(cfg, j.Resource); asked && owner != c.Name && !slices.Contains(cfg.Collectors, owner) {
			borrowed = append(borrowed, Call{API: api, Borrowed: true, Sometimes: j.Sometimes, Dispensable: j.Dispensable})
		}
	}
	return append(own, borrowed...)
}

// Cost returns in words how many API calls one collection takes when nothing
// fails and nothing is asked twice. A listing that several collectors need is
// fetched once for all of them: it stands with the collector that it belongs to
// or, where that is not configured, with the first that needs it.
func (c *Collector) Cost(cfg config.Cloud) string {
	var parts []string
	for _, call := range c.Calls(cfg) {
		cost := call.Cost(cfg.Limits.PageSize)
		switch {
		case call.Borrowed && payer(cfg, call.Resource) != c.Name:
			continue
		case call.Sometimes:
			cost = "at most " + cost
		case call.Per == provider.Server && cfg.Servers == "baremetal":
			cost = "1 per bare-metal server"
		}
		parts = append(parts, cost)
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, " + ")
}

// fetches reports whether the collector always fetches a resource where the
// provider has it.
func (c *Collector) fetches(r provider.Resource) bool {
	return slices.Contains(c.Needs, r) || slices.Contains(c.Uses, r)
}

// joins returns what the collector needs, or joins with in this configuration.
func (c *Collector) joins(cfg config.Cloud) []Join {
	var all []Join
	for _, r := range c.Needs {
		all = append(all, Join{Resource: r})
	}
	if c.Joins != nil {
		all = append(all, c.Joins(cfg)...)
	}
	return all
}

// ownerOf returns the collector that a resource belongs to: the first that
// always fetches it.
func ownerOf(r provider.Resource) string {
	for _, c := range All() {
		if c.fetches(r) {
			return c.Name
		}
	}
	return ""
}

// payer returns the configured collector that a borrowed listing stands with in
// the cost: the first that always needs it, else the first that may.
func payer(cfg config.Cloud, r provider.Resource) string {
	var first string
	for _, c := range Enabled(cfg) {
		for _, j := range c.joins(cfg) {
			switch {
			case j.Resource != r:
			case !j.Sometimes:
				return c.Name
			case first == "":
				first = c.Name
			}
		}
	}
	return first
}

// apiOf returns the API that serves a resource in this configuration; asked is
// false where there is none, or the configuration does without it.
func apiOf(cfg config.Cloud, r provider.Resource) (api provider.API, asked bool) {
	if r == provider.ServerAddresses && cfg.APIs.ServerAddresses == "list" || r == provider.SubnetTags && len(cfg.Tags) == 0 {
		return provider.API{}, false
	}
	return cfg.API(r)
}
