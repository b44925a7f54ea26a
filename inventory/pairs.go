package inventory

import (
	"iter"
	"net/netip"
)

// pairRecord is one entry of a port's allowed_address_pairs: addresses that the
// port may use beside its own. It is 40 bytes without pointers.
type pairRecord struct {
	addr       [16]byte
	port       [16]byte // like portRecord.id
	network    uint32   // number in pairNetworks
	bits       uint8    // length of the prefix
	is4        bool
	portIsText bool
	used       bool // the port has a device, an owner or an instance
}

// names reports whether the pair is a single address that a port in use names. A
// prefix says only what its port may use, so it names none.
func (r *pairRecord) names() bool {
	return r.used && (r.bits == 128 || r.is4 && r.bits == 32)
}

// unused reports whether the port itself names nothing that uses it. It is idle
// when moreover no other port names one of its addresses.
func (p *Port) unused() bool { return p.Owner == "" && p.DeviceID.IsZero() && !p.Instance }

func (ps *Ports) addPairs(p *Port) {
	for _, prefix := range p.Pairs {
		r := pairRecord{
			addr: prefix.Addr().As16(), bits: uint8(prefix.Bits()), is4: prefix.Addr().Is4(),
			network: ps.pairNetworks.number(p.NetworkID), used: !p.unused(),
		}
		r.port, r.portIsText = ps.packID(p.ID)
		ps.pairs = append(ps.pairs, r)
	}
}

// takePairs takes the pairs of a list whose ports it has.
func (ps *Ports) takePairs(from *Ports) {
	ps.pairs, ps.pairNetworks = from.pairs, from.pairNetworks
	for i := range ps.pairs {
		if r := &ps.pairs[i]; r.portIsText {
			r.port, _ = ps.packID(from.unpackID(r.port, true))
		}
	}
}

// virtualIP is an address that a pair names, in the network of the pair's port.
type virtualIP struct {
	network uint32 // number in pairNetworks
	addr    [16]byte
}

// virtualIPs are the addresses that ports in use name, each with its port, the zero ID
// for several: a pair never counts for its own port.
type virtualIPs struct {
	addrs    map[virtualIP]ID
	networks map[ID]uint32
}

func (ps *Ports) virtualIPs() virtualIPs {
	v := virtualIPs{make(map[virtualIP]ID), make(map[ID]uint32)}
	if ps == nil {
		return v
	}
	for i := range ps.pairs {
		if r := &ps.pairs[i]; r.names() {
			at, by := virtualIP{r.network, r.addr}, ps.unpackID(r.port, r.portIsText)
			if first, taken := v.addrs[at]; taken && first != by {
				by = ID{}
			}
			v.addrs[at] = by
		}
	}
	for i, id := range ps.pairNetworks.values {
		v.networks[id] = uint32(i)
	}
	return v
}

// have reports whether another port in the network of p names an address of p.
func (v virtualIPs) have(p *Port) bool {
	network, ok := v.networks[p.NetworkID]
	if !ok {
		return false
	}
	for _, f := range p.Fixed {
		if by, named := v.addrs[virtualIP{network, f.Addr.As16()}]; named && by != p.ID {
			return true
		}
	}
	return false
}

// Naming goes over the addresses in a prefix that ports in use name in their
// allowed_address_pairs, each with its port.
func (ps *Ports) Naming(prefix netip.Prefix) iter.Seq2[netip.Addr, Port] {
	return func(yield func(netip.Addr, Port) bool) {
		if ps == nil {
			return
		}
		for i := range ps.pairs {
			r := &ps.pairs[i]
			addr := netip.AddrFrom16(r.addr).Unmap()
			if !r.names() || !prefix.Contains(addr) {
				continue
			}
			p, ok := ps.ByID(ps.unpackID(r.port, r.portIsText))
			if ok && !yield(addr, p) {
				return
			}
		}
	}
}
