package rows

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

func areasOf(provider, cloud string, data inventory.SubnetData) *inventory.Snapshot {
	return &inventory.Snapshot{Cloud: cloud, Project: "p", Provider: provider, States: []inventory.State{{Collector: "subnets", Part: &inventory.Part{Data: data}}}}
}

func vpcOf(id, cidr string, more ...string) inventory.VPC {
	v := inventory.VPC{ID: inventory.ParseID(id), Name: "name-" + id, CIDR: cidr}
	for _, text := range more {
		v.Prefixes = append(v.Prefixes, netip.MustParsePrefix(text))
	}
	return v
}

func subnetOf(id, vpc, cidr string) inventory.Subnet {
	return inventory.Subnet{ID: inventory.ParseID(id), VPCID: inventory.ParseID(vpc), Prefix: netip.MustParsePrefix(cidr)}
}

// shownRows has the values of some keys of each row.
func shownRows(l Listing, all []Row, keys ...string) string {
	var lines []string
	for _, row := range all {
		var values []string
		for _, key := range keys {
			values = append(values, ValueText(row[l.Key(key)]))
		}
		lines = append(lines, strings.Join(values, " "))
	}
	return strings.Join(lines, "\n")
}

func TestVPCsAndFreePrefixesAsRows(t *testing.T) {
	pool := inventory.ParseID("pool")
	snap := areasOf("otc", "c", inventory.SubnetData{
		VPCs:    []inventory.VPC{vpcOf("v1", "10.0.0.0/22", "10.0.0.0/22", "10.9.0.0/25"), vpcOf("v2", "10.1.0.0/24")},
		Pools:   []inventory.SubnetPool{{ID: pool, Name: "six", IPVersion: "6", Prefixes: []netip.Prefix{netip.MustParsePrefix("2001:db8::/62")}}},
		Subnets: []inventory.Subnet{subnetOf("a", "v1", "10.0.0.0/24"), subnetOf("b", "v1", "10.0.2.0/25"), subnetOf("c", "v2", "10.1.0.0/25")},
	})
	vpcs := ListingNamed("vpcs")
	want := "v1 10.0.0.0/22 10.9.0.0/25 2 1152 768 10.0.1.0/24\nv2 10.1.0.0/24  1   "
	check.Equal(t, "vpcs:", want, shownRows(vpcs, slices.Collect(vpcs.Rows(snap)), "vpc_id", "cidr", "secondary_cidrs", "subnets", "addresses", "unallocated", "largest_free_block"))
	for length, want := range map[int]string{
		0: `v1  10.0.1.0/24 256 false
v1  10.0.2.128/25 128 false
v1  10.0.3.0/24 256 false
v1  10.9.0.0/25 128 false
v2  10.1.0.128/25 128 false
 pool 2001:db8::/62 73786976294838210000 false`,
		24: "v1  10.0.1.0/24 256 true\nv1  10.0.3.0/24 256 false",
		25: "v1  10.0.1.0/24 256 false\nv1  10.0.2.128/25 128 true\nv1  10.0.3.0/24 256 false\nv1  10.9.0.0/25 128 false\nv2  10.1.0.128/25 128 true",
		23: "", 64: " pool 2001:db8::/62 73786976294838210000 true",
	} {
		free := FreePrefixes(length)
		got := shownRows(free, slices.Collect(free.Rows(snap)), "vpc_id", "subnet_pool_id", "prefix", "addresses", "tightest")
		if length == 64 {
			got = got[strings.LastIndex(got, "\n")+1:]
		}
		check.Equal(t, fmt.Sprintf("free prefixes of /%d:", length), want, got)
	}
}

