package cloudapi

import (
	"context"
	"errors"
	"iter"
	"net/url"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// Quotas lists the quotas whose usage the cloud reports.
func (p *Project) Quotas(ctx context.Context) iter.Seq2[inventory.Quota, error] {
	return listBy(ctx, p, provider.Quotas, quotaAPIs)
}

var quotaAPIs = map[string]lister[inventory.Quota]{"vpc/v1": vpcV1Quotas, "neutron": neutronQuotas}

// vpcV1Quotas is GET /v1/{project_id}/quotas (VPC API, "Querying Quotas"). What
// the answer leaves out, as OTC does address groups, is not reported.
func vpcV1Quotas(ctx context.Context, p *Project) iter.Seq2[inventory.Quota, error] {
	return listAt(ctx, p, serviceVPC, vpcV1, page.Listing[inventory.Quota]{
		Operation: "list_quotas", Kind: "quota",
		Resource: "quotas", ParentKey: "quotas", Key: "resources", Rule: page.OnePage(),
		Item: func(s *page.Scanner, quotas []inventory.Quota) []inventory.Quota {
			var q quota
			s.Object(func(key []byte) {
				switch string(key) {
				case "type":
					q.resource = s.ItemID().String()
				case "quota":
					q.limit = s.Number(-1)
				case "used":
					q.used = s.Number(0)
				default:
					s.Skip()
				}
			})
			return append(quotas, q.named(s))
		},
	})
}

// quota is a quota while it is read.
type quota struct {
	resource    string
	limit, used *float64
}

// named is the quota as a record.
func (q quota) named(s *page.Scanner) inventory.Quota {
	if q.limit == nil || q.used == nil {
		s.Refuse(errors.New("it lacks the limit or the usage"))
		return inventory.Quota{}
	}
	return inventory.Quota{Resource: q.resource, Limit: *q.limit, Used: *q.used}
}

// neutronQuotas is GET /v2.0/quotas/{project_id}/details.json (Networking API
// v2.0, "Show quota details for a tenant"): an object with a key a resource.
func neutronQuotas(ctx context.Context, p *Project) iter.Seq2[inventory.Quota, error] {
	return func(yield func(inventory.Quota, error) bool) {
		var quotas []inventory.Quota
		var faults []*apierr.ItemError
		id, err := p.ID(ctx)
		if err == nil {
			err = page.Object{
				At:        p.at(p.provider().Neutron, neutronVersion),
				Operation: "list_quotas", Kind: "quotas",
				Path: "quotas/" + url.PathEscape(id) + "/details.json", Key: "quota",
				Read: func(s *page.Scanner) { quotas, faults = readQuotaDetails(s) },
			}.Get(ctx)
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
		for _, fault := range faults {
			if !yield(inventory.Quota{}, fault) {
				return
			}
		}
	}
}

func readQuotaDetails(s *page.Scanner) (quotas []inventory.Quota, faults []*apierr.ItemError) {
	s.Object(func(key []byte) {
		s.BeginItem(inventory.ParseIDBytes(key))
		q := quota{resource: string(key)}
		s.Object(func(key []byte) {
			switch string(key) {
			case "limit":
				q.limit = s.Number(-1)
			case "used":
				q.used = s.Number(0)
			default:
				s.Skip()
			}
		})
		named := q.named(s)
		if fault := s.TakeFault("quota"); fault != nil {
			faults = append(faults, fault)
			return
		}
		quotas = append(quotas, named)
	})
	return quotas, faults
}
