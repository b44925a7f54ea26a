package cloudapi

import (
	"fmt"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
)

// The first is the answer of the vendor's page, with another project.
func TestAVPCHasAllItsCIDRsOrNone(t *testing.T) {
	prefixes := func(s *page.Scanner, all []inventory.VPCPrefixes) []inventory.VPCPrefixes {
		return append(all, readVPCPrefixes(s, aProject))
	}
	for body, want := range map[string]string{
		`{"id":"99d9d709-8478-4b46-9f3f-2206b1023fd3","name":"vpc","description":"","cidr":"192.168.0.0/16","extend_cidrs":["10.10.0.0/20"],"status":"OK",
			"project_id":"` + aProject + `","enterprise_project_id":"0","created_at":"2022-07-04T07:39:11","updated_at":"2022-07-04T07:39:11",
			"cloud_resources":[{"resource_type":"routetable","resource_count":1}],"tags":[]}`: "99d9d709-8478-4b46-9f3f-2206b1023fd3 [192.168.0.0/16 10.10.0.0/20]",
		`{"id":"v","cidr":"","extend_cidrs":null}`:                                                                          "v []",
		`{"id":"v","cidr":"10.0.0.7/8","extend_cidrs":["2001:db8::/32",""]}`:                                                "v [10.0.0.0/8]",
		`{"id":"v","cidr":"10.0.0.0/8","extend_cidrs":["10.0.0.0/8","10.0.0.256/24"]}`:                                      "v []",
		`{"id":"v","cidr":7,"extend_cidrs":["11.0.0.0/8"]}`:                                                                 "v []",
		`{"id":"v","cidr":"10.0.0.0/8","extend_cidrs":{"a":1}}`:                                                             "v []",
		`{"id":"v","cidr":"10.0.0.0/8","project_id":"somebody-else"}`:                                                       "v []",
		`{"id":"v","cidr":"10.0.0.0/8","extend_cidrs":[` + strings.Repeat(`"10.0.0.0/8",`, mostPrefixes) + `"11.0.0.0/8"]}`: "v []",
		`{"cidr":"10.0.0.0/8"}`: "left out",
	} {
		if got := shown(t, prefixes, body, func(v inventory.VPCPrefixes) string { return fmt.Sprint(v.VPCID, " ", v.Prefixes) }); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

func TestASubnetPoolThatCannotBeReadIsLeftOut(t *testing.T) {
	pools := func(s *page.Scanner, all []inventory.SubnetPool) []inventory.SubnetPool {
		pool, _ := readSubnetPool(s)
		return append(all, pool)
	}
	for _, body := range []string{`{"id":"p"}`, `{"ip_version":4}`, `{"id":"p","prefixes":["10.0.0.0/33"]}`, `{"id":"p","ip_version":4,"prefixes":"10.0.0.0/8"}`,
		`{"id":"p","prefixes":[` + strings.Repeat(`"10.0.0.0/8",`, mostPrefixes) + `"11.0.0.0/8"]}`} {
		if got := shown(t, pools, body, func(inventory.SubnetPool) string { return "read" }); got != "left out" {
			t.Errorf("%s: %s, want it left out", body, got)
		}
	}
}
