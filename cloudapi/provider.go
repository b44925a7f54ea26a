package cloudapi

import (
	"context"
	"iter"
	"net/url"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire"
)

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

// narrowed is a query of a Neutron listing, narrowed to the project where the
// token would see more.
func (p *Project) narrowed(ctx context.Context, query url.Values) (url.Values, error) {
	id, err := p.Narrow(ctx)
	if err != nil {
		return nil, err
	}
	if id != "" {
		query.Set("project_id", id)
	}
	return query, nil
}
