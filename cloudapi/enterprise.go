package cloudapi

import (
	"context"
	"errors"
	"iter"
	"net/http"

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

// listGranted lists what is of the enterprise project of the configuration, else of all
// that the credential may see. A cloud without enterprise projects refuses the
// key: then, and from then on, the listing is asked for without it, but never where the
// configuration names one, since it would show the others too. What holds one address or
// one port is looked for in all.
func (l listing[T]) listGranted(ctx context.Context, p *Project, api provider.API) iter.Seq2[T, error] {
	if _, refused := p.ungranted.Load(api.Call); refused {
		return l.listAll(ctx, p, api)
	}
	if one := p.cloud.cfg.EnterpriseProject; one != "" && len(l.query) == 0 {
		return l.with(enterpriseProjects, one).listAll(ctx, p, api)
	}
	return func(yield func(T, error) bool) {
		begun, refused := false, false
		for item, err := range l.with(enterpriseProjects, allGranted).listAll(ctx, p, api) {
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
		for item, err := range l.listAll(ctx, p, api) {
			whole = err == nil || apierr.IsItem(err) || errors.Is(err, apierr.ErrAgain)
			if !yield(item, err) {
				break
			}
		}
		if whole { // it was the key
			p.ungranted.Store(api.Call, true)
		}
	}
}

// portsOfOne reports whether the ports of one enterprise project alone are listed.
func (p *Project) portsOfOne() bool {
	chosen, _ := p.cloud.cfg.API(provider.Ports)
	return p.cloud.cfg.EnterpriseProject != "" && chosen.Choice == "vpc"
}
