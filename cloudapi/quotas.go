package cloudapi

import (
	"context"
	"errors"
	"iter"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// Quotas lists the quotas whose usage the cloud reports.
func (p *Project) Quotas(ctx context.Context) iter.Seq2[inventory.Quota, error] {
	list, _, err := choose(p, provider.Quotas, quotaAPIs)
	if err != nil {
		return failed[inventory.Quota](err)
	}
	return orLeaveOut(provider.Quotas, list(ctx, p))
}

var quotaAPIs = map[string]func(context.Context, *Project) iter.Seq2[inventory.Quota, error]{
	"vpc/v1": vpcV1Quotas, "neutron": neutronQuotas,
}

// vpcV1Quotas is of the VPC API, "Querying Quotas". What the answer leaves out, as OTC
// does address groups, is not reported.
func vpcV1Quotas(ctx context.Context, p *Project) iter.Seq2[inventory.Quota, error] {
	return listBy(ctx, p, provider.Quotas, listings[inventory.Quota]{"vpc/v1": {
		kind: "quota", parent: "quotas", key: "resources",
		item: func(s *page.Scanner, quotas []inventory.Quota) []inventory.Quota {
			q, known := inventory.Quota{Limit: -1, Used: -1, Reserved: -1}, false
			s.Fields(page.Fields{
				{"type", func() { q.Resource = s.ItemID().String() }},
				{"quota", figure(s, -1, &q.Limit, &known)},
				{"used", figure(s, 0, &q.Used, &known)},
			})
			if !known {
				s.Refuse(errors.New("it lacks the limit and the usage"))
			}
			return append(quotas, q)
		},
	}})
}

// figure reads a figure of a quota, and notes that one is known.
func figure(s *page.Scanner, null float64, to *float64, known *bool) func() {
	return func() {
		if n := s.Number(null); n != nil {
			*to, *known = *n, true
		}
	}
}

// neutronQuotas is GET /v2.0/quotas/{project_id}/details.json (Networking API
// v2.0, "Show quota details for a tenant"): an object with a key a resource.
func neutronQuotas(ctx context.Context, p *Project) iter.Seq2[inventory.Quota, error] {
	return func(yield func(inventory.Quota, error) bool) {
		var quotas []inventory.Quota
		id, err := p.ID(ctx)
		if err == nil {
			o := p.neutron("GET /v2.0/quotas/{id}/details.json", id)
			o.Operation, o.Kind, o.Key = "list_quotas", "quotas", "quota"
			o.Read = func(s *page.Scanner) { quotas = readQuotaDetails(s) }
			err = o.Get(ctx)
		}
		if err != nil {
			yield(inventory.Quota{}, err)
			return
		}
		for _, q := range quotas {
			if !yield(q, nil) {
				return
			}
		}
	}
}

// readQuotaDetails reads the rows. What is no object with a limit or a usage is another
// field: the tenant, links.
func readQuotaDetails(s *page.Scanner) (quotas []inventory.Quota) {
	s.Object(func(key []byte) {
		q, known := inventory.Quota{Resource: string(key), Limit: -1, Used: -1, Reserved: -1}, false // before the key is read over
		if s.Peek() != jsontext.KindBeginObject {
			return
		}
		s.Fields(page.Fields{
			{"limit", figure(s, -1, &q.Limit, &known)},
			{"used", figure(s, 0, &q.Used, &known)},
			{"reserved", figure(s, 0, &q.Reserved, new(bool))},
		})
		if known {
			quotas = append(quotas, q)
		}
	})
	return quotas
}
