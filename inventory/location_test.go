package inventory

import (
	"fmt"
	"net/netip"
	"testing"

	"cloudip_exporter/test/check"
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
		check.Equal(t, fmt.Sprintf("%s, subnet %s: called", tt.provider, tt.subnet), tt.want, SubnetIDOf(known, tt.provider)(port, fixed(tt.subnet)).String())
	}
}
