package simulator

import (
	"bytes"
	"math/big"
	"net/netip"
	"slices"
)

// The one data model behind all APIs. A network is what the VPC API calls a
// subnet; a subnet is Neutron's, of one address family.

type project struct {
	id, name, description string
}

type vpc struct {
	id, name, cidr, status string
	project                *project
}

type network struct {
	id, name         string
	project          *project
	vpc              *vpc // nil on OpenStack
	subnets          []*subnet
	ports            []*port // in order of id
	status           string
	shared, external bool
	unlisted         bool // belongs to somebody else: no listing shows it
	old              bool // Huawei: a payload of years ago, with few fields
	emptyV6          bool // Huawei: neutron_subnet_id_v6 is "" and not absent
	withheld         int  // Huawei Cloud: addresses that available_ip_address_count leaves out
}

type subnet struct {
	id, name string
	network  *network
	prefix   netip.Prefix
	gateway  netip.Addr // zero for none
	pools    []addrRange
	cursor   netip.Addr // where the search for a free address begins
}

// addrRange is inclusive.
type addrRange struct{ from, to netip.Addr }

type fixedIP struct {
	subnetID string // Neutron's
	addr     netip.Addr
}

// quirk is an oddity of one port's JSON.
type quirk uint8

const (
	noDeviceKey quirk = 1 << iota // the key device_id is missing
	adminText                     // admin_state_up is a string
	repeated                      // the port shows on the following page too
)

type port struct {
	id          uuid
	network     *network
	project     *project // nil for the port of a floating IP: its project_id is ""
	owner       string
	status      string
	device      string
	name        string
	description string
	fixed       []fixedIP
	quirk       quirk
	absent      bool // the demo's world has taken it away
}

type server struct {
	id, name, status, zone string
	project                *project
	flavor                 string
	tags                   []string
	ports                  []*port
	floating               []netip.Addr // floating addresses of the first port
	created                int          // seconds after the epoch of the estate
	absent                 bool
}

type entry struct {
	text    string
	remarks string
}

type group struct {
	id, name, description string
	project               *project
	entries               []entry
	version               int // 0 on OpenStack
	max                   int
	status, message       string
	updated               string // as it is written; the shapes differ
	bare                  bool   // without ip_extra_set and enterprise_project_id
}

type quota struct {
	resource    string
	limit, used int
	byTypeOnly  bool // shown only when it is asked for by type
}

// contains reports whether a lies in one of the subnet's pools.
func (s *subnet) contains(a netip.Addr) bool {
	for _, p := range s.pools {
		if p.from.Compare(a) <= 0 && a.Compare(p.to) <= 0 {
			return true
		}
	}
	return false
}

// total is the number of addresses in the pools.
func (s *subnet) total() *big.Int {
	sum := new(big.Int)
	for _, p := range s.pools {
		sum.Add(sum, p.size())
	}
	return sum
}

func (r addrRange) size() *big.Int {
	n := new(big.Int).Sub(number(r.to), number(r.from))
	return n.Add(n, big.NewInt(1))
}

func number(a netip.Addr) *big.Int { return new(big.Int).SetBytes(a.AsSlice()) }

func (s *subnet) version() int {
	if s.prefix.Addr().Is4() {
		return 4
	}
	return 6
}

// v4 is the network's first IPv4 subnet, nil when it has none; v6 likewise.
func (n *network) v4() *subnet { return n.family(4) }
func (n *network) v6() *subnet { return n.family(6) }

func (n *network) family(version int) *subnet {
	for _, s := range n.subnets {
		if s.version() == version {
			return s
		}
	}
	return nil
}

// holder is the port that has the address in this network.
func (n *network) holder(a netip.Addr) *port {
	for _, p := range n.ports {
		if !p.absent && slices.ContainsFunc(p.fixed, func(f fixedIP) bool { return f.addr == a }) {
			return p
		}
	}
	return nil
}

// used counts the port addresses of a subnet; only those in its pools if so asked.
func (s *subnet) used(inPools bool) int {
	n := 0
	for _, p := range s.network.ports {
		if p.absent {
			continue
		}
		for _, f := range p.fixed {
			if f.subnetID == s.id && (!inPools || s.contains(f.addr)) {
				n++
			}
		}
	}
	return n
}

func comparePorts(a, b *port) int { return bytes.Compare(a.id[:], b.id[:]) }

func comparePortID(p *port, id uuid) int { return bytes.Compare(p.id[:], id[:]) }

func projectID(p *project) string {
	if p == nil {
		return ""
	}
	return p.id
}
