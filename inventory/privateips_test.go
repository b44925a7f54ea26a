package inventory

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
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

func privateIPTexts(ips []PrivateIP) []string {
	var texts []string
	for _, ip := range ips {
		texts = append(texts, fmt.Sprint(ip))
	}
	return texts
}

func TestPrivateIPsComeOutAsTheyWentInInOrder(t *testing.T) {
	var want []PrivateIP
	for n := range 100 {
		want = append(want, aPrivateIP(n))
	}
	var last *PrivateIPs
	for range 3 { // the first by itself, the others on top of it
		list := NewPrivateIPs(last)
		for i := len(want) - 1; i >= 0; i-- {
			list.Append(PrivateIP{ID: want[i].ID, Addr: netip.MustParseAddr("192.0.2.1")}) // the last of an id stays
			list.Append(want[i])
		}
		list.Freeze()
		if diff := cmp.Diff(privateIPTexts(want), privateIPTexts(slices.Collect(list.All()))); diff != "" || list.Len() != len(want) {
			t.Fatalf("%d private IPs (-want +got):\n%s", list.Len(), diff)
		}
		last = list
	}
}

func TestAPrivateIPIsFoundByItsAddress(t *testing.T) {
	var ips []PrivateIP
	for n := range 100 {
		ips = append(ips, aPrivateIP(n))
	}
	list := privateIPs(ips...)
	for _, n := range []int{0, 4, 5, 99} {
		want := aPrivateIP(n)
		if got := slices.Collect(list.Within(netip.PrefixFrom(want.Addr, want.Addr.BitLen()))); len(got) != 1 || got[0] != want {
			t.Errorf("%v has %v, want %v", want.Addr, got, want)
		}
	}
	if got := slices.Collect(list.Within(netip.MustParsePrefix("192.0.2.1/32"))); len(got) > 0 {
		t.Errorf("192.0.2.1 has %v", got)
	}
}

func TestNoListHasNoPrivateIPs(t *testing.T) {
	var none *PrivateIPs
	if none.Len() != 0 || len(slices.Collect(none.All())) != 0 || len(slices.Collect(none.Within(netip.MustParsePrefix("10.0.0.1/32")))) != 0 {
		t.Error("a nil list has something")
	}
}
