package inventory

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"cloudip_exporter/test/check"
)

func aPrivateIP(n int) PrivateIP {
	ip := PrivateIP{
		ID: ParseID(fmt.Sprintf("7a10c0de-0006-4000-8000-%012d", n)), SubnetID: ParseID(fmt.Sprintf("subnet-%d", n%3)),
		Status: []string{"ACTIVE", "DOWN"}[n%2], Owner: []string{"", "compute:az1", "network:dhcp"}[n%3],
		Addr: netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}),
	}
	switch n % 7 {
	case 5:
		ip.Addr = netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", n))
	case 6:
		ip.Addr = netip.Addr{}
	}
	return ip
}

func somePrivateIPs(n int) (all []PrivateIP) {
	for i := range n {
		all = append(all, aPrivateIP(i))
	}
	return all
}

func TestPrivateIPsComeOutAsTheyWentInInOrder(t *testing.T) {
	want := somePrivateIPs(100)
	var last *PrivateIPs
	for range 3 { // the first by itself, the others on top of it
		list := NewPrivateIPs(last)
		for _, ip := range slices.Backward(want) {
			list.Append(PrivateIP{ID: ip.ID, Addr: netip.MustParseAddr("192.0.2.1")}) // the last of an id stays
			list.Append(ip)
		}
		list.Freeze()
		check.Equal(t, "private IPs", want, slices.Collect(list.All()), comparePorts)
		check.Equal(t, "how many", len(want), list.Len())
		last = list
	}
}

func TestAPrivateIPIsFoundByItsAddress(t *testing.T) {
	list := privateIPs(somePrivateIPs(100)...)
	for _, n := range []int{0, 4, 5, 99} {
		want := aPrivateIP(n)
		at := netip.PrefixFrom(want.Addr, want.Addr.BitLen())
		check.Equal(t, at.String(), []PrivateIP{want}, slices.Collect(list.Within(at)), comparePorts)
	}
	var none *PrivateIPs
	for _, list := range []*PrivateIPs{list, none} {
		check.Equal(t, "of an address that none has", 0, len(slices.Collect(list.Within(netip.MustParsePrefix("192.0.2.1/32")))))
	}
	check.Equal(t, "of no list", 0, none.Len()+len(slices.Collect(none.All())))
}
