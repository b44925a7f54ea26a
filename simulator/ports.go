package simulator

import (
	"container/heap"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cloudip_exporter/simulator/estate"
)

// portQuery is a listing of ports, whatever the API.
type portQuery struct {
	marker  estate.UUID
	started bool // a marker was given
	limit   int  // 0 is no limit
	keep    func(*estate.Port) bool
	in      []*estate.Network // only ports of these; nil for all
}

// visiblePort reports whether the session may see the port.
func visiblePort(s *session, p *estate.Port) bool {
	return !p.Absent && (s.admin() || p.Project == s.project)
}

// listPorts walks the ports in the order of their ids from the marker on.
func listPorts(e *estate.State, q portQuery) []*estate.Port {
	var page []*estate.Port
	add := func(p *estate.Port) bool {
		if q.keep(p) {
			page = append(page, p)
		}
		return q.limit == 0 || len(page) < q.limit
	}
	if q.in == nil {
		for _, p := range after(e.Ports, q) {
			if !add(p) {
				break
			}
		}
		return page
	}
	var m merge
	for _, n := range q.in {
		if ps := after(n.Ports, q); len(ps) > 0 {
			m = append(m, ps)
		}
	}
	heap.Init(&m)
	for len(m) > 0 {
		p := m[0][0]
		if m[0] = m[0][1:]; len(m[0]) == 0 {
			heap.Pop(&m)
		} else {
			heap.Fix(&m, 0)
		}
		if !add(p) {
			break
		}
	}
	return page
}

func after(ps []*estate.Port, q portQuery) []*estate.Port {
	if !q.started {
		return ps
	}
	i, found := slices.BinarySearchFunc(ps, q.marker, estate.ComparePortID)
	if found {
		i++
	}
	return ps[i:]
}

// merge is a heap of port lists by their first id.
type merge [][]*estate.Port

func (m merge) Len() int           { return len(m) }
func (m merge) Less(i, j int) bool { return estate.ComparePorts(m[i][0], m[j][0]) < 0 }
func (m merge) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *merge) Push(x any)        { *m = append(*m, x.([]*estate.Port)) }
func (m *merge) Pop() any {
	old := *m
	last := old[len(old)-1]
	*m = old[:len(old)-1]
	return last
}

// portFilters are the equality filters of the listings, by parameter.
var portFilters = map[string]func(*estate.Port, string) bool{
	"id":             func(p *estate.Port, v string) bool { return p.ID.String() == v },
	"name":           func(p *estate.Port, v string) bool { return portName(p) == v },
	"status":         func(p *estate.Port, v string) bool { return p.Status == v },
	"device_id":      func(p *estate.Port, v string) bool { return p.Device == v },
	"device_owner":   func(p *estate.Port, v string) bool { return p.Owner == v },
	"description":    func(p *estate.Port, v string) bool { return p.Description == v },
	"project_id":     func(p *estate.Port, v string) bool { return estate.ProjectID(p.Project) == v },
	"tenant_id":      func(p *estate.Port, v string) bool { return estate.ProjectID(p.Project) == v },
	"network_id":     func(p *estate.Port, v string) bool { return p.Network.ID == v },
	"mac_address":    func(p *estate.Port, v string) bool { return p.MAC() == v },
	"admin_state_up": func(_ *estate.Port, v string) bool { return strings.EqualFold(v, "true") },
}

// fixedIPFilter reads fixed_ips=key=value.
func fixedIPFilter(text string) (func(*estate.Port) bool, bool) {
	key, value, _ := strings.Cut(text, "=")
	fits := map[string]func(estate.FixedIP) bool{
		"ip_address":        func(f estate.FixedIP) bool { return f.Addr.String() == value },
		"subnet_id":         func(f estate.FixedIP) bool { return f.SubnetID == value },
		"ip_address_substr": func(f estate.FixedIP) bool { return strings.Contains(f.Addr.String(), value) },
	}[key]
	return func(p *estate.Port) bool { return slices.ContainsFunc(p.Fixed, fits) }, fits != nil
}

