package inventory

import (
	"iter"
	"net/netip"

	"cloudip_exporter/provider"
)

// Unaccounted is how many used addresses of a subnet no listing shows.
type Unaccounted struct {
	Subnet    *Subnet
	Addresses float64
}

// Unaccounted goes over the subnets of which it is known: the cloud counts what is used,
// every port can be seen, and each listing is complete and of the last collection.
func (s *Snapshot) Unaccounted() iter.Seq[Unaccounted] {
	return func(yield func(Unaccounted) bool) {
		subnets := Of[SubnetData](s).Subnets
		listed := s.listed(subnets)
		for i := range listed {
			n := &subnets[i]
			known := n.Usage.Source == FromAvailability && !n.PortsHidden && !n.PortsNarrowed
			if known && !yield(Unaccounted{n, max(0, n.Usage.Used-float64(listed[i].n))}) {
				return
			}
		}
	}
}

// whole reports whether a collector, where it is enabled, listed everything just now.
func (s *Snapshot) whole(collector string) bool {
	st := s.State(collector)
	return st == nil || st.Success && st.Part != nil && st.Part.Missing.N == 0
}

// listed returns the distinct addresses of each subnet on ports, sub-interfaces and
// private IPs; nothing where one of these is not known.
func (s *Snapshot) listed(subnets []Subnet) []addressSet {
	ports := Of[PortData](s)
	st, cut := s.State("ports"), s.State("subnets")
	if ports.Ports == nil || ports.Ports.OwnersUnknown || st.Part.Without[provider.SubInterfaces] != nil ||
		cut == nil || !cut.Success || !s.whole("ports") || !s.whole("private_ips") {
		return nil
	}
	sets := make([]addressSet, len(subnets))
	for i := range subnets {
		sets[i].prefix = subnets[i].Prefix
	}
	joins := newPortJoins(ports.Ports, newJoiner(subnets, s.Provider))
	leaveOut, words := provider.Named(s.Provider).ReservesAddresses, ports.Ports.Len()
	for at, a := range joins.addresses(nil, func(owner string) bool { return leaveOut && ofPlatform(HolderOf(owner)) }) {
		sets[at].add(a.Addr, &words)
	}
	add := func(subnet ID, a netip.Addr) {
		if at := joins.byNetwork(ID{}, subnet, a.Is4()); at >= 0 {
			sets[at].add(a, &words)
		}
	}
	for p := range ports.SubInterfaces.Ports() {
		add(p.NetworkID, p.Fixed[0].Addr)
	}
	for ip := range Of[PrivateIPData](s).IPs.All() {
		if !ofPlatform(ip.Holder()) {
			add(ip.SubnetID, ip.Addr)
		}
	}
	return sets
}

// ofPlatform reports whether a platform that keeps addresses for itself does not count
// those of the class as used.
func ofPlatform(h Holder) bool { return h == HolderGateway || h == HolderDHCP }

// addressSet is a set of addresses, mostly of one prefix. It costs a bit for each
// address of an IPv4 prefix that is not too large.
type addressSet struct {
	prefix netip.Prefix
	bits   bitset
	others map[[16]byte]struct{} // smaller than netip.Addr, and without pointers
	n      int
}

// add adds an address. left is how many words of bits all sets together may still
// take, so that many large prefixes with few addresses cost little.
func (s *addressSet) add(a netip.Addr, left *int) {
	size, in := 0, a.Is4() && s.prefix.Contains(a)
	if in {
		size = 1 << (32 - s.prefix.Bits())
	}
	if words := (size + 63) / 64; in && s.bits == nil && words <= *left {
		s.bits = newBitset(size)
		*left -= words
	}
	if !in || s.bits == nil {
		if s.others == nil {
			s.others = make(map[[16]byte]struct{})
		}
		if _, has := s.others[a.As16()]; !has {
			s.others[a.As16()] = struct{}{}
			s.n++
		}
		return
	}
	number, _ := number4(a)
	if at := int(number) & (size - 1); !s.bits.has(at) {
		s.bits.set(at)
		s.n++
	}
}
