package cloudapi

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/provider"
)

// enterpriseProjects is the query key by which Huawei Cloud and OTC narrow a listing,
// and allGranted the value for what the credential may see of all of them. Without the
// key some of the listings have the default enterprise project alone.
const (
	enterpriseProjects = "enterprise_project_id"
	allGranted         = "all_granted_eps"
)

// listGranted is listAt for a listing whose documents name the enterprise project: the
// one of the configuration, else all. A cloud without enterprise projects refuses the
// key: then, and from then on, the listing is asked for without it, but never where the
// configuration names one, since it would show the others too. What holds one address or
// one port is looked for in all.
func listGranted[T any](ctx context.Context, p *Project, service, version string, l page.Listing[T]) iter.Seq2[T, error] {
	if _, refused := p.ungranted.Load(service + " " + l.Resource); refused {
		return listAt(ctx, p, service, version, l)
	}
	granted := l
	granted.Query = maps.Clone(l.Query)
	if granted.Query == nil {
		granted.Query = make(map[string][]string)
	}
	if one := p.cloud.cfg.EnterpriseProject; one != "" && len(l.Query) == 0 {
		granted.Query.Set(enterpriseProjects, one)
		return listAt(ctx, p, service, version, granted)
	}
	granted.Query.Set(enterpriseProjects, allGranted)
	return func(yield func(T, error) bool) {
		begun, refused := false, false
		for item, err := range listAt(ctx, p, service, version, granted) {
			if refused = !begun && apierr.IsStatus(err, http.StatusBadRequest); refused {
				break
			}
			if begun = true; !yield(item, err) {
				return
			}
		}
		if !refused {
			return
		}
		whole := true
		for item, err := range listAt(ctx, p, service, version, l) {
			whole = err == nil || apierr.IsItem(err) || errors.Is(err, apierr.ErrAgain)
			if !yield(item, err) {
				break
			}
		}
		if whole { // it was the key
			p.ungranted.Store(service+" "+l.Resource, true)
		}
	}
}

// portsOfOne reports whether the ports of one enterprise project alone are listed.
func (p *Project) portsOfOne() bool {
	chosen, _ := p.cloud.cfg.API(provider.Ports)
	return p.cloud.cfg.EnterpriseProject != "" && chosen.Choice == "vpc"
}