func TestOverlaps(t *testing.T) {
	one := areasOf("otc", "one", inventory.SubnetData{
		VPCs:    []inventory.VPC{vpcOf("v1", "10.0.0.0/16", "10.0.0.0/16", "10.8.0.0/16"), vpcOf("v2", "10.2.0.0/16")},
		Subnets: []inventory.Subnet{subnetOf("a", "v1", "10.0.0.0/24"), subnetOf("b", "v1", "10.8.1.0/24"), subnetOf("c", "v2", "2001:db8::/64")},
	})
	two := areasOf("otc", "two", inventory.SubnetData{
		VPCs:    []inventory.VPC{vpcOf("v3", "10.8.0.0/17")},
		Subnets: []inventory.Subnet{subnetOf("d", "v3", "10.8.1.0/24"), subnetOf("c", "v2", "2001:db8::/64")}, // one that another shares
	})
	like := areasOf("openstack", "like", inventory.SubnetData{Subnets: []inventory.Subnet{subnetOf("a", "", "10.0.0.0/25")}})
	l := OverlapListing()
	for given, want := range map[string]string{
		"": `v1  10.0.0.0/16  a 10.0.0.0/25
v1 a 10.0.0.0/24  a 10.0.0.0/25
v1  10.8.0.0/16 v3  10.8.0.0/17
v3  10.8.0.0/17 v1 b 10.8.1.0/24
v1  10.8.0.0/16 v3 d 10.8.1.0/24
v1 b 10.8.1.0/24 v3 d 10.8.1.0/24`,
		"10.0.0.128/25":              "  10.0.0.128/25 v1  10.0.0.0/16\n  10.0.0.128/25 v1 a 10.0.0.0/24",
		"10.8.1.0/24":                "  10.8.1.0/24 v1  10.8.0.0/16\n  10.8.1.0/24 v3  10.8.0.0/17\n  10.8.1.0/24 v1 b 10.8.1.0/24\n  10.8.1.0/24 v3 d 10.8.1.0/24",
		"2001:db8::/32 10.2.3.0/24":  "  10.2.3.0/24 v2  10.2.0.0/16\n  2001:db8::/32 v2 c 2001:db8::/64",
		"192.0.2.0/24 192.0.2.16/28": "",
	} {
		var cidrs []netip.Prefix
		for _, text := range strings.Fields(given) {
			cidrs = append(cidrs, netip.MustParsePrefix(text))
		}
		all := slices.Collect(check.Get(Overlaps([]*inventory.Snapshot{one, two, like}, cidrs))(t))
		check.Equal(t, fmt.Sprintf("overlaps of %q", given), want, shownRows(l, all, "vpc_id", "subnet_id", "cidr", "other_vpc_id", "other_subnet_id", "other_cidr"))
	}
}

// TestOverlapsAgreeWithEveryPair compares random targets with a look at each pair.
func TestOverlapsAgreeWithEveryPair(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	for range 300 {
		var data inventory.SubnetData
		want := 0
		for i := range random.IntN(30) {
			p := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(random.IntN(256))}), 24+random.IntN(9)).Masked()
			for _, other := range data.Subnets {
				if other.Prefix.Overlaps(p) {
					want++
				}
			}
			data.Subnets = append(data.Subnets, inventory.Subnet{ID: inventory.ParseID(fmt.Sprint("s", i)), Prefix: p})
		}
		all := slices.Collect(check.Get(Overlaps([]*inventory.Snapshot{areasOf("openstack", "c", data)}, nil))(t))
		check.Equal(t, fmt.Sprint("overlaps of ", data.Subnets), want, len(all))
	}
}

// A cloud may show ten thousand subnets of one prefix, which are fifty million pairs.
func TestTooManyOverlapsAreAnErrorInLittleTime(t *testing.T) {
	var data inventory.SubnetData
	for i := range 10_000 {
		data.Subnets = append(data.Subnets, inventory.Subnet{ID: inventory.ParseID(fmt.Sprint("s", i)), Prefix: netip.MustParsePrefix("192.168.0.0/24")})
	}
	snaps, begun := []*inventory.Snapshot{areasOf("openstack", "c", data)}, time.Now()
	if all, err := Overlaps(snaps, nil); err == nil || all != nil {
		t.Error("they are no error")
	}
	asked := netip.MustParsePrefix("192.168.0.0/16")
	check.Equal(t, "with a CIDR that is given twice", 10_000, len(slices.Collect(check.Get(Overlaps(snaps, []netip.Prefix{asked, asked}))(t))))
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestTagsThatHaveOneLabelAreOneKey(t *testing.T) {
	var snaps []*inventory.Snapshot
	for _, tag := range []string{"a.b", "a_b"} {
		snaps = append(snaps, areasOf("openstack", tag, inventory.SubnetData{Tags: []string{tag}, Subnets: []inventory.Subnet{subnetOf("s", "", "10.0.0.0/24")}}))
	}
	check.Equal(t, "tags", 1, len(Tags(snaps)))
}
