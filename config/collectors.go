package config

import (
	"fmt"
	"slices"

	"cloudip_exporter/provider"
)

// Options is what the caller of Load knows and the configuration depends on.
type Options struct {
	// Collectors are all that there are, in their fixed order.
	Collectors []Collector
	// Check finds what is wrong with a cloud outside of the configuration itself,
	// such as in a clouds.yaml that it names. The key of the fault is one of auth.
	// Warnings name what is written there and not used. Nil finds nothing.
	Check func(Cloud) (key string, warnings []string, err error)
}

// Collector is what the configuration must know of a collector.
type Collector struct {
	Name  string
	Needs []provider.Resource // a provider that lacks any of these does not have the collector
}

// collectorsOf returns the names of the collectors that a provider has, in their
// fixed order.
func collectorsOf(all []Collector, p *provider.Provider) []string {
	var have []string
	for _, c := range all {
		if p.Has(c.Needs...) {
			have = append(have, c.Name)
		}
	}
	return have
}

func collectorNames(all []Collector) []string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.Name
	}
	return names
}

// WithCollectors returns the configuration with collectors forced on or off by
// name, as flags do: true adds a collector to every cloud that has it, false
// removes it from all. It fails when a cloud is left without any collector.
func (c *Config) WithCollectors(force map[string]bool) (*Config, error) {
	out := *c
	out.clouds = slices.Clone(c.clouds)
	for i := range out.clouds {
		cloud := &out.clouds[i]
		var kept []string
		for _, name := range collectorsOf(c.collectors, provider.Named(cloud.Provider)) {
			on, forced := force[name]
			if forced && on || !forced && slices.Contains(cloud.Collectors, name) {
				kept = append(kept, name)
			}
		}
		if len(kept) == 0 {
			return nil, fmt.Errorf("force collectors: cloud %s is left without any: switch one on", cloud.Name)
		}
		cloud.Collectors = kept
	}
	return &out, nil
}
