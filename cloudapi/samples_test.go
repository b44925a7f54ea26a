package cloudapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// sample reads what stands in its list or object, and shows what came of it.
type sample struct {
	key  string
	read func(t *testing.T, body string) []string
}

func items[T any](key string, item func(*page.Scanner, []T) []T) sample {
	l := page.Listing[T]{Kind: "item", Key: key, Rule: page.ByLink(2000), Item: item}
	return sample{key, func(t *testing.T, body string) (shown []string) {
		items, faults, err := readPage(t, l, strings.NewReader(body))
		for _, item := range items {
			shown = append(shown, inJSON(t, item))
		}
		for _, fault := range faults {
			shown = append(shown, "left out: "+fault.Error())
		}
		return append(shown, fmt.Sprintf("%d items, error %v", len(items), err))
	}}
}

func object[T any](key string, read func(*page.Scanner) []T) sample {
	return sample{key, func(t *testing.T, body string) (shown []string) {
		var all []T
		err := readObject(page.Object{Key: key, Read: func(s *page.Scanner) { all = read(s) }}, body)
		for _, v := range all {
			shown = append(shown, inJSON(t, v))
		}
		return append(shown, fmt.Sprintf("%d items, error %v", len(all), err))
	}}
}

func samples() map[string]sample {
	return map[string]sample{
		"address_group":  items("address_groups", readAddressGroup),
		"availability":   items("network_ip_availabilities", readAvailability),
		"neutron_subnet": items("subnets", readNeutronSubnet([]string{"team"})),
		"port":           items("ports", new(portReader).read),
		"private_ip":     items("privateips", readPrivateIP),
		"server":         items("servers", readServer),
		"subnet_pool": items("subnetpools", func(s *page.Scanner, all []inventory.SubnetPool) []inventory.SubnetPool {
			pool, _ := readSubnetPool(s)
			return append(all, pool)
		}),
		"vpc_prefixes": items("vpcs", func(s *page.Scanner, all []inventory.VPCPrefixes) []inventory.VPCPrefixes {
			return append(all, readVPCPrefixes(s, testProject))
		}),
		"vpc_subnet": items("subnets", readVPCSubnet),

		"addresses":   object("addresses", readAddresses),
		"one_group":   object("address_group", func(s *page.Scanner) []inventory.AddressGroup { return readAddressGroup(s, nil) }),
		"one_network": object("network_ip_availability", func(s *page.Scanner) []inventory.Availability { return readAvailability(s, nil) }),
		"quotas":      object("quota", readQuotaDetails),
	}
}

// TestWhatWasRecordedAndDocumentedIsReadAsInTheFile reads what a real Neutron and Nova
// answered, and the examples of the API documents, one of which has the word "string" where
// an address belongs.
func TestWhatWasRecordedAndDocumentedIsReadAsInTheFile(t *testing.T) {
	var b strings.Builder
	for _, c := range [][2]string{
		{"port", "openstack/neutron-ports-*-200.json"}, {"port", "openstack/pagemax500-neutron-ports-*.json"}, {"port", "seeds/workspace_ports.json"},
		{"availability", "openstack/neutron-availability-200.json"}, {"availability", "openstack/neutron-availability-by-*-200.json"},
		{"availability", "openstack/neutron-*er-availability.json"}, // of a member and a reader
		{"one_network", "openstack/neutron-availability-[dfnv]*-200.json"}, {"neutron_subnet", "openstack/neutron-subnets-*.json"},
		{"server", "openstack/nova-servers-detail-*200.json"}, {"addresses", "openstack/nova-ips-*-200.json"}, {"addresses", "seeds/server_ips.json"},
		{"address_group", "openstack/neutron-address-groups-*.json"}, {"one_group", "seeds/address_group.json"}, {"private_ip", "seeds/privateips.json"},
		{"quotas", "openstack/neutron-quota-*.json"},
	} {
		for _, file := range check.Files(t, "testdata/"+c[1]) {
			name, body := strings.TrimPrefix(file, "testdata/"), ""
			if folder, sample := filepath.Split(file); strings.HasSuffix(folder, "openstack/") {
				body, _ = golden.Recorded(t, folder, strings.TrimSuffix(sample, ".json"))
			} else {
				body = check.Read(t, file)
			}
			fmt.Fprintf(&b, "== %s\n%s\n", name, strings.Join(samples()[c[0]].read(t, body), "\n"))
			if c[0] == "port" {
				fmt.Fprintf(&b, "next marker %q\n", nextMarker(t, body))
			}
			b.WriteString("\n")
		}
	}
	golden.Check(t, "testdata/read.txt", b.String())
}

// TestADetailThatCannotBeReadCostsTheDetail has items by their kind.
func TestADetailThatCannotBeReadCostsTheDetail(t *testing.T) {
	golden.Cases(t, "testdata/details.txt", func(in string) string {
		kind, item, _ := strings.Cut(in, " ")
		s := samples()[kind]
		return strings.Join(s.read(t, `{"`+s.key+`":[`+item+`]}`), "\n")
	})
}

func TestMorePrefixesThanAnAreaHasAreNotRead(t *testing.T) {
	many := strings.Repeat(`"10.0.0.0/8",`, mostPrefixes) + `"11.0.0.0/8"`
	check.Has(t, "pool", strings.Join(samples()["subnet_pool"].read(t, `{"subnetpools":[{"id":"p","prefixes":[`+many+`]}]}`), "\n"), `"p": it has too many prefixes`)
	check.Has(t, "VPC", strings.Join(samples()["vpc_prefixes"].read(t, `{"vpcs":[{"id":"v","cidr":"10.0.0.0/8","extend_cidrs":[`+many+`]}]}`), "\n"), `{"VPCID":"v"}`)
}

// nextMarker is the marker that the page after a page of ports is asked for with, ""
// where none is.
func nextMarker(t *testing.T, body string) (marker string) {
	t.Helper()
	l := portListing()
	l.Query = url.Values{"fields": {}, "fixed_ips": {}, "network_id": {}, "device_owner": {}, "sort_key": {}, "sort_dir": {}}
	l.At = answering(func(req *http.Request) string {
		if marker = req.URL.Query().Get("marker"); marker != "" {
			return `{"ports":[]}`
		}
		return body
	})
	if _, _, err := collect(page.List(t.Context(), l)); err != nil {
		return err.Error()
	}
	return marker
}

func TestDocumentedRequestsAreThoseSent(t *testing.T) {
	var want, got any
	check.OK(t, json.Unmarshal([]byte(check.Read(t, "testdata/seeds/serial_console_request.json")), &want))
	check.OK(t, json.Unmarshal([]byte(serialActionBody), &got))
	check.Equal(t, "serial console", want, got)
	const subnet = "531dec0f-3116-411b-a21b-e612e42349fd"
	bodies := [][]byte{[]byte(check.Read(t, "testdata/seeds/privateips_request.json")), check.Get(assignBody(subnet, netip.Addr{}))(t), check.Get(assignBody(subnet, netip.MustParseAddr("192.168.1.17")))(t)}
	var of [3]struct{ PrivateIPs []map[string]string }
	for i, body := range bodies {
		check.OK(t, json.Unmarshal(body, &of[i]))
	}
	check.Equal(t, "private ips", of[0].PrivateIPs, append(of[1].PrivateIPs, of[2].PrivateIPs...))
}
