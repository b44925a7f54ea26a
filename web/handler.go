package web

import (
	"fmt"
	"net/http"
	"net/http/pprof"
	pathpkg "path"
	"slices"
	"strings"
	"time"

	"cloudip_exporter/web/api"
	"cloudip_exporter/web/pages"
)

// New returns the handler of all routes. It fails when the telemetry path is
// none or is taken by another route.
func New(o Options) (http.Handler, error) {
	s := &server{Options: o, errors: errorLog{o.Logger}}
	shown, err := pages.New(pages.Options{
		Snapshots: o.Runner.Snapshots, History: o.Recorded.Reader, IdleSince: o.Recorded.IdleSince, Ready: o.Runner.Ready, MaxStale: func() time.Duration { return o.Runner.Config().Collection().MaxStale },
		Version: o.Version, Metrics: strings.TrimPrefix(o.TelemetryPath, "/"), Logger: o.Logger, Now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	scrapes := newGate(scrapesAtOnce)
	routes, err := withMetrics(s.routes(shown, scrapes), o.TelemetryPath, s.metrics(scrapes))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.method+" "+r.path, r.handler)
	}
	if o.EnablePprof {
		addPprof(mux)
	}
	return protect(below(o.RoutePrefix, straight(mux))), nil
}

func below(prefix string, h http.Handler) http.Handler {
	prefix = strings.TrimSuffix(prefix, "/")
	if prefix == "" {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, prefix+"/") {
			plain(w, http.StatusNotFound, "Everything is below "+prefix+"/.")
			return
		}
		http.StripPrefix(prefix, h).ServeHTTP(w, r)
	})
}

// straight answers 404 where ServeMux would redirect to the clean form of a path: no
// route redirects, and the clean form lacks the prefix that below removed.
func straight(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.URL.Path; strings.TrimSuffix(pathpkg.Clean(p), "/") != strings.TrimSuffix(p, "/") {
			http.NotFound(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// route is one path and the one method it takes; GET takes HEAD as well.
// ServeMux answers all other methods by 405 with Allow.
type route struct {
	method, path string
	handler      http.Handler
}

func (s *server) routes(shown *pages.Pages, scrapes gate) []route {
	queries := newGate(queriesAtOnce)
	routes := []route{
		{http.MethodGet, "/probe", scrapes.limit(s.probe)},
		{http.MethodGet, "/sd/targets", queries.limit(s.sdTargets)},
		{http.MethodGet, "/sd/servers", queries.limit(s.sdServers)},
		{http.MethodGet, "/-/healthy", http.HandlerFunc(s.healthy)},
		{http.MethodGet, "/-/ready", http.HandlerFunc(s.ready)},
		{http.MethodPost, "/-/reload", http.HandlerFunc(s.reload)},
	}
	for path, handler := range shown.Routes() {
		routes = append(routes, route{http.MethodGet, path, queries.limit(handler)})
	}
	answers := api.New(s.Runner.Snapshots, s.Recorded)
	for _, r := range api.Routes() {
		routes = append(routes, route{http.MethodGet, "/api/v1/" + r.Name, queries.limit(answers.Handler(r))})
	}
	return routes
}

// withMetrics adds the path of the metrics; "/" takes the place of the page.
func withMetrics(routes []route, path string, metrics http.Handler) ([]route, error) {
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "{}? \t") {
		return nil, fmt.Errorf("telemetry path %q: it must begin with a slash and have no space, brace or question mark", path)
	}
	if clean := pathpkg.Clean(path); path != "/" && (clean == "/" || clean != strings.TrimSuffix(path, "/")) {
		return nil, fmt.Errorf("telemetry path %q: no request can have it, write %q", path, clean)
	}
	if path == "/" {
		routes[slices.IndexFunc(routes, func(r route) bool { return r.path == "/{$}" })].handler = metrics
		return routes, nil
	}
	if slices.ContainsFunc(routes, func(r route) bool { return r.path == path }) || strings.HasPrefix(path, "/debug/pprof/") {
		return nil, fmt.Errorf("telemetry path %q: another route has this path, choose one such as /metrics", path)
	}
	return append(routes, route{http.MethodGet, path, metrics}), nil
}

func addPprof(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}
