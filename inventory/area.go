package inventory

import (
	"cmp"
	"net/netip"
	"slices"

	"cloudip_exporter/inventory/space"
)

// Area is address space of one family that subnets are cut from: a VPC of Huawei Cloud
// or OTC (IPv4), or a subnet pool of OpenStack.
type Area struct {
	ID        ID
	Name      string
	IPVersion string
	VPC       *VPC // nil: a subnet pool
	Prefixes  []netip.Prefix
	Subnets   []*Subnet
	Free      []netip.Prefix // the largest aligned blocks in no subnet, by address; nothing where Hidden
	Hidden    bool           // not all subnets can be seen, so nobody knows what is free
	Whole     bool           // all its prefixes and subnets are known, so it can be measured
}

// Areas are the VPCs of the snapshot, then its subnet pools. They are worked out once.
func (s *Snapshot) Areas() []Area {
	s.measure.Do(func() {
		data := Of[SubnetData](s)
		type owner struct {
			id      ID
			version string
		}
		subnets := make(map[owner][]*Subnet)
		for i := range data.Subnets {
			n := &data.Subnets[i]
			of := owner{cmp.Or(n.VPCID, n.PoolID), n.IPVersion()}
			subnets[of] = append(subnets[of], n)
		}
		for i := range data.VPCs {
			v := &data.VPCs[i]
			a := Area{VPC: v, ID: v.ID, Name: v.Name, IPVersion: "4", Prefixes: v.Prefixes, Hidden: data.Hidden || v.Hidden, Whole: len(v.Prefixes) > 0}
			if p, err := netip.ParsePrefix(v.CIDR); err == nil && !a.Whole {
				a.Prefixes = []netip.Prefix{p.Masked()}
			}
			s.areas = append(s.areas, a)
		}
		for _, p := range data.Pools {
			s.areas = append(s.areas, Area{ID: p.ID, Name: p.Name, IPVersion: p.IPVersion, Prefixes: p.Prefixes, Hidden: data.Hidden || p.Hidden, Whole: true})
		}
		for i := range s.areas {
			a := &s.areas[i]
			a.Subnets = subnets[owner{a.ID, a.IPVersion}]
			if a.Whole = a.Whole && !a.Hidden; !a.Hidden {
				a.Free = space.Free(a.Prefixes, prefixesOf(a.Subnets))
			}
		}
	})
	return s.areas
}

func prefixesOf(subnets []*Subnet) []netip.Prefix {
	all := make([]netip.Prefix, len(subnets))
	for i, n := range subnets {
		all[i] = n.Prefix
	}
	return all
}

// Addresses is the number of addresses of the area.
func (a *Area) Addresses() float64 { return space.Sum(space.Distinct(a.Prefixes)) }

// Unallocated is the number of addresses in no subnet.
func (a *Area) Unallocated() float64 { return space.Sum(a.Free) }

// LargestFree is the first of the largest free blocks, the zero prefix where there is
// none.
func (a *Area) LargestFree() netip.Prefix {
	if len(a.Free) == 0 {
		return netip.Prefix{}
	}
	return slices.MinFunc(a.Free, func(a, b netip.Prefix) int { return cmp.Compare(a.Bits(), b.Bits()) })
}

// Fitting are the free blocks that hold a prefix of the length, by address, with the
// index of the tightest of them, the first of several; -1 where there is none.
func (a *Area) Fitting(length int) (blocks []netip.Prefix, tightest int) {
	tightest = -1
	for _, p := range a.Free {
		if p.Bits() > length || length > p.Addr().BitLen() {
			continue
		}
		if tightest < 0 || p.Bits() > blocks[tightest].Bits() {
			tightest = len(blocks)
		}
		blocks = append(blocks, p)
	}
	return blocks, tightest
}
