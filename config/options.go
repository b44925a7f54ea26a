package config

import "cloudip_exporter/provider"

// Options is what the caller of Load knows and the configuration depends on.
type Options struct {
	// Collectors are all that there are, in their fixed order.
	Collectors []Collector
	// Check finds what is wrong with a cloud outside of the configuration itself,
	// such as in a clouds.yaml that it names. The key of the fault is relative to
	// the cloud: auth.cloud. Warnings name what is written there and not used. Nil
	// finds nothing.
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
