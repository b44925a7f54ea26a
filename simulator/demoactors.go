package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// cast gives the world its actors. Each adds the things it plays with once and
// then only says which of them are there.
func (w *world) cast() {
	e := w.cloud.estate
	minute := time.Minute
	// Full within the hour, twenty minutes without a free address, and drained.
	w.fills(e.named("payments-prod"), 1, wave{period: 100 * minute, rise: 50 * minute, hold: 20 * minute, fall: 15 * minute})
	// Nearly full for a long while.
	w.fills(e.named("legacy-dmz"), 0.92, wave{period: 180 * minute, offset: 10 * minute, rise: 20 * minute, hold: 90 * minute, fall: 10 * minute})
	// A runaway job takes eighty addresses at once.
	w.fills(e.named("ci-runners"), 0.6, wave{period: 90 * minute, offset: 30 * minute, rise: 4 * minute, hold: 25 * minute, fall: 10 * minute})
	// Grows for hours, so that forecasts have something to see.
	w.fills(e.named("analytics"), 0.95, wave{period: 720 * minute, rise: 480 * minute, hold: 30 * minute, fall: 30 * minute})
	w.leaks(e.named("kubernetes-nodes"), 120, wave{period: 240 * minute, rise: 200 * minute, fall: 5 * minute})
	// And one that nobody cleans up for a working day.
	w.leaks(e.named("batch-workers"), 40, wave{period: 720 * minute, rise: 30 * minute, hold: 510 * minute, fall: 10 * minute})
	w.scales(e.named("batch-workers"), 30, wave{period: 60 * minute, rise: 20 * minute, hold: 10 * minute, fall: 20 * minute})
	w.goesDown(e.named("web-frontend"), 24, spell{period: 120 * minute, from: 15 * minute, to: 50 * minute})
	w.losesAddress(e.named("databases"), spell{period: 150 * minute, from: 10 * minute, to: 65 * minute})
	w.groups(spell{period: 90 * minute, from: 5 * minute, to: 30 * minute}, spell{period: 160 * minute, from: 20 * minute, to: 80 * minute})
	w.wastes(spell{period: 240 * minute, from: 20 * minute, to: 130 * minute})
	w.hangs(spell{period: 110 * minute, from: 30 * minute, to: 75 * minute})
	w.quota(spell{period: 140 * minute, from: 12 * minute, to: 70 * minute})
	e.sort()
}

// fills makes the network's IPv4 subnet rise from where it rests to full, a
// share of its capacity, with ports of servers nobody lists.
func (w *world) fills(n *network, full float64, wave wave) {
	e := w.cloud.estate
	s := n.v4()
	want := int(full*float64(s.total().Int64())+0.5) - s.used(true)
	var ports []*port
	for range want {
		p := e.addPort(n, "compute:"+e.zone, e.id("device"), "ACTIVE", s)
		if p.fixed == nil {
			e.ports = e.ports[:len(e.ports)-1]
			break
		}
		ports = append(ports, p)
	}
	w.actors = append(w.actors, func(t time.Duration) { present(ports, wave.at(t)) })
}

// present keeps the first part of the ports and takes the others away. An
// address that somebody else has taken meanwhile stays theirs.
func present(ports []*port, part float64) {
	n := int(part*float64(len(ports)) + 1e-9)
	for i, p := range ports {
		appears := i < n && p.absent
		p.absent = i >= n
		if appears && p.network.contested(p) {
			p.absent = true
		}
	}
}

// contested reports whether another port has one of p's addresses.
func (n *network) contested(p *port) bool {
	for _, other := range n.ports {
		if other == p || other.absent {
			continue
		}
		for _, f := range other.fixed {
			if slices.ContainsFunc(p.fixed, func(mine fixedIP) bool { return mine.addr == f.addr }) {
				return true
			}
		}
	}
	return false
}

// leaks makes idle ports pile up until somebody cleans up.
func (w *world) leaks(n *network, most int, wave wave) {
	var ports []*port
	for range most {
		ports = append(ports, w.cloud.estate.addPort(n, "", "", "DOWN", n.v4()))
	}
	w.actors = append(w.actors, func(t time.Duration) { present(ports, wave.at(t)) })
}

// scales makes servers come and go.
func (w *world) scales(n *network, most int, wave wave) {
	e := w.cloud.estate
	var servers []*server
	var ports []*port
	for i := range most {
		s := e.addServer(n.project, fmt.Sprintf("batch-auto-%02d", i+1), "ACTIVE", "c6.2xlarge.2", n)
		servers, ports = append(servers, s), append(ports, s.ports...)
	}
	w.actors = append(w.actors, func(t time.Duration) {
		present(ports, wave.at(t))
		for i, s := range servers {
			s.absent = ports[i].absent
			s.status = "ACTIVE"
			if i+1 < most && ports[i+1].absent {
				s.status = "BUILD" // the newest one
			}
		}
	})
}

