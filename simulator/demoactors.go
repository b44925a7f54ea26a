package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cloudip_exporter/simulator/estate"
)

// cast gives the world its actors. Each adds the things it plays with once and
// then only says which of them are there.
func (w *world) cast() {
	e := w.cloud.estate
	minute := time.Minute
	// Full within the hour, twenty minutes without a free address, and drained.
	w.fills(e.Named("payments-prod"), 1, wave{period: 100 * minute, rise: 50 * minute, hold: 20 * minute, fall: 15 * minute})
	// Nearly full for a long while.
	w.fills(e.Named("legacy-dmz"), 0.92, wave{period: 180 * minute, offset: 10 * minute, rise: 20 * minute, hold: 90 * minute, fall: 10 * minute})
	// A runaway job takes eighty addresses at once.
	w.fills(e.Named("ci-runners"), 0.6, wave{period: 90 * minute, offset: 30 * minute, rise: 4 * minute, hold: 25 * minute, fall: 10 * minute})
	// Grows for hours, so that forecasts have something to see.
	w.fills(e.Named("analytics"), 0.95, wave{period: 720 * minute, rise: 480 * minute, hold: 30 * minute, fall: 30 * minute})
	w.leaks(e.Named("kubernetes-nodes"), 120, wave{period: 240 * minute, rise: 200 * minute, fall: 5 * minute})
	// And one that nobody cleans up for a working day.
	w.leaks(e.Named("batch-workers"), 40, wave{period: 720 * minute, rise: 30 * minute, hold: 510 * minute, fall: 10 * minute})
	w.scales(e.Named("batch-workers"), 30, wave{period: 60 * minute, rise: 20 * minute, hold: 10 * minute, fall: 20 * minute})
	w.goesDown(e.Named("web-frontend"), 24, spell{period: 120 * minute, from: 15 * minute, to: 50 * minute})
	w.losesAddress(e.Named("databases"), spell{period: 150 * minute, from: 10 * minute, to: 65 * minute})
	w.groups(spell{period: 90 * minute, from: 5 * minute, to: 30 * minute}, spell{period: 160 * minute, from: 20 * minute, to: 80 * minute})
	w.wastes(spell{period: 240 * minute, from: 20 * minute, to: 130 * minute})
	w.hangs(spell{period: 110 * minute, from: 30 * minute, to: 75 * minute})
	w.quota(spell{period: 140 * minute, from: 12 * minute, to: 70 * minute})
	w.widens(spell{period: 200 * minute, from: 100 * minute, to: 160 * minute})
	w.attaches(spell{period: 720 * minute, from: 600 * minute, to: 660 * minute})
	w.reveals(e.Named("management"), spell{period: 200 * minute, from: 130 * minute, to: 180 * minute})
	w.drains(spell{period: 150 * minute, from: 20 * minute, to: 80 * minute})
	e.Sort()
}

// fills makes the network's IPv4 subnet rise from where it rests to full, a
// share of its capacity, with ports of servers nobody lists.
func (w *world) fills(n *estate.Network, full float64, wave wave) {
	e := w.cloud.estate
	s := n.V4()
	want := int(full*float64(s.Total().Int64())+0.5) - s.Used(true)
	var ports []*estate.Port
	for range want {
		p := e.AddPort(n, "compute:"+e.Zone, e.ID("device"), "ACTIVE", s)
		if p.Fixed == nil {
			e.Ports = e.Ports[:len(e.Ports)-1]
			break
		}
		ports = append(ports, p)
	}
	w.actors = append(w.actors, func(t time.Duration) { present(ports, wave.at(t)) })
}

// present keeps the first part of the ports and takes the others away. An
// address that somebody else has taken meanwhile stays theirs.
func present(ports []*estate.Port, part float64) {
	n := int(part*float64(len(ports)) + 1e-9)
	for i, p := range ports {
		appears := i < n && p.Absent
		p.Absent = i >= n
		if appears && p.Network.Contested(p) {
			p.Absent = true
		}
	}
}

// leaks makes idle ports pile up until somebody cleans up.
func (w *world) leaks(n *estate.Network, most int, wave wave) {
	var ports []*estate.Port
	for range most {
		ports = append(ports, w.cloud.estate.AddPort(n, "", "", "DOWN", n.V4()))
	}
	w.actors = append(w.actors, func(t time.Duration) { present(ports, wave.at(t)) })
}

