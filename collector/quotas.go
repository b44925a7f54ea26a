package collector

import (
	"context"
	"strings"

	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// quotas collects the limits of a project.
func quotas() Collector {
	return Collector{
		Name:  "quotas",
		Help:  "Quotas of the project: limit and use of each resource.",
		Needs: []provider.Resource{provider.Quotas},
		Fetch: fetchQuotas,
		Metrics: []Metric{
			quotaGauge("cloudip_quota_limit", "Quota of a resource; absent where there is no limit.",
				func(q *inventory.Quota) float64 { return q.Limit }),
			quotaGauge("cloudip_quota_used", "What the project uses of a resource.",
				func(q *inventory.Quota) float64 { return q.Used }),
			quotaGauge("cloudip_quota_reserved", "What requests under way reserve of a resource (OpenStack).",
				func(q *inventory.Quota) float64 { return q.Reserved }),
		},
	}
}

// quotaGauge has a series for each quota whose figure is known.
func quotaGauge(name, help string, figure func(*inventory.Quota) float64) Metric {
	return Metric{Name: name, Help: help, Labels: []string{"resource"}, Each: func(v View, emit Emit) {
		quotas := inventory.Of[inventory.QuotaData](v.Snapshot)
		for i := range quotas {
			if value := figure(&quotas[i]); value >= 0 {
				emit(value, quotas[i].Resource)
			}
		}
	}}
}

func fetchQuotas(ctx context.Context, src *Source) (*inventory.Part, error) {
	list, err := read("quotas", 0, src.api.Quotas(ctx), func(a, b *inventory.Quota) int { return strings.Compare(a.Resource, b.Resource) })
	if err != nil {
		return nil, err
	}
	return &inventory.Part{Items: len(list.items), Missing: list.missing, Data: inventory.QuotaData(list.items)}, nil
}
