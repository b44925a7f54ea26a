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

// Doc describes one metric for docs/metrics.md and for tests of rules and
// dashboards.
type Doc struct {
	Name, Type, Help string
	Collector        string   // that owns it; "" for metrics about the collecting itself
	Labels           []string // all of them
}

// MetricDocs returns a description of every metric that Families can publish, in
// the order of All and of the rows.
func MetricDocs() []Doc {
	var docs []Doc
	add := func(owner string, m Metric) {
		labels := append([]string{"cloud", "project"}, m.Labels...)
		if m.Tags {
			labels = append(labels, "tag_NAME")
		}
		docs = append(docs, Doc{m.Name, "gauge", m.Help, owner, labels})
	}
	for _, c := range All() {
		for _, m := range c.Metrics {
			add(c.Name, m)
		}
	}
	for _, m := range statusMetrics() {
		add("", m)
	}
	m := droppedMetric()
	return append(docs, Doc{m.Name, "gauge", m.Help, "", m.Labels})
}
