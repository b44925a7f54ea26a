package inventory

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

func prefixList(texts string) (all []netip.Prefix) {
	for _, text := range strings.Fields(texts) {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func TestAreas(t *testing.T) {
	vpc, pool := VPC{ID: ParseID("v"), CIDR: "10.0.0.0/22"}, SubnetPool{ID: ParseID("p"), IPVersion: "6", Prefixes: prefixList("2001:db8::/62")}
	var subnets []Subnet
	for _, prefix := range prefixList("10.0.0.0/24 10.0.2.64/26 2001:db8::/64 192.0.2.0/24") {
		subnets = append(subnets, Subnet{VPCID: vpc.ID, Prefix: prefix})
	}
	subnets = append(subnets, Subnet{PoolID: pool.ID, Prefix: netip.MustParsePrefix("2001:db8:0:1::/64")})
	extended := vpc
	extended.Prefixes = prefixList("10.0.0.0/22 10.0.4.0/22 10.9.0.0/30")
	for _, tt := range []struct {
		name string
		data SubnetData
		want string // of each area: measured or not, addresses, unallocated, largest, free
	}{
		{"by v1 alone", SubnetData{VPCs: []VPC{vpc}}, "false 1024 704 10.0.1.0/24 [10.0.1.0/24 10.0.2.0/26 10.0.2.128/25 10.0.3.0/24]"},
		{"with secondary CIDRs, which no block spans", SubnetData{VPCs: []VPC{extended}},
			"true 2052 1732 10.0.4.0/22 [10.0.1.0/24 10.0.2.0/26 10.0.2.128/25 10.0.3.0/24 10.0.4.0/22 10.9.0.0/30]"},
		{"not all subnets could be read", SubnetData{VPCs: []VPC{extended}, Hidden: true}, "false 2052 0 invalid Prefix []"},
		{"of another project", SubnetData{VPCs: []VPC{{ID: vpc.ID, CIDR: vpc.CIDR, Hidden: true}}}, "false 1024 0 invalid Prefix []"},
		{"without a CIDR", SubnetData{VPCs: []VPC{{ID: vpc.ID}}}, "false 0 0 invalid Prefix []"},
		{"a subnet pool", SubnetData{Pools: []SubnetPool{pool}},
			"true 7.378697629483821e+19 5.5340232221128655e+19 2001:db8:0:2::/63 [2001:db8::/64 2001:db8:0:2::/63]"},
		{"a subnet pool of which others may have subnets", SubnetData{Pools: []SubnetPool{{ID: pool.ID, IPVersion: "6", Prefixes: pool.Prefixes, Hidden: true}}},
			"false 7.378697629483821e+19 0 invalid Prefix []"},
		{"a subnet pool without prefixes", SubnetData{Pools: []SubnetPool{{ID: ParseID("empty"), IPVersion: "4"}}}, "true 0 0 invalid Prefix []"},
	} {
		tt.data.Subnets = subnets
		a := known("", tt.data).Areas()[0]
		check.Equal(t, tt.name, tt.want, fmt.Sprint(a.Whole, a.Addresses(), a.Unallocated(), a.LargestFree(), a.Free))
	}
}

func TestTheTightestBlockHoldsTheLength(t *testing.T) {
	a := Area{Free: prefixList("10.0.0.0/24 10.0.2.0/25 10.0.3.0/25 10.0.4.0/26")}
	for length, want := range map[int]string{23: "[] -1", 24: "[10.0.0.0/24] 0", 25: "[10.0.0.0/24 10.0.2.0/25 10.0.3.0/25] 1", 28: "[10.0.0.0/24 10.0.2.0/25 10.0.3.0/25 10.0.4.0/26] 3", 64: "[] -1"} {
		if blocks, tightest := a.Fitting(length); fmt.Sprint(blocks, tightest) != want {
			t.Errorf("/%d: %v %d, want %s", length, blocks, tightest, want)
		}
	}
}