// goesDown makes many ports of servers DOWN for a spell.
func (w *world) goesDown(n *network, many int, s spell) {
	var ports []*port
	for _, server := range w.cloud.estate.servers {
		if len(ports) < many && len(server.ports) > 0 && server.ports[0].network == n {
			ports = append(ports, server.ports[0])
		}
	}
	w.actors = append(w.actors, func(t time.Duration) {
		for _, p := range ports {
			p.status = "ACTIVE"
			if s.on(t) {
				p.status = "DOWN"
			}
		}
	})
}

// losesAddress takes the only address away from one bare-metal server.
func (w *world) losesAddress(n *network, s spell) {
	servers := w.cloud.estate.servers
	i := slices.IndexFunc(servers, func(s *server) bool {
		return strings.HasPrefix(s.name, "metal-") && len(s.ports) == 1 && s.ports[0].network == n
	})
	p := servers[i].ports[0]
	home := p.fixed
	w.actors = append(w.actors, func(t time.Duration) {
		p.fixed = home
		if s.on(t) {
			p.fixed = nil
		}
	})
}

// groups makes one address group break and another nearly full.
func (w *world) groups(breaks, grows spell) {
	e := w.cloud.estate
	office, partners := e.groups[0], e.groups[1]
	for _, g := range e.groups {
		switch g.name {
		case "office-networks":
			office = g
		case "partners":
			partners = g
		}
	}
	short := slices.Clone(partners.entries)
	long := slices.Clone(short)
	for i := range 5 {
		long = append(long, entry{text: strings.Replace(short[0].text, "198.51.100.64", fmt.Sprintf("203.0.113.%d", 200+i), 1)})
	}
	w.actors = append(w.actors, func(t time.Duration) {
		partners.entries = short
		if grows.on(t) {
			partners.entries = long
		}
		partners.updated = w.stamp(grows.began(t))
		if office.version == 0 {
			return
		}
		office.status, office.message = "NORMAL", ""
		if breaks.on(t) {
			office.status, office.message = "UPDATE_FAILED", "the update task timed out"
		}
		office.updated = w.stamp(breaks.began(t))
	})
}

// wastes adds entries to a group that another entry of it covers already.
func (w *world) wastes(s spell) {
	groups := w.cloud.estate.groups
	g := groups[slices.IndexFunc(groups, func(g *group) bool { return g.name == "monitoring" })]
	short := slices.Clone(g.entries)
	long := slices.Clone(short)
	for i := range 9 {
		long = append(long, entry{text: fmt.Sprintf("10.0.%d.0/24", i)})
	}
	w.actors = append(w.actors, func(t time.Duration) {
		g.entries = short
		if s.on(t) {
			g.entries = long
		}
	})
}

// hangs makes the update of a group take very long.
func (w *world) hangs(s spell) {
	groups := w.cloud.estate.groups
	g := groups[slices.IndexFunc(groups, func(g *group) bool { return g.name == "blocked" })]
	if g.version == 0 {
		return // no status on OpenStack
	}
	w.actors = append(w.actors, func(t time.Duration) {
		g.status = "NORMAL"
		if s.on(t) {
			g.status = "UPDATING"
		}
		g.updated = w.stamp(s.began(t))
	})
}

func (w *world) stamp(t time.Duration) string {
	return w.wall(t).UTC().Format("2006-01-02T15:04:05.000+00:00")
}

// quota brings one quota near its limit.
func (w *world) quota(s spell) {
	for id, rows := range w.cloud.estate.quotas {
		i := slices.IndexFunc(rows, func(q quota) bool { return q.resource == "publicIp" || q.resource == "floatingip" })
		rest := rows[i].used
		w.actors = append(w.actors, func(t time.Duration) {
			rows := w.cloud.estate.quotas[id]
			rows[i].used = rest
			if s.on(t) {
				rows[i].used = rows[i].limit * 19 / 20
			}
		})
	}
}

// troubles lets APIs fail at times of the world.
func (c *Cloud) troubles() {
	during := func(s spell) func(*http.Request) bool {
		return func(*http.Request) bool { return s.on(c.world.since(c.opts.Now())) }
	}
	minute := time.Minute
	switch c.opts.Provider {
	case OpenStack:
		c.Fault(Fault{Path: `/address-groups`, Match: during(spell{120 * minute, 20 * minute, 75 * minute}), Status: 503, Body: "<html><body><h1>503 Service Unavailable</h1></body></html>"})
	case OTC:
		c.Fault(Fault{Path: `/servers/[^/]+/ips`, Match: during(spell{120 * minute, 25 * minute, 80 * minute}), Throttle: &Throttle{Limit: 5, Window: 10 * time.Second, RetryAfter: "1"}})
	case HuaweiCloud:
		c.Fault(Fault{Path: `/vpc/`, Match: during(spell{160 * minute, 30 * minute, 60 * minute}), Status: 401, Body: `{"error_msg":"Incorrect IAM authentication information: verify aksk signature fail","error_code":"APIGW.0301","request_id":"7a10c0de-0301-4000-8000-000000000001"}`})
	}
}
