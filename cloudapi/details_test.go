package cloudapi

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

// shown reads one item of a listing and returns what came of it, as a text.
func shown[T any](t *testing.T, item func(*page.Scanner, []T) []T, body string, show func(T) string) string {
	t.Helper()
	p := check.Get(readPage(t, page.Listing[T]{Kind: "item", Key: "items", Item: item, Rule: page.OnePage()}, `{"items":[`+body+`]}`))(t)
	var all []string
	for _, v := range p.items {
		all = append(all, show(v))
	}
	if len(p.faults) > 0 {
		all = append(all, "left out")
	}
	return strings.Join(all, " ")
}

func TestADetailThatCannotBeReadCostsTheDetail(t *testing.T) {
	port := func(body string) string {
		return shown(t, new(portReader).read, `{"id":"p",`+body+`}`, func(p inventory.Port) string {
			return fmt.Sprintln(p.ID, p.DeviceID, p.Owner, p.Status, len(p.Fixed), p.Owner == "" && p.DeviceID.IsZero())
		})
	}
	subnet := func(body string) string {
		return shown(t, readNeutronSubnet(nil), `{"id":"n",`+body+`}`, func(n inventory.Subnet) string {
			return fmt.Sprintln(n.Name, n.Prefix, n.Gateway, len(n.Pools))
		})
	}
	chooses := func(modes string) string {
		return shown(t, readNeutronSubnet(nil), `{"id":"s","network_id":"n","cidr":"fd00::/64",`+cmp.Or(modes, `"x":0`)+`}`, func(n inventory.Subnet) string { return fmt.Sprint(n.ChoosesAddresses) })
	}
	vpcSubnet := func(body string) string {
		return shown(t, readVPCSubnet, `{"id":"n",`+body+`}`, func(n inventory.Subnet) string {
			return fmt.Sprintln(n.Prefix, n.Gateway, n.NetworkID, n.Available != nil)
		})
	}
	server := func(body string) string {
		return shown(t, readServer, `{"id":"s",`+body+`}`, func(s inventory.Server) string {
			return fmt.Sprintln(s.Name, s.Flavor, s.Zone, s.BareMetal, len(s.Addresses))
		})
	}
	group := func(body string) string {
		return shown(t, readAddressGroup, `{"id":"g",`+body+`}`, func(g inventory.AddressGroup) string {
			return fmt.Sprintln(g.Name, g.Version, g.Max != nil, g.Updated.Year(), len(g.Entries))
		})
	}
	ip := func(body string) string {
		return shown(t, readPrivateIP, `{"id":"i",`+body+`}`, func(ip inventory.PrivateIP) string { return fmt.Sprintln(ip.Addr, ip.Status, ip.Owner) })
	}
	figures := func(body string) string {
		return shown(t, readAvailability, `{"network_id":"w",`+body+`}`, func(a inventory.Availability) string {
			text := fmt.Sprintln(a.NeutronSubnetID, a.Total, a.Used)
			if a.Left != nil {
				text = fmt.Sprintln(a.NeutronSubnetID, a.Total, a.Used, *a.Left)
			}
			return text
		})
	}
	details := func(text string) string {
		return figures(`"subnet_ip_availability":[{"subnet_id":"s","total_ips":9,"used_ips":8,"ip_availability_details":` + text + `}]`)
	}
	for _, test := range []struct{ name, got, want string }{
		{"a device of digits", port(`"device_id":4711`), "p 4711 0 false"},
		{"a device that is an object", port(`"device_id":{"id":"x"}`), "p unreadable 0 false"},
		{"an owner that is a list", port(`"device_owner":[null]`), "p unreadable 0 false"},
		{"null for a device", port(`"device_id":null,"device_owner":null,"status":null,"fixed_ips":null`), "p  0 true"},
		{"a pair that is a text", port(`"allowed_address_pairs":"10.0.0.1"`), "p  0 true"},
		{"a pair that is a number", port(`"allowed_address_pairs":[{"ip_address":5},7,null]`), "p  0 true"},
		{"a status that is true", port(`"status":true,"network_id":{}`), "p  0 true"},
		{"an address that is a number", port(`"fixed_ips":[{"ip_address":5}]`), "left out"},
		{"addresses that are a text", port(`"fixed_ips":"10.0.0.1"`), "left out"},

		{"a gateway with a prefix", subnet(`"cidr":"10.0.0.0/24","gateway_ip":"10.0.0.1/24"`), "10.0.0.0/24 invalid IP 0"},
		{"a gateway that is a list", subnet(`"cidr":"10.0.0.0/24","gateway_ip":["10.0.0.1"]`), "10.0.0.0/24 invalid IP 0"},
		{"a name of digits", subnet(`"name":12,"cidr":"10.0.0.0/24"`), "12 10.0.0.0/24 invalid IP 0"},
		{"a pool without end", subnet(`"cidr":"10.0.0.0/24","allocation_pools":[{"start":"10.0.0.2","end":"10.0.0.9"},{"start":"10.0.0.20"}]`), "10.0.0.0/24 invalid IP 0"},
		{"pools that are a text", subnet(`"cidr":"10.0.0.0/24","allocation_pools":"10.0.0.2-9"`), "10.0.0.0/24 invalid IP 0"},
		{"a cidr that is none", subnet(`"cidr":"10.0.0.0"`), "left out"},
		{"no cidr", subnet(`"cidr":null`), "left out"},

		{"no modes", chooses(``), "false"},
		{"null for modes", chooses(`"ipv6_ra_mode":null,"ipv6_address_mode":null`), "false"},
		{"SLAAC", chooses(`"ipv6_ra_mode":"slaac","ipv6_address_mode":"slaac"`), "true"},
		{"stateless DHCP", chooses(`"ipv6_ra_mode":"dhcpv6-stateless","ipv6_address_mode":"dhcpv6-stateless"`), "true"},
		{"a router that is not Neutron's", chooses(`"ipv6_ra_mode":null,"ipv6_address_mode":"slaac"`), "true"},
		{"addresses by another", chooses(`"ipv6_ra_mode":"slaac","ipv6_address_mode":null`), "true"},
		{"stateful DHCP", chooses(`"ipv6_ra_mode":"dhcpv6-stateful","ipv6_address_mode":"dhcpv6-stateful"`), "false"},
		{"one mode that cannot be read", chooses(`"ipv6_ra_mode":"slaac","ipv6_address_mode":7`), "true"},
		{"modes that cannot be read", chooses(`"ipv6_ra_mode":{"mode":"slaac"},"ipv6_address_mode":["slaac"]`), "false"},

		{"what is left in the pools", details(`{"total_ips_in_subnet":14,"used_ips_in_subnet":8,"total_ips_in_allocation_pool":9,"used_ips_in_allocation_pool":6}`), "s 9 8 3"},
		{"more used in the pools than they have", details(`{"total_ips_in_allocation_pool":9,"used_ips_in_allocation_pool":10}`), "s 9 8 0"},
		{"null for what is used in the pools", details(`{"total_ips_in_allocation_pool":9,"used_ips_in_allocation_pool":null}`), "s 9 8"},
		{"details that are a list", details(`[]`), "s 9 8"},

		{"an old payload", vpcSubnet(`"cidr":"10.0.0.0/24","neutron_subnet_id":"s"`), "10.0.0.0/24 invalid IP n false"},
		{"an old payload with empty IPv6", vpcSubnet(`"cidr":"10.0.0.0/24","neutron_subnet_id_v6":"","cidr_v6":"","gateway_ip_v6":""`), "10.0.0.0/24 invalid IP n false"},
		{"IPv6 alone", vpcSubnet(`"cidr":"","cidr_v6":"2001:db8::/64"`), "2001:db8::/64 invalid IP n false"},
		{"no cidr of a VPC subnet", vpcSubnet(`"name":"a"`), "left out"},
		{"a cidr of a VPC subnet that is too long", vpcSubnet(`"cidr":"10.0.0.0/33"`), "left out"},
		{"a gateway of a VPC subnet", vpcSubnet(`"cidr":"10.0.0.0/24","gateway_ip":"none","neutron_network_id":7`), "10.0.0.0/24 invalid IP 7 false"},
		{"an IPv6 half", vpcSubnet(`"cidr":"10.0.0.0/24","cidr_v6":"2001:db8::"`), "10.0.0.0/24 invalid IP n false"},
		{"a network that is an object", vpcSubnet(`"cidr":"10.0.0.0/24","neutron_network_id":{"a":1}`), "10.0.0.0/24 invalid IP n false"},
		{"a count that is a word", vpcSubnet(`"cidr":"10.0.0.0/24","available_ip_address_count":"many"`), "10.0.0.0/24 invalid IP n false"},
		{"a count that is a text", vpcSubnet(`"cidr":"10.0.0.0/24","available_ip_address_count":"250"`), "10.0.0.0/24 invalid IP n true"},
		{"a count below 0", vpcSubnet(`"cidr":"10.0.0.0/24","available_ip_address_count":-1`), "10.0.0.0/24 invalid IP n false"},
		{"a count above the cidr", vpcSubnet(`"cidr":"10.0.0.0/24","available_ip_address_count":900`), "10.0.0.0/24 invalid IP n false"},

		{"tags that are an object", server(`"name":"a","tags":{"k":"v"}`), "a  false 0"},
		{"a number among the tags", server(`"tags":[7,null,{},"__type_baremetal"]`), "  true 0"},
		{"a flavor that is a list", server(`"flavor":[1],"OS-EXT-AZ:availability_zone":{}`), "  false 0"},
		{"a flavor of digits", server(`"flavor":{"id":42}`), " 42 false 0"},
		{"a tag for bare metal", server(`"flavor":{"id":"s3.large"},"tags":["a=b","__type_baremetal"]`), " s3.large true 0"},
		{"a flavor for bare metal", server(`"flavor":{"id":"physical.x"},"tags":[]`), " physical.x true 0"},
		{"a flavor by its name", server(`"flavor":{"original_name":"m1.small","vcpus":1}`), " m1.small false 0"},
		{"neither tag nor flavor for bare metal", server(`"flavor":{"id":"x.physical."},"tags":["type_baremetal"]`), " x.physical. false 0"},
		{"an empty flavor", server(`"flavor":""`), "  false 0"},
		{"null for details of a server", server(`"flavor":null,"tags":null,"addresses":{},"image":null`), "  false 0"},
		{"a server's address", server(`"addresses":{"n":[{"addr":true}]}`), "left out"},

		{"a time of the year 9999", group(`"updated_at":"9999-12-31T23:59:59Z"`), " false 9999 0"},
		{"a time that is a number", group(`"updated_at":1700000000`), " false 1 0"},
		{"a capacity that is a text", group(`"max_capacity":"20","ip_version":"6"`), " 6 true 1 0"},
		{"a capacity that is a part", group(`"max_capacity":2.5,"ip_version":5`), " false 1 0"},
		{"a number among the entries", group(`"ip_set":["10.0.0.1",5,{}]`), " false 1 3"},
		{"remarks that are a text", group(`"ip_set":["10.0.0.1"],"ip_extra_set":"x"`), " false 1 1"},
		{"remarks in place of entries", group(`"ip_extra_set":"x"`), "left out"},
		{"entries that are an object", group(`"ip_set":{}`), "left out"},

		{"an owner of digits", ip(`"ip_address":"10.0.0.1","status":1,"device_owner":2`), "10.0.0.1 1 2"},
		{"a private IP without address", ip(`"ip_address":null`), "left out"},

		{"null for a figure", figures(`"subnet_ip_availability":[{"subnet_id":"a","total_ips":9,"used_ips":null},{"subnet_id":"b","total_ips":9,"used_ips":"3"}]`), "b 9 3"},
		{"a word for a figure", figures(`"total_ips":"x","subnet_ip_availability":[{"subnet_id":"a","total_ips":"all","used_ips":1}]`), "left out"},
		{"figures that are a text", figures(`"subnet_ip_availability":"none"`), "left out"},
	} {
		check.Equal(t, test.name, strings.Join(strings.Fields(test.want), " "), strings.Join(strings.Fields(test.got), " "))
	}
}

