package estate

import (
	"bytes"
	"math/big"
	"net/netip"
	"slices"
)

// The one data model behind all APIs. A network is what the VPC API calls a
// subnet; a subnet is Neutron's, of one address family.

// Project is a project of the cloud.
type Project struct {
	ID, Name, Description string
}

// VPC is a virtual private cloud of Huawei Cloud or OTC.
type VPC struct {
	ID, Name, CIDR, Status string
	Project                *Project
	Extended               []string // secondary CIDRs, which v3 shows
}

// SubnetPool is a subnet pool of OpenStack.
type SubnetPool struct {
	ID, Name string
	Project  *Project
	Shared   bool
	Prefixes []netip.Prefix // of one family
}

// Network is a network of Neutron, and what the VPC API calls a subnet.
type Network struct {
	ID, Name         string
	Project          *Project
	VPC              *VPC // nil on OpenStack
	Subnets          []*Subnet
	Ports            []*Port // in order of id
	Status           string
	Shared, External bool
	Unlisted         bool   // belongs to somebody else: no listing shows it
	Sharer           string // Huawei: id of the project of another owner that shares it
	Old              bool   // Huawei: a payload of years ago, with few fields
	EmptyV6          bool   // Huawei: neutron_subnet_id_v6 is "" and not absent
	withheld         int    // Huawei Cloud: addresses that available_ip_address_count leaves out
	Tags             []Tag
	subs             []*SubInterface
	Hidden           []netip.Addr // addresses in use that no listing shows
}

// Subnet is one address family of a network.
type Subnet struct {
	ID, Name string
	Network  *Network
	Prefix   netip.Prefix
	Gateway  netip.Addr // zero for none
	Pools    []addrRange
	cursor   netip.Addr  // where the search for a free address begins
	Pool     *SubnetPool // OpenStack: that the prefix is from; mostly nil
	Slaac    bool        // ports make their own addresses: ipv6_ra_mode and ipv6_address_mode are slaac
}

// addrRange is inclusive.
type addrRange struct{ From, To netip.Addr }

// FixedIP is one address of a port.
type FixedIP struct {
	SubnetID string // Neutron's
	Addr     netip.Addr
}

// quirk is an oddity of one port's JSON.
type quirk uint8

const (
	NoDeviceKey quirk = 1 << iota // the key device_id is missing
	Repeated                      // the port shows on the following page too
)

// Port is a port of a network.
type Port struct {
	ID          UUID
	Network     *Network
	Project     *Project // nil for the port of a floating IP: its project_id is ""
	Owner       string
	Status      string
	Device      string
	Name        string
	Description string
	Fixed       []FixedIP
	Pairs       []netip.Prefix // allowed_address_pairs
	Quirk       quirk
	Absent      bool // the demo's world has taken it away
}

// PairsOf are the pairs of another port by which it takes over the first address of
// p: the address, and a small prefix, which names none.
func (p *Port) PairsOf() []netip.Prefix {
	a := p.Fixed[0].Addr
	few, _ := a.Prefix(a.BitLen() - 2)
	return []netip.Prefix{netip.PrefixFrom(a, a.BitLen()), few}
}

// Server is a virtual or bare-metal server.
type Server struct {
	ID, Name, Status, Zone string
	Project                *Project
	Flavor                 string
	Tags                   []string
	Ports                  []*Port
	Floating               []netip.Addr // floating addresses of the first port
	Created                int          // seconds after the epoch of the estate
	Absent                 bool
}

// Entry is one entry of an address group.
type Entry struct {
	Text    string
	Remarks string
}

// Group is an address group.
type Group struct {
	ID, Name, Description string
	Project               *Project
	Entries               []Entry
	Version               int // 0 on OpenStack
	Max                   int
	Status, Message       string
	Updated               string // as it is written; the shapes differ
	Bare                  bool   // without ip_extra_set and enterprise_project_id
}

// Quota is the limit of one resource of a project.
type Quota struct {
	Resource    string
	Limit, Used int
	ByTypeOnly  bool // shown only when it is asked for by type
}

// Reserved is what requests under way have reserved, which OpenStack shows.
func (q Quota) Reserved() int { return q.Used % 3 }

// Contains reports whether a lies in one of the subnet's pools.
func (s *Subnet) Contains(a netip.Addr) bool {
	for _, p := range s.Pools {
		if p.From.Compare(a) <= 0 && a.Compare(p.To) <= 0 {
			return true
		}
	}
	return false
}

// Total is the number of addresses in the pools.
func (s *Subnet) Total() *big.Int {
	sum := new(big.Int)
	for _, p := range s.Pools {
		sum.Add(sum, p.size())
	}
	return sum
}

func (r addrRange) size() *big.Int {
	n := new(big.Int).Sub(Number(r.To), Number(r.From))
	return n.Add(n, big.NewInt(1))
}

// Number returns an address as a number.
func Number(a netip.Addr) *big.Int { return new(big.Int).SetBytes(a.AsSlice()) }

// Version returns the IP version of a subnet, 4 or 6.
func (s *Subnet) Version() int {
	if s.Prefix.Addr().Is4() {
		return 4
	}
	return 6
}

// V4 is the network's first IPv4 subnet, nil when it has none; v6 likewise.
func (n *Network) V4() *Subnet { return n.family(4) }

// V6 is the network's first IPv6 subnet, nil when it has none.
func (n *Network) V6() *Subnet { return n.family(6) }

func (n *Network) family(version int) *Subnet {
	for _, s := range n.Subnets {
		if s.Version() == version {
			return s
		}
	}
	return nil
}

// Holder is the port that has the address in this network.
func (n *Network) Holder(a netip.Addr) *Port {
	for _, p := range n.Ports {
		if !p.Absent && slices.ContainsFunc(p.Fixed, func(f FixedIP) bool { return f.Addr == a }) {
			return p
		}
	}
	return nil
}

// Used counts the port addresses of a subnet; only those in its pools if so asked.
func (s *Subnet) Used(inPools bool) int {
	n := 0
	for _, a := range s.Network.unlisted() {
		if s.Prefix.Contains(a) {
			n++
		}
	}
	for _, p := range s.Network.Ports {
		if p.Absent {
			continue
		}
		for _, f := range p.Fixed {
			if f.SubnetID == s.ID && (!inPools || s.Contains(f.Addr)) {
				n++
			}
		}
	}
	return n
}

// ComparePorts compares two ports by their ids.
func ComparePorts(a, b *Port) int { return bytes.Compare(a.ID[:], b.ID[:]) }

// ComparePortID compares the id of a port with an id.
func ComparePortID(p *Port, id UUID) int { return bytes.Compare(p.ID[:], id[:]) }

// ProjectID returns the id of a project, "" of none.
func ProjectID(p *Project) string {
	if p == nil {
		return ""
	}
	return p.ID
}
