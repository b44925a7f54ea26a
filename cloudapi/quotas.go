package cloudapi

import (
	"context"
	"errors"
	"iter"
	"net/url"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// Quotas lists the quotas that the cloud tells usage of.
func (p *Project) Quotas(ctx context.Context) iter.Seq2[inventory.Quota, error] {
	return p.api(provider.Quotas).quotas(ctx, p)
}

// vpcV1Quotas is GET /v1/{project_id}/quotas (VPC API, "Querying Quotas"). What
// the answer leaves out, as OTC does address groups, the cloud does not tell.
func vpcV1Quotas(ctx context.Context, p *Project) iter.Seq2[inventory.Quota, error] {
	return listAt(ctx, p, vpcV1, listing[inventory.Quota]{
		service: serviceVPC, operation: "list_quotas", kind: "quota",
		resource: "quotas", within: "quotas", key: "resources", rule: onePage(),
		item: func(s *scanner, quotas []inventory.Quota) []inventory.Quota {
			var q quota
			s.object(func(key []byte) {
				switch string(key) {
				case "type":
					s.id = inventory.ParseIDBytes(s.text())
				case "quota":
					q.limit = s.number(-1)
				case "used":
					q.used = s.number(0)
				default:
					s.skip()
				}
			})
			return append(quotas, q.named(s))
		},
	})
}

// quota is a quota while it is read.
type quota struct{ limit, used *float64 }

// named is the quota of the resource that the scanner has the name of.
func (q quota) named(s *scanner) inventory.Quota {
	if q.limit == nil || q.used == nil {
		s.refuse(errors.New("it lacks the limit or the usage"))
		return inventory.Quota{}
	}
	return inventory.Quota{Resource: s.id.String(), Limit: *q.limit, Used: *q.used}
}

// neutronQuotas is GET /v2.0/quotas/{project_id}/details.json (Networking API
// v2.0, "Show quota details for a tenant"): an object with a key a resource.
func neutronQuotas(ctx context.Context, p *Project) iter.Seq2[inventory.Quota, error] {
	return func(yield func(inventory.Quota, error) bool) {
		var quotas []inventory.Quota
		var faults []*apierr.ItemError
		id, err := p.ID(ctx)
		if err == nil {
			err = p.getObject(ctx, object{
				service: p.provider().Neutron, version: neutronVersion, operation: "list_quotas", kind: "quotas",
				path: "quotas/" + url.PathEscape(id) + "/details.json", key: "quota",
				read: func(s *scanner) { quotas, faults = readQuotaDetails(s) },
			})
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

func readQuotaDetails(s *scanner) (quotas []inventory.Quota, faults []*apierr.ItemError) {
	s.object(func(key []byte) {
		s.id = inventory.ParseIDBytes(key)
		var q quota
		s.object(func(key []byte) {
			switch string(key) {
			case "limit":
				q.limit = s.number(-1)
			case "used":
				q.used = s.number(0)
			default:
				s.skip()
			}
		})
		if named := q.named(s); s.bad == nil {
			quotas = append(quotas, named)
		} else {
			faults = append(faults, s.itemError("quota"))
			s.bad = nil
		}
	})
	return quotas, faults
}