// portQuery reads the filters of a ports listing. unknown is the first
// parameter that is no filter; badFixed a fixed_ips that cannot be read.
func (k *call) portQuery() (q portQuery, unknown, badFixed string) {
	var tests []func(*estate.Port) bool
	for name, values := range k.query {
		filter := portFilters[name]
		switch {
		case name == "network_id":
			q.in = k.cloud.estate.NetworksByID(values)
		case name == "fixed_ips":
			var any []func(*estate.Port) bool
			for _, v := range values {
				f, ok := fixedIPFilter(v)
				if !ok {
					badFixed = v
				}
				any = append(any, f)
			}
			tests = append(tests, func(p *estate.Port) bool {
				return !slices.ContainsFunc(any, func(f func(*estate.Port) bool) bool { return !f(p) })
			})
		case filter != nil:
			tests = append(tests, func(p *estate.Port) bool {
				return slices.ContainsFunc(values, func(v string) bool { return filter(p, v) })
			})
		case !slices.Contains([]string{"limit", "marker", "page_reverse", "fields", "sort_key", "sort_dir"}, name):
			unknown = name
		}
	}
	q.keep = func(p *estate.Port) bool {
		return visiblePort(k.who, p) && !slices.ContainsFunc(tests, func(t func(*estate.Port) bool) bool { return !t(p) })
	}
	if m := k.query.Get("marker"); m != "" {
		q.marker, _ = estate.ParseUUID(m)
		q.started = true
	}
	return q, unknown, badFixed
}

// repeat puts the repeated port on the page that follows its own, as happens
// on Huawei Cloud and OTC when a port changes while it is listed. A page is
// never made of it alone, so that its last id stays the marker.
func (k *call) repeat(q portQuery, page []*estate.Port) []*estate.Port {
	e := k.cloud.estate
	if !q.started || q.limit < 2 || len(page) == 0 || q.in != nil || k.cloud.opts.NoQuirkDuplicates || !k.cloud.huawei() {
		return page
	}
	before, _ := slices.BinarySearchFunc(e.Ports, q.marker, estate.ComparePortID)
	from := max(0, before-q.limit+1)
	for i, p := range e.Ports[from:min(before+1, len(e.Ports))] {
		if p.Quirk&estate.Repeated != 0 && q.keep(p) {
			at := 0
			if i == 0 && q.limit > 2 { // two pages do not begin alike
				at = 1
			}
			page = slices.Insert(page, at, p)
			return page[:min(len(page), q.limit)]
		}
	}
	return page
}

// pageCache keeps encoded pages of estates that do not change.
type pageCache struct{ pages sync.Map }

// portPage encodes ports in a shape.
func (k *call) portPage(ports []*estate.Port, shape []portField, links []object) reply {
	if !k.cloud.opts.IgnoreFields {
		shape = fieldsOf(shape, k.query["fields"])
	}
	b := make([]byte, 0, 64+len(ports)*len(shape)*48)
	b = append(b, `{"ports":[`...)
	for i, p := range ports {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendPort(b, p, shape)
	}
	b = append(b, ']')
	if links != nil {
		b = append(b, `,"ports_links":`...)
		b = append(b, encode(links)...)
	}
	return reply{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}, body: append(b, '}')}
}

// cached serves a page once encoded again, where the options ask for it.
func (k *call) cached(make func() reply) reply {
	if !k.cloud.opts.CachePages {
		return make()
	}
	key := k.base + k.req.URL.RequestURI() + " " + estate.ProjectID(k.who.project) + strconv.FormatBool(k.who.admin())
	if r, has := k.cloud.pages.pages.Load(key); has {
		page := r.(reply)
		page.header = page.header.Clone()
		return page
	}
	r := make()
	kept := r
	kept.header = r.header.Clone()
	k.cloud.pages.pages.Store(key, kept)
	return r
}

// getVPCPorts is GET /v1/{project_id}/ports.
func getVPCPorts(k *call) reply {
	return k.cached(func() reply { return k.plainPorts(vpcPortShape, 0) })
}

// plainPorts lists ports without links.
func (k *call) plainPorts(shape []portField, least int) reply {
	limit, good := k.vpcLimit(least)
	if !good {
		if least == 1 {
			return workspaceError(http.StatusBadRequest, "WKS.0001", "limit is out of range")
		}
		return vpcError(http.StatusBadRequest, "VPC.0101", fmt.Sprintf("limit %q is invalid", k.query.Get("limit")))
	}
	if least == 1 {
		k.workspaceFilters()
	}
	q, _, badFixed := k.portQuery()
	if badFixed != "" {
		return vpcError(http.StatusBadRequest, "VPC.0101", "fixed_ips is invalid")
	}
	k.query.Del("fields")
	if q.limit = limit; limit == 0 {
		return k.portPage(nil, shape, nil)
	}
	return k.portPage(k.repeat(q, listPorts(k.cloud.estate, q)), shape, nil)
}
