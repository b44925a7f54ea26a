package storage

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

var worlds = flag.Int("worlds", 50, "random worlds of TestModel")

// shown is what an answer of a kind shows: the model of storage is a list of these.
type shown struct {
	at    time.Time
	items []string
}

// played plays a random world against storage.
type played struct {
	t       *testing.T
	random  *rand.Rand
	w       *world
	s       *Store
	answers [kinds][]shown
}

func name(t Tenure) string {
	return fmt.Sprint(t.Address, " ", t.Item, " ", t.Device, " ", t.Port, " ", t.Private)
}

// expected says what a kind shows, in its own way: an address on a port is the port's.
func (m *played) expected(kind Kind, snap *inventory.Snapshot) (items []string) {
	var ports []inventory.Port
	for p := range inventory.Of[inventory.PortData](snap).Ports.All() {
		p.Fixed = slices.Clone(p.Fixed)
		ports = append(ports, p)
	}
	onPort := func(fits func(p inventory.Port, f inventory.FixedIP) bool) bool {
		return slices.ContainsFunc(ports, func(p inventory.Port) bool {
			return slices.ContainsFunc(p.Fixed, func(f inventory.FixedIP) bool { return fits(p, f) })
		})
	}
	onSub := func(network inventory.ID, a netip.Addr) bool {
		for p := range inventory.Of[inventory.PortData](snap).SubInterfaces.Ports() {
			if p.NetworkID == network && p.Fixed[0].Addr == a {
				return true
			}
		}
		return false
	}
	switch kind {
	case PublicIP:
		for _, ip := range m.w.public {
			t := Tenure{Address: ip.Addr, Item: ip.ID, Port: ip.PortID, Private: ip.Private}
			if i := slices.IndexFunc(ports, func(p inventory.Port) bool { return p.ID == ip.PortID }); i >= 0 {
				t.Device = ports[i].DeviceID
			}
			items = append(items, name(t))
		}
	case SubInterface:
		for _, i := range m.w.subs {
			for _, a := range i.Addrs {
				if !onPort(func(p inventory.Port, f inventory.FixedIP) bool { return f.Addr == a && p.NetworkID == i.SubnetID }) {
					items = append(items, name(Tenure{Address: a, Item: i.ID, Device: i.DeviceID}))
				}
			}
		}
	case Port:
		for _, p := range ports {
			for _, f := range p.Fixed {
				items = append(items, name(Tenure{Address: f.Addr, Item: p.ID, Device: p.DeviceID}))
			}
		}
	case PrivateIP:
		for ip := range inventory.Of[inventory.PrivateIPData](snap).IPs.All() {
			if !onPort(func(p inventory.Port, f inventory.FixedIP) bool {
				return p.ID == ip.ID || f.Addr == ip.Addr && p.NetworkID == ip.SubnetID
			}) && !onSub(ip.SubnetID, ip.Addr) {
				items = append(items, name(Tenure{Address: ip.Addr, Item: ip.ID}))
			}
		}
	case Server:
		for _, s := range inventory.Of[inventory.ServerData](snap) {
			for _, a := range s.Addresses {
				if s.BareMetal && !onPort(func(_ inventory.Port, f inventory.FixedIP) bool { return f.Addr == a.Addr }) {
					items = append(items, name(Tenure{Address: a.Addr, Item: s.ID, Device: s.ID}))
				}
			}
		}
	}
	slices.Sort(items)
	return slices.Compact(items)
}

// change changes the world, its faults, its clock or its process.
func (m *played) change() {
	w, n := m.w, m.random.IntN
	for range 1 + n(4) {
		switch n(15) {
		case 0, 1, 2:
			p := port(1+n(8), n(3))
			if n(3) == 0 {
				p.Fixed = append(p.Fixed, inventory.FixedIP{SubnetID: id(901), Addr: addr(1 + n(8))})
			}
			if p.Fixed[0].Addr == p.Fixed[len(p.Fixed)-1].Addr {
				p.Fixed = p.Fixed[:1]
			}
			w.ports = append(slices.DeleteFunc(w.ports, func(o inventory.Port) bool { return o.ID == p.ID }), p)
		case 3, 4:
			w.ports = slices.DeleteFunc(w.ports, func(inventory.Port) bool { return n(3) == 0 })
		case 5:
			w.ips = []inventory.PrivateIP{{ID: id(1 + n(8)), SubnetID: id(900), Addr: addr(1 + n(8))}, {ID: id(20 + n(3)), SubnetID: id(900 + n(2)), Addr: addr(1 + n(8))}}
		case 6:
			w.servers = []inventory.Server{{ID: id(n(3)), BareMetal: n(4) > 0, Addresses: []inventory.ServerAddress{{Addr: addr(1 + n(8))}, {Addr: addr(1 + n(8))}}}}
		case 7:
			collector := Kind(n(kinds)).Collector()
			w.failed[collector] = !w.failed[collector]
		case 8:
			w.at = w.at.Add(time.Duration(n(60)-30) * time.Minute) // the clock is set, or nobody watches
		case 9: // another process
			m.s.file.targets, m.s.file.labelled = map[targetKey]*target{}, map[[2]string]*target{}
			w.parts, w.last, w.lastIPs = map[string]inventory.State{}, nil, nil
		case 10:
			w.subnets[0].Name = fmt.Sprint("name-", n(3))
		case 11: // not written in time
			m.s.Record("me", w.collect())
		case 12: // points elsewhere
			w.public = []inventory.PublicIP{{ID: id(70 + n(2)), Addr: addr(200)}}
			if w.public[0].Attached = n(3) > 0; w.public[0].Attached {
				w.public[0].PortID, w.public[0].Private = id(1+n(3)), addr(1+n(3))
			}
		case 13:
			w.subs = []inventory.SubInterface{{ID: id(80 + n(2)), SubnetID: id(900 + n(2)), DeviceID: id(n(2)), Addrs: []netip.Addr{addr(1 + n(8)), addr(1 + n(8))}}}
		case 14: // the cloud does not list them any more, or again
			w.failed["sub-interfaces"] = !w.failed["sub-interfaces"]
		}
	}
}

