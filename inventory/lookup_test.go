package inventory

import (
	"net/netip"
	"testing"

	"cloudip_exporter/inventory/space"
	"cloudip_exporter/test/check"
)

// A result keeps the subnets of its address, not room for all of the prefix.
func TestLookupInKeepsNoMoreThanItFinds(t *testing.T) {
	subnets := estate()
	for i := range 1000 {
		subnets = append(subnets, Subnet{ID: uuid(9, i), NetworkID: uuid(9, i), Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(100 + i/250), byte(i % 250), 0}), 24)})
	}
	snap := known("otc", SubnetData{Subnets: subnets}, PortData{Ports: frozen(port("p", "n1", "vm", "compute:a", "ACTIVE", "s4", "10.0.0.5"))})
	for _, f := range snap.LookupIn(netip.MustParsePrefix("10.0.0.0/8")) {
		if cap(f.Subnets) > 4 {
			t.Errorf("%s keeps %d subnets, and room for %d", f.Addr, len(f.Subnets), cap(f.Subnets))
		}
	}
}

func TestLookupAllocatesForTheSubInterfacesFoundAlone(t *testing.T) {
	var all []SubInterface
	for i := range 3000 {
		all = append(all, SubInterface{uuid(1, i), ParseID("n1"), ParseID("vm"), []netip.Addr{space.Addr4(uint32(10<<24 + i))}})
	}
	snap := known("otc", SubnetData{Subnets: estate()}, PortData{Ports: frozen(), SubInterfaces: NewSubInterfaces(all)})
	for i, want := range map[uint32]int{0: 1, 2999: 1, 3000: 0} {
		check.Equal(t, "ports of a sub-interface", want, len(snap.Lookup(space.Addr4(10<<24+i)).Ports))
	}
	if n := testing.AllocsPerRun(5, func() { snap.Lookup(space.Addr4(10<<24 + 7)) }); n > 300 {
		t.Errorf("one lookup among %d sub-interfaces allocates %v times", len(all), n)
	}
}