func TestPairsAndInstancesOfAPort(t *testing.T) {
	for body, want := range map[string]string{
		`"allowed_address_pairs":[{"ip_address":"10.0.0.5","mac_address":"fa:16:3e:00:00:01"},{"ip_address":"2001:db8::5"}]`: "[10.0.0.5/32 2001:db8::5/128] false",
		`"allowed_address_pairs":[{"ip_address":"10.0.0.5/32"},{"ip_address":"10.0.0.7/24"},{"ip_address":"1.1.1.1/0"}]`:     "[10.0.0.5/32 10.0.0.0/24 0.0.0.0/0] false",
		`"allowed_address_pairs":[{"ip_address":"host"},{"ip_address":9},{"ip_address":"10.0.0.5"}]`:                         "[10.0.0.5/32] false",
		`"allowed_address_pairs":null,"instance_id":"","instance_type":null`:                                                 "[] false",
		`"instance_id":"i-1","instance_type":""`:                                                                             "[] true",
		`"instance_id":"","instance_type":"RDS"`:                                                                             "[] true",
	} {
		got := shown(t, new(portReader).read, `{"id":"p",`+body+`}`, func(p inventory.Port) string { return fmt.Sprint(p.Pairs, p.Instance) })
		check.Equal(t, body, want, got)
	}
}

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
		check.Equal(t, body, want, shown(t, prefixes, body, func(v inventory.VPCPrefixes) string { return fmt.Sprint(v.VPCID, " ", v.Prefixes) }))
	}
}

func TestASubnetPoolThatCannotBeReadIsLeftOut(t *testing.T) {
	pools := func(s *page.Scanner, all []inventory.SubnetPool) []inventory.SubnetPool {
		pool, _ := readSubnetPool(s)
		return append(all, pool)
	}
	for _, body := range []string{`{"id":"p"}`, `{"ip_version":4}`, `{"id":"p","prefixes":["10.0.0.0/33"]}`, `{"id":"p","ip_version":4,"prefixes":"10.0.0.0/8"}`,
		`{"id":"p","prefixes":[` + strings.Repeat(`"10.0.0.0/8",`, mostPrefixes) + `"11.0.0.0/8"]}`} {
		check.Equal(t, body, "left out", shown(t, pools, body, func(inventory.SubnetPool) string { return "read" }))
	}
}
