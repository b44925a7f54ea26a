package cloudapi

import (
	"context"
	"iter"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
)

// failed is a listing that is nothing but an error.
func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, err)
	}
}

// listAt reads a listing of the service, at the version's path. A version other
// than Neutron's has the project in its path.
func listAt[T any](ctx context.Context, p *Project, version string, l listing[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		c, prefix, err := p.at(ctx, l.service, version)
		if err != nil {
			var zero T
			yield(zero, err)
			return
		}
		l.prefix, l.size = prefix, p.Config().Limits.PageSize
		for item, err := range list(ctx, c, l) {
			if !yield(item, err) {
				return
			}
		}
	}
}

// at returns the client of a service and the path of a version of its API, "/"
// at the end.
func (p *Project) at(ctx context.Context, service, version string) (*wire.Client, string, error) {
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

// segment makes an id that a person or a cloud gave fit for a path.
func segment(id string) (string, error) {
	if id == "" || id == "." || id == ".." {
		return "", &apierr.IDError{ID: id}
	}
	return url.PathEscape(id), nil
}

const maxSegment = 255 // bytes: more than any cloud has for an id

// isSegment reports whether an id that a cloud listed can be asked for. Escaped
// it could, but gateways take apart what is escaped, and then it is another path.
func isSegment(id string) bool {
	return id != "." && id != ".." && len(id) <= maxSegment && utf8.ValidString(id) &&
		!strings.ContainsFunc(id, func(c rune) bool { return strings.ContainsRune(`/\?#%`, c) || !unicode.IsPrint(c) })
}
