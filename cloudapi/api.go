package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/provider"
)

// Services, as endpoints and metrics name them.
const (
	serviceVPC       = "vpc"
	serviceCompute   = "compute"
	serviceBMS       = "bms"
	serviceWorkspace = "workspace"
)

// Versions of the APIs as their paths begin. The VPC service has several.
const (
	neutronVersion   = "v2.0"
	vpcV1            = "v1"
	vpcV3            = "v3"
	novaVersion      = "v2.1"
	bmsVersion       = "v1"
	workspaceVersion = "v2"
)

// lister lists the items of a project by one API.
type lister[T any] func(context.Context, *Project) iter.Seq2[T, error]

// choose returns what serves a resource by the API that the configuration chose.
// apis has it by the name that package provider gives the API.
func choose[F any](p *Project, r provider.Resource, apis map[string]F) (F, error) {
	chosen, _ := p.Config().API(r)
	serves, ok := apis[chosen.Name]
	if !ok {
		return serves, p.errNone(string(r))
	}
	return serves, nil
}

// listBy lists the items by the API that the configuration chose.
func listBy[T any](ctx context.Context, p *Project, r provider.Resource, apis map[string]lister[T]) iter.Seq2[T, error] {
	list, err := choose(p, r, apis)
	if err != nil {
		return failed[T](err)
	}
	return list(ctx, p)
}

// orLeaveOut names, where the cloud does not have the API, the collector that asks
// for it.
func orLeaveOut[T any](r provider.Resource, items iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item, err := range items {
			if e, ok := errors.AsType[*apierr.StatusError](err); ok && e.Status == http.StatusNotFound && !e.Page {
				e.Hint = fmt.Sprintf("this cloud does not have that API: leave %s out of collectors, or correct endpoints", r)
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

// errNone says that the provider has no such resource.
func (p *Project) errNone(what string) error {
	return fmt.Errorf("%s %s: %w", p.Provider(), what, errors.ErrUnsupported)
}

// failed is a listing that is nothing but an error.
func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, err)
	}
}

// listAt reads a listing of a service, at the version's path.
func listAt[T any](ctx context.Context, p *Project, service, version string, l page.Listing[T]) iter.Seq2[T, error] {
	l.At, l.Size = p.at(service, version), p.Config().Limits.PageSize
	return page.List(ctx, l)
}

// listNeutron reads a listing of Neutron, narrowed to the project where the token
// would see more.
func listNeutron[T any](ctx context.Context, p *Project, l page.Listing[T]) iter.Seq2[T, error] {
	id, err := p.Narrow(ctx)
	if err != nil {
		return failed[T](err)
	}
	if l.Query == nil {
		l.Query = url.Values{}
	}
	if id != "" {
		l.Query.Set("project_id", id)
	}
	return listAt(ctx, p, p.provider().Neutron, neutronVersion, l)
}

// at finds the client of a service and the path of a version of its API, "/" at
// the end. A version other than Neutron's has the project in its path.
func (p *Project) at(service, version string) func(context.Context) (*wire.Client, string, error) {
	return func(ctx context.Context) (*wire.Client, string, error) {
		c, err := p.service(ctx, service)
		if err != nil {
			return nil, "", err
		}
		if version == neutronVersion { // a token, or a signature, names the project
			return c, "/" + version + "/", nil
		}
		id, err := p.ID(ctx)
		if err != nil {
			return nil, "", err
		}
		return c, "/" + version + "/" + url.PathEscape(id) + "/", nil
	}
}
