package inventory

import (
	"net/netip"
	"testing"
)

func TestASubnetThatNoListingShowsIsCalledAsTheConsoleWould(t *testing.T) {
	known := []Subnet{{ID: ParseID("console"), NeutronID: ParseID("neutron"), NetworkID: ParseID("console"), Prefix: netip.MustParsePrefix("10.0.0.0/24")}}
	port := &Port{NetworkID: ParseID("other-network")}
	fixed := func(subnet string) FixedIP {
		return FixedIP{SubnetID: ParseID(subnet), Addr: netip.MustParseAddr("10.0.0.9")}
	}
	for _, tt := range []struct{ provider, subnet, want string }{
		{"otc", "neutron", "console"},
		{"otc", "unknown", "other-network"},
		{"openstack", "neutron", "console"},
		{"openstack", "unknown", "unknown"},
	} {
		if got := SubnetIDOf(known, tt.provider)(port, fixed(tt.subnet)).String(); got != tt.want {
			t.Errorf("%s, subnet %s: called %s, want %s", tt.provider, tt.subnet, got, tt.want)
		}
	}
}