// scales makes servers come and go.
func (w *world) scales(n *estate.Network, most int, wave wave) {
	e := w.cloud.estate
	var servers []*estate.Server
	var ports []*estate.Port
	for i := range most {
		s := e.AddServer(n.Project, fmt.Sprintf("batch-auto-%02d", i+1), "ACTIVE", "c6.2xlarge.2", n)
		servers, ports = append(servers, s), append(ports, s.Ports...)
	}
	w.actors = append(w.actors, func(t time.Duration) {
		present(ports, wave.at(t))
		for i, s := range servers {
			s.Absent = ports[i].Absent
			s.Status = "ACTIVE"
			if i+1 < most && ports[i+1].Absent {
				s.Status = "BUILD" // the newest one
			}
		}
	})
}

// goesDown makes many ports of servers DOWN for a spell.
func (w *world) goesDown(n *estate.Network, many int, s spell) {
	var ports []*estate.Port
	for _, server := range w.cloud.estate.Servers {
		if len(ports) < many && len(server.Ports) > 0 && server.Ports[0].Network == n {
			ports = append(ports, server.Ports[0])
		}
	}
	w.actors = append(w.actors, func(t time.Duration) {
		for _, p := range ports {
			p.Status = "ACTIVE"
			if s.on(t) {
				p.Status = "DOWN"
			}
		}
	})
}

// losesAddress takes the only address away from one bare-metal server.
func (w *world) losesAddress(n *estate.Network, s spell) {
	servers := w.cloud.estate.Servers
	i := slices.IndexFunc(servers, func(s *estate.Server) bool {
		return strings.HasPrefix(s.Name, "metal-") && len(s.Ports) == 1 && s.Ports[0].Network == n
	})
	p := servers[i].Ports[0]
	home := p.Fixed
	w.actors = append(w.actors, func(t time.Duration) {
		p.Fixed = home
		if s.on(t) {
			p.Fixed = nil
		}
	})
}

// groups makes one address group break and another nearly full.
func (w *world) groups(breaks, grows spell) {
	e := w.cloud.estate
	office, partners := e.Groups[0], e.Groups[1]
	for _, g := range e.Groups {
		switch g.Name {
		case "office-networks":
			office = g
		case "partners":
			partners = g
		}
	}
	short := slices.Clone(partners.Entries)
	long := slices.Clone(short)
	for i := range 5 {
		long = append(long, estate.Entry{Text: strings.Replace(short[0].Text, "198.51.100.64", fmt.Sprintf("203.0.113.%d", 200+i), 1)})
	}
	w.actors = append(w.actors, func(t time.Duration) {
		partners.Entries = short
		if grows.on(t) {
			partners.Entries = long
		}
		partners.Updated = w.stamp(grows.began(t))
		if office.Version == 0 {
			return
		}
		office.Status, office.Message = "NORMAL", ""
		if breaks.on(t) {
			office.Status, office.Message = "UPDATE_FAILED", "the update task timed out"
		}
		office.Updated = w.stamp(breaks.began(t))
	})
}

// wastes adds entries to a group that another entry of it covers already.
func (w *world) wastes(s spell) {
	groups := w.cloud.estate.Groups
	g := groups[slices.IndexFunc(groups, func(g *estate.Group) bool { return g.Name == "monitoring" })]
	short := slices.Clone(g.Entries)
	long := slices.Clone(short)
	for i := range 9 {
		long = append(long, estate.Entry{Text: fmt.Sprintf("10.0.%d.0/24", i)})
	}
	w.actors = append(w.actors, func(t time.Duration) {
		g.Entries = short
		if s.on(t) {
			g.Entries = long
		}
	})
}

// hangs makes the update of a group take very long.
func (w *world) hangs(s spell) {
	groups := w.cloud.estate.Groups
	g := groups[slices.IndexFunc(groups, func(g *estate.Group) bool { return g.Name == "blocked" })]
	if g.Version == 0 {
		return // no status on OpenStack
	}
	w.actors = append(w.actors, func(t time.Duration) {
		g.Status = "NORMAL"
		if s.on(t) {
			g.Status = "UPDATING"
		}
		g.Updated = w.stamp(s.began(t))
	})
}

func (w *world) stamp(t time.Duration) string {
	return w.wall(t).UTC().Format("2006-01-02T15:04:05.000+00:00")
}

// quota brings one quota near its limit.
func (w *world) quota(s spell) {
	for id, rows := range w.cloud.estate.Quotas {
		i := slices.IndexFunc(rows, func(q estate.Quota) bool { return q.Resource == "publicIp" || q.Resource == "floatingip" })
		rest := rows[i].Used
		w.actors = append(w.actors, func(t time.Duration) {
			rows := w.cloud.estate.Quotas[id]
			rows[i].Used = rest
			if s.on(t) {
				rows[i].Used = rows[i].Limit * 19 / 20
			}
		})
	}
}
