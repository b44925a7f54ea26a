package cloudapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/provider"
)

// listing is how the items of a resource are read of one API. Package provider has
// what else there is to say of the API: its service, its path and its largest page.
type listing[T any] struct {
	operation   string // "" for that of the resource
	kind        string // what an item is, for errors
	parent, key string // of the list, as in page.Listing
	query       url.Values
	header      http.Header
	id          string // for {id} in the path
	after       string // the listing begins behind this one
	granted     bool   // the documents of the API name the enterprise project
	item        func(*page.Scanner, []T) []T
	buffers     *page.Buffers[T] // nil: its own
	// of completes the listing for a project; nil where it is complete.
	of func(ctx context.Context, p *Project, l *listing[T]) error
}

// listings has listings by the names that package provider gives the APIs.
type listings[T any] map[string]listing[T]

// choose returns what serves a resource by the API that the configuration chose.
func choose[F any](p *Project, r provider.Resource, apis map[string]F) (F, provider.API, error) {
	api, _ := p.Config().API(r)
	serves, ok := apis[api.Name]
	if !ok {
		return serves, api, p.errNone(string(r))
	}
	return serves, api, nil
}

// listBy lists the items by the API that the configuration chose.
func listBy[T any](ctx context.Context, p *Project, r provider.Resource, apis listings[T]) iter.Seq2[T, error] {
	l, api, err := choose(p, r, apis)
	if err != nil {
		return failed[T](err)
	}
	return l.list(ctx, p, api)
}

// list reads the listing of an API; one of Neutron is narrowed to the project where the
// token would see more.
func (l listing[T]) list(ctx context.Context, p *Project, api provider.API) iter.Seq2[T, error] {
	if l.of != nil {
		if err := l.of(ctx, p, &l); err != nil {
			return failed[T](err)
		}
	}
	if api.Name == "neutron" {
		id, err := p.Narrow(ctx)
		if err != nil {
			return failed[T](err)
		}
		if id != "" {
			l = l.with("project_id", id)
		}
	}
	if l.granted {
		return l.listGranted(ctx, p, api)
	}
	return l.listAll(ctx, p, api)
}

// listAll reads all that the token sees.
func (l listing[T]) listAll(ctx context.Context, p *Project, api provider.API) iter.Seq2[T, error] {
	at, rest := p.at(api.Service, api.Call, l.id)
	return page.List(ctx, page.Listing[T]{
		At: at, Resource: rest, Rule: ruleOf(api).From(l.after), Size: p.Config().Limits.PageSize,
		Operation: cmp.Or(l.operation, "list_"+string(api.Resource)), Kind: l.kind, ParentKey: l.parent, Key: l.key,
		Query: l.query, Header: l.header, Item: l.item, Buffers: l.buffers,
	})
}

// with returns the listing with one more key in its query.
func (l listing[T]) with(key, value string) listing[T] {
	query := url.Values{}
	maps.Copy(query, l.query)
	query.Set(key, value)
	l.query = query
	return l
}

// ruleOf returns how an API pages.
func ruleOf(api provider.API) page.Rule {
	if api.PageMax == 0 {
		return page.OnePage()
	}
	return map[string]func(int) page.Rule{
		"vpc/v1": page.ByMarker, "vpc/v3": page.ByPageInfo, "eip/v3": page.ByPageInfo, "neutron": page.ByLink,
		"nova": page.ByLink, "bms": page.ByPageNumber, "workspace": page.ByMarker,
	}[api.Name](api.PageMax)
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

// object is a call of a service about one thing; id stands for {id} in its path.
func (p *Project) object(service, call, id string) page.Object {
	at, rest := p.at(service, call, id)
	return page.Object{At: at, Path: rest}
}

// neutron is object for a call of Neutron.
func (p *Project) neutron(call, id string) page.Object {
	return p.object(p.provider().Neutron, call, id)
}

// at splits the path of a call: it finds the client of the service and the path up to
// the resource, with the version and, where the API has it, the project. rest is the
// path of the resource, with id for {id}.
func (p *Project) at(service, call, id string) (at func(context.Context) (*wire.Client, string, error), rest string) {
	const project = "{project_id}/"
	_, path, _ := strings.Cut(call, " /")
	version, rest, _ := strings.Cut(path, "/")
	rest, inPath := strings.CutPrefix(rest, project)
	if strings.Contains(rest, "{id}") {
		escaped, err := page.PathID(id)
		if err != nil {
			return func(context.Context) (*wire.Client, string, error) { return nil, "", err }, rest
		}
		rest = strings.ReplaceAll(rest, "{id}", escaped)
	}
	return func(ctx context.Context) (*wire.Client, string, error) {
		c, err := p.service(ctx, service)
		if err != nil || !inPath { // a token, or a signature, names the project
			return c, "/" + version + "/", err
		}
		id, err := p.ID(ctx)
		return c, "/" + version + "/" + url.PathEscape(id) + "/", err
	}, rest
}

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
// configuration names one, since it would show the others too, nor where the key was taken
// before. What holds one address or one port is looked for in all.
func (l listing[T]) listGranted(ctx context.Context, p *Project, api provider.API) iter.Seq2[T, error] {
	if one := p.cloud.cfg.EnterpriseProject; one != "" && len(l.query) == 0 {
		return l.with(enterpriseProjects, one).listAll(ctx, p, api)
	}
	taken, known := p.granted.Load(api.Call)
	if known && !taken.(bool) {
		return l.listAll(ctx, p, api)
	}
	all := l.with(enterpriseProjects, allGranted).listAll(ctx, p, api)
	refused := func(err error) bool {
		if err == nil {
			p.granted.Store(api.Call, true)
		}
		return !known && apierr.IsStatus(err, http.StatusBadRequest)
	}
	return orElse(all, refused, func(yield func(T, error) bool) {
		whole := true
		for item, err := range l.listAll(ctx, p, api) {
			whole = err == nil || apierr.Is[*apierr.ItemError](err) || errors.Is(err, apierr.ErrAgain)
			if !yield(item, err) {
				break
			}
		}
		if whole { // it was the key
			p.granted.Store(api.Call, false)
		}
	})
}

// orElse is a listing or, where its first answer is refused, another.
func orElse[T any](items iter.Seq2[T, error], refused func(error) bool, other iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		begun := false
		for item, err := range items {
			if !begun && refused(err) {
				other(yield)
				return
			}
			if begun = true; !yield(item, err) {
				return
			}
		}
	}
}
