package simulator

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cloudip_exporter/simulator/estate"
)

const maxBody = 12 << 20 // as the gateway of Huawei Cloud has it

// route is one row of a provider's API table.
type route struct {
	method, service, pattern string // {name} in the pattern takes one segment
	family                   family
	action                   string // what the right to it is called; "" needs no right
	empty                    string // key of the empty list that a credential sees from which the action is hidden
	open                     bool   // needs no login
	writes                   bool   // changes the estate
	handle                   func(*call) reply
}

// call is one request on its way to its handler.
type call struct {
	cloud   *Cloud
	req     *http.Request
	base    string // scheme, host and prefix, as the caller sees them
	at      string // the same with the service, where the path names one: what links begin with
	service string // "" when the path did not name one
	path    string // inside the service
	vars    map[string]string
	query   url.Values
	body    []byte
	who     *session // nil on open routes
	number  int      // of the requests to this cloud
}

var services = []string{"iam", "vpc", "ecs", "bms", "workspace", "metadata", "identity", "network", "compute", "image", "ims"}

// newCall reads the request; a reply means that it went no further.
func (c *Cloud) newCall(r *http.Request) (*call, *reply) {
	k := &call{cloud: c, req: r, path: c.PathOf(r), number: int(c.seen.Add(1))}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	k.base = scheme + "://" + r.Host
	if k.path != r.URL.Path { // a cloud that has a port of its own is asked without its prefix
		k.base += c.opts.Prefix
	}
	k.at = k.base
	first, rest, _ := strings.Cut(strings.TrimPrefix(k.path, "/"), "/")
	if slices.Contains(services, first) {
		k.service, k.path, k.at = first, "/"+rest, k.base+"/"+first
	}
	if tooLong := k.uriTooLong(); tooLong != nil {
		return nil, tooLong
	}
	var err error
	if k.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		bad := neutronError(http.StatusBadRequest, "HTTPBadRequest", "Query string is malformed.")
		return nil, &bad
	}
	k.body, err = io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		big := gatewayError(http.StatusRequestEntityTooLarge, "APIGW.0201", "Request entity too large", k.requestID())
		return nil, &big
	}
	r.Body = io.NopCloser(bytes.NewReader(k.body))
	return k, nil
}

// uriTooLong answers a URL that the servers in front do not take: OpenStack's
// says nothing but the status.
func (k *call) uriTooLong() *reply {
	n := len(k.req.URL.RequestURI())
	switch {
	case k.cloud.huawei() && n > 32<<10:
		long := gatewayError(http.StatusRequestURITooLong, "APIGW.0201", "Request URI too large", k.requestID())
		return &long
	case !k.cloud.huawei() && n > 8192:
		return &reply{status: http.StatusRequestURITooLong}
	}
	return nil
}

// serve finds the route, checks the login and the rights, and calls the handler.
func (k *call) serve() reply {
	rt, problem := k.route()
	if problem != nil {
		return *problem
	}
	if !rt.open {
		who, problem := k.cloud.auth.check(k, rt.family)
		if problem != nil {
			return *problem
		}
		k.who = who
		if problem := k.permit(rt); problem != nil {
			return *problem
		}
	}
	if rt.writes {
		k.cloud.mu.Lock()
		defer k.cloud.mu.Unlock()
	} else {
		k.cloud.mu.RLock()
		defer k.cloud.mu.RUnlock()
	}
	name := "X-Request-Id"
	if !k.cloud.huawei() {
		name = "X-Openstack-Request-Id"
	}
	return rt.handle(k).with(name, k.requestID())
}

// permit answers for a credential that lacks the right: refused, or an empty list.
func (k *call) permit(rt *route) *reply {
	rights := k.cloud.auth.rightsOf(k.who.user)
	switch {
	case rights.denied[rt.action]:
		no := k.forbidden(rt.family, rt.action)
		return &no
	case rights.hidden[rt.action] && rt.empty != "":
		none := ok(object{{rt.empty, []any{}}})
		return &none
	}
	if pid, has := k.vars["pid"]; has && pid != estate.ProjectID(k.who.project) {
		return k.foreignProject(rt.family)
	}
	return nil
}

// foreignProject answers a path whose project is not the credential's.
func (k *call) foreignProject(f family) *reply {
	var r reply
	switch f {
	case famNova:
		r = novaError(http.StatusBadRequest, "badRequest", "Malformed request URL: URL's project_id '"+k.vars["pid"]+"' doesn't match Context's project_id '"+estate.ProjectID(k.who.project)+"'")
	case famBMS:
		r = bmsError(http.StatusBadRequest, "BMS.0002", "The project id in the URL does not match the token.")
	case famWorkspace:
		r = workspaceError(http.StatusBadRequest, "WKS.0001", "The project id in the URL does not match the token.")
	default:
		r = vpcError(http.StatusBadRequest, "VPC.0007", "urlTenantId is not equal tokenTenantId")
	}
	return &r
}

// route finds the row for the request, or what to answer without one.
func (k *call) route() (*route, *reply) {
	var other *route
	for i := range k.cloud.routes {
		rt := &k.cloud.routes[i]
		if k.service != "" && k.service != rt.service {
			continue
		}
		vars, match := matchPath(rt.pattern, k.req.URL.EscapedPath(), k.path)
		if !match {
			continue
		}
		if rt.method != k.req.Method {
			other = rt
			continue
		}
		k.vars, k.service = vars, rt.service
		return rt, nil
	}
	no := k.notPublished()
	if other != nil {
		no = k.wrongMethod(other.family)
	}
	return nil, &no
}

// matchPath compares segment by segment. A captured segment may hold an escaped slash.
func matchPath(pattern, escaped, path string) (map[string]string, bool) {
	want := strings.Split(strings.Trim(pattern, "/"), "/")
	got := strings.Split(strings.Trim(path, "/"), "/")
	if strings.Contains(escaped, "%2F") || strings.Contains(escaped, "%2f") {
		raw := strings.Split(strings.Trim(escaped, "/"), "/")
		if len(raw) < len(want) {
			return nil, false
		}
		got = unescapeAll(raw[len(raw)-len(want):])
	}
	if len(want) != len(got) {
		return nil, false
	}
	vars := map[string]string{}
	for i, w := range want {
		if strings.HasPrefix(w, "{") && got[i] != "" {
			vars[strings.Trim(w, "{}")] = got[i]
		} else if w != got[i] {
			return nil, false
		}
	}
	return vars, true
}

func unescapeAll(segments []string) []string {
	out := make([]string, len(segments))
	for i, s := range segments {
		if u, err := url.PathUnescape(s); err == nil {
			s = u
		}
		out[i] = s
	}
	return out
}

// requestID is an id that looks like the cloud's and is the same for the same request.
func (k *call) requestID() string {
	n := estate.Namer{Seed: k.cloud.opts.Seed}
	return n.ID("request "+k.req.Method+" "+k.req.URL.RequestURI(), k.number)
}

func (k *call) identityURL() string {
	if k.cloud.huawei() {
		return k.base + "/iam/v3"
	}
	return k.base + "/identity/v3"
}

func projectName(p *estate.Project) string {
	if p == nil {
		return ""
	}
	return p.Name
}
