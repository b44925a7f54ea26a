package collector

import (
	"slices"

	"cloudip_exporter/config"
)

// All returns every collector, in the fixed order of the configuration.
func All() []Collector {
	return []Collector{
		subnets(),
		ports(),
		servers(),
		addressGroups(),
		privateIPs(),
		publicIPs(),
		quotas(),
	}
}

// Enabled returns the collectors that a cloud is configured for.
func Enabled(cfg config.Cloud) []Collector {
	return slices.DeleteFunc(All(), func(c Collector) bool { return !slices.Contains(cfg.Collectors, c.Name) })
}

// Catalogue returns what the configuration must know of all collectors.
func Catalogue() []config.Collector {
	var all []config.Collector
	for _, c := range All() {
		all = append(all, config.Collector{Name: c.Name, Needs: c.Needs})
	}
	return all
}
