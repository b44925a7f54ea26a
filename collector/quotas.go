package collector

import (
	"context"

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
			{
				Name:   "cloudip_quota_limit",
				Help:   "Limit of a resource in the quotas of the project; a resource without limit has none.",
				Labels: []string{"resource"},
				Each: func(v View, emit Emit) {
					for _, q := range inventory.Of[inventory.QuotaData](v.Snapshot) {
						if q.Limit >= 0 {
							emit(q.Limit, q.Resource)
						}
					}
				},
			},
			{
				Name:   "cloudip_quota_used",
				Help:   "What is used of a resource in the quotas of the project, also of a resource without limit.",
				Labels: []string{"resource"},
				Each: func(v View, emit Emit) {
					for _, q := range inventory.Of[inventory.QuotaData](v.Snapshot) {
						if q.Used >= 0 {
							emit(q.Used, q.Resource)
						}
					}
				},
			},
		},
	}
}

func fetchQuotas(ctx context.Context, src *Source) (*inventory.Part, error) {
	list, err := read("quotas", src.api.Quotas(ctx), func(q *inventory.Quota) string { return q.Resource })
	if err != nil {
		return nil, err
	}
	return &inventory.Part{Items: len(list.items), Missing: list.missing, Data: inventory.QuotaData(list.items)}, nil
}
