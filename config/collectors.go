package config

import (
	"fmt"
	"maps"
	"slices"

	"cloudip_exporter/provider"
)

// WithCollectors returns the configuration with collectors forced on or off by
// name, as flags do: true adds a collector to every cloud that has it, false
// removes it from all. It fails for an unknown name, and when a cloud is left
// without any collector.
func (c *Config) WithCollectors(force map[string]bool) (*Config, error) {
	for _, name := range slices.Sorted(maps.Keys(force)) {
		if !slices.Contains(collectorNames(c.collectors), name) {
			return nil, fmt.Errorf("force collector %q: there is no such collector", name)
		}
	}
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