func (m *played) step() {
	m.w.parts = maps.Clone(m.w.parts)
	snap := m.w.collect()
	m.s.Record("me", snap)
	m.s.step(false)
	for kind := range Kind(kinds) {
		ports := snap.State("ports")
		if st := snap.State(kind.Collector()); st.Success && (kind == Port || ports.Part != nil) && (kind != PublicIP || ports.Success) && (kind != SubInterface || !m.w.failed["sub-interfaces"]) {
			at := m.w.at
			if all := m.answers[kind]; len(all) > 0 && all[len(all)-1].at.After(at) {
				at = all[len(all)-1].at
			}
			m.answers[kind] = append(m.answers[kind], shown{at, m.expected(kind, snap)})
		}
	}
}

// check compares history with the model, at some moments and as a whole.
func (m *played) check() {
	var times []time.Time
	for kind := range Kind(kinds) {
		for _, answer := range m.answers[kind] {
			times = append(times, answer.at)
		}
	}
	for range min(6, len(times)) {
		at := times[m.random.IntN(len(times))].Add(time.Duration(m.random.IntN(3)) * 20 * time.Second)
		var got, want [kinds][]string
		for _, t := range history(m.t, m.s, Query{At: at}) {
			got[t.Kind] = append(got[t.Kind], name(t))
		}
		for kind, answers := range m.answers {
			for _, answer := range answers {
				if !answer.at.After(at) {
					want[kind] = answer.items
				}
			}
			if slices.Sort(got[kind]); !slices.Equal(got[kind], want[kind]) {
				m.t.Errorf("kind %d at %v: %q, the last complete answer showed %q", kind, at, got[kind], want[kind])
			}
		}
	}
	all := history(m.t, m.s, Query{})
	slices.SortStableFunc(all, func(a, b Tenure) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(name(a), name(b)), a.FirstSeen.Compare(b.FirstSeen))
	})
	for i, t := range all {
		if i > 0 && t.Kind == all[i-1].Kind && name(t) == name(all[i-1]) && (all[i-1].EndedBefore.IsZero() || all[i-1].EndedBefore.After(t.FirstSeen)) {
			m.t.Errorf("two tenures of %s overlap: %+v, %+v", name(t), all[i-1], t)
		}
		complete := func(at time.Time) bool {
			return slices.ContainsFunc(m.answers[t.Kind], func(s shown) bool { return s.at.Equal(at) })
		}
		if !complete(t.FirstSeen) || !complete(t.LastSeen) || !t.EndedBefore.IsZero() && !complete(t.EndedBefore) {
			m.t.Errorf("a time of no complete answer: %+v", t)
		}
	}
}

// checkLasting compares the set of the tenures that last with those without an end.
func (m *played) checkLasting() {
	count := func(query string, args ...any) (n int) {
		check.OK(m.t, m.s.file.row(query, args...).Scan(&n))
		return n
	}
	check.Equal(m.t, "ends of no tenure", 0, count(`SELECT count(*) FROM ends WHERE tenure NOT IN (SELECT id FROM tenures)`))
	for kind := range Kind(kinds) {
		marked, without := 0, 0
		var id int64
		check.OK(m.t, eachLasting(m.s.file.query, 1, kind, `t.id`, ``, func() {
			marked++
			without += count(`SELECT count(*) FROM tenures WHERE id = ? AND target = 1 AND kind = ? AND id NOT IN (SELECT tenure FROM ends)`, id, kind)
		}, &id))
		check.Equal(m.t, fmt.Sprint("tenures of kind ", kind, " that last and are marked"), marked, without)
		check.Equal(m.t, fmt.Sprint("tenures of kind ", kind, " without an end"), marked, count(`SELECT count(*) FROM tenures WHERE target = 1 AND kind = ? AND id NOT IN (SELECT tenure FROM ends)`, kind))
	}
}

func TestModel(t *testing.T) {
	for seed := range *worlds {
		m := &played{t: t, random: rand.New(rand.NewPCG(uint64(seed), 1)), w: newWorld(), s: open4test(t, Options{Memory: true})}
		for range 6 + m.random.IntN(12) {
			m.change()
			m.step()
		}
		m.check()
		m.checkLasting()
		m.s.closeFile()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
