package inventory

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// written is a snapshot in lines: what it is, and its fields; "-" is nothing.
type written struct {
	provider string
	subnets  SubnetData
	list     []Port
	subs     []SubInterface
	servers  ServerData
	groups   AddressGroupData
	ips      []PrivateIP
	public   PublicIPData
	none     bool // no list of ports
	unknown  bool // the API of ports shows no owners
}

// add reads a line, and reports whether it was one of the snapshot.
func (w *written) add(line string) bool {
	f := append(strings.Split(strings.ReplaceAll(line, " -", " "), " "), "", "", "", "")
	id, addr := ParseID, func(text string) netip.Addr { a, _ := netip.ParseAddr(text); return a }
	switch f[0] {
	case "provider":
		w.provider = f[1]
	case "subnet":
		w.subnets.Subnets = append(w.subnets.Subnets, Subnet{ID: id(f[1]), NeutronID: id(f[2]), NetworkID: id(f[3]), Prefix: netip.MustParsePrefix(f[4]), VPCID: id(f[5])})
	case "gone":
		w.subnets.Gone = Gone{id(f[1]): true}
	case "port":
		w.list = append(w.list, portOf(f[1:]))
	case "no_ports":
		w.none = true
	case "no_owners":
		w.unknown = true
	case "sub_interface":
		w.subs = append(w.subs, SubInterface{id(f[1]), id(f[2]), id(f[3]), []netip.Addr{addr(f[4])}})
	case "server":
		s := Server{ID: id(f[1]), BareMetal: f[2] == "baremetal"}
		if network, at, ok := strings.Cut(f[3], "="); ok {
			s.Addresses = []ServerAddress{{network, addr(at)}}
		}
		w.servers = append(w.servers, s)
	case "group":
		g := group(slices.DeleteFunc(f[2:], func(s string) bool { return s == "" })...)
		g.ID = id(f[1])
		w.groups = append(w.groups, g)
	case "private_ip":
		w.ips = append(w.ips, PrivateIP{ID: id(f[1]), SubnetID: id(f[2]), Addr: addr(f[3])})
	case "public_ip":
		w.public.IPs = append(w.public.IPs, PublicIP{ID: id(f[1]), Addr: addr(f[2]), PortID: id(f[3]), Private: addr(f[4])})
	default:
		return false
	}
	return true
}

// portOf reads the id, network, device, owner and status, then SUBNET=ADDRESS, pair=PREFIX and instance.
func portOf(f []string) Port {
	p := port(f[0], f[1], f[2], f[3], f[4])
	for _, text := range f[5:] {
		switch key, value, _ := strings.Cut(text, "="); key {
		case "":
		case "instance":
			p.Instance = true
		case "pair":
			p.Pairs = append(p.Pairs, netip.MustParsePrefix(value))
		default:
			p.Fixed = append(p.Fixed, FixedIP{ParseID(key), netip.MustParseAddr(value)})
		}
	}
	return p
}

// with is the snapshot with this list of the ports.
func (w *written) with(ports *Ports) *Snapshot {
	if ports.OwnersUnknown = w.unknown; w.none {
		ports = nil
	}
	return known(w.provider, w.subnets, PortData{Ports: ports, Subnets: w.subnets.Subnets, SubInterfaces: NewSubInterfaces(w.subs)},
		w.servers, w.groups, PrivateIPData{IPs: privateIPs(w.ips...)}, w.public)
}

// TestSnapshotsAnswerAsInTheFile asks snapshots for the counts and holders of their ports and for
// addresses, whether the ports are a list of their own, on top of the same, or of one of them.
func TestSnapshotsAnswerAsInTheFile(t *testing.T) {
	golden.Cases(t, "testdata/snapshots.txt", func(in string) string {
		w := written{provider: "otc"}
		questions := slices.DeleteFunc(strings.Split(in, "\n"), w.add)
		var answers []string
		for _, ports := range []*Ports{frozen(w.list...), onTop(frozen(w.list...), w.list...), onTop(frozen(w.list[min(1, len(w.list)):]...), w.list...)} {
			var b strings.Builder
			for _, q := range questions {
				b.WriteString(answer(t, w.with(ports), q))
			}
			answers = append(answers, b.String())
		}
		check.Equal(t, "answers of ports on top of the same", answers[0], answers[1])
		check.Equal(t, "answers of ports on top of some", answers[0], answers[2])
		return answers[0]
	})
}

func answer(t *testing.T, snap *Snapshot, question string) string {
	switch word, rest, _ := strings.Cut(question, " "); word {
	case "count":
		return count(t, snap)
	case "lookup":
		return lookedUp(t, snap.Lookup(netip.MustParseAddr(rest)))
	case "lookup_in":
		text := ""
		for _, f := range snap.LookupIn(netip.MustParsePrefix(rest)) {
			text += lookedUp(t, f)
		}
		return text
	}
	t.Fatalf("%q is no question", question)
	return ""
}

// count tells the counts, and the holder and idleness of each port, which must be those of the counts.
func count(t *testing.T, snap *Snapshot) string {
	usage, ports := snap.PortUsage(), map[Holder]int{}
	var got []string
	for _, c := range usage.Counts {
		got = append(got, fmt.Sprintf("%s %s %s: %d", c.NetworkID, c.Status, c.Holder, c.Ports))
		ports[c.Holder] += c.Ports
	}
	for i := range usage.Subnets {
		u := &usage.Subnets[i]
		name := u.Subnet.ID.String() + "/" + u.Subnet.IPVersion()
		for h := range Holders {
			if n := u.Held(h); n > 0 {
				got = append(got, fmt.Sprintf("%s held by %s: %d", name, h, n))
			}
		}
		if u.Addresses+u.Idle > 0 {
			got = append(got, fmt.Sprintf("%s: %d, idle %d", name, u.Addresses, u.Idle))
		}
	}
	holder, idle, each := snap.PortHolder(), snap.IdlePort(), map[Holder]int{}
	for p := range Of[PortData](snap).Ports.All() {
		got = append(got, fmt.Sprintf("port %s: %s, idle %v", p.ID, holder(&p), idle(&p)))
		each[holder(&p)]++
	}
	check.Equal(t, "ports by holder", ports, each)
	slices.Sort(got)
	return strings.Join(got, "\n") + "\n"
}

// lookedUp tells what is known of an address, and in each location the port, subnet, server,
// private and public IP, and whether somebody holds it there.
func lookedUp(t *testing.T, f LookupResult) string {
	entries, held := 0, false
	for _, g := range f.Groups {
		entries += len(g.Entries)
	}
	text := fmt.Sprintf("%s held %v, known %v: %d subnets, %d ports, %d servers, %d private IPs, %d entries\n", f.Addr, f.Held(), f.Known(),
		len(f.Subnets), len(f.Ports), len(f.Servers), len(f.PrivateIPs), entries)
	for _, at := range f.Locations() {
		fields := []string{"-", "-", "-", "-", "-"}
		if at.Port != nil {
			fields[0] = at.Port.ID.String()
		}
		if at.Subnet != nil {
			fields[1] = at.Subnet.ID.String() + "/" + at.Subnet.IPVersion()
		}
		if at.Server != nil {
			fields[2] = at.Server.ID.String()
		}
		if at.PrivateIP != nil {
			fields[3] = at.PrivateIP.ID.String()
		}
		if at.PublicIP != nil {
			fields[4] = at.PublicIP.ID.String()
		}
		text += fmt.Sprintf("  %s held %v\n", strings.Join(fields, " "), at.Held())
		held = held || at.Held()
	}
	check.Equal(t, f.Addr.String()+": held", held, f.Held())
	return text
}
