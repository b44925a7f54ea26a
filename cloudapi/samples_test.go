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
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// sampleReader reads an answer and shows what came of it.
type sampleReader func(t *testing.T, body string) []string

func showing[T any](l page.Listing[T]) sampleReader {
	return func(t *testing.T, body string) (shown []string) {
		p, err := readPage(t, l, body)
		for _, item := range p.items {
			shown = append(shown, inJSON(t, item))
		}
		for _, fault := range p.faults {
			shown = append(shown, "left out: "+fault.Error())
		}
		return append(shown, fmt.Sprintf("%d items, error %v", len(p.items), err))
	}
}

func showingObject[T any](key string, read func(*page.Scanner) []T) sampleReader {
	return func(t *testing.T, body string) (shown []string) {
		var all []T
		err := readObject(page.Object{Key: key, Read: func(s *page.Scanner) { all = read(s) }}, body)
		for _, v := range all {
			shown = append(shown, inJSON(t, v))
		}
		return append(shown, fmt.Sprintf("%d items, error %v", len(all), err))
	}
}

// TestWhatWasRecordedAndDocumentedIsReadAsInTheFile reads what a real Neutron and Nova
// answered, and the examples of the API documents, one of which has the word "string" where
// an address belongs.
func TestWhatWasRecordedAndDocumentedIsReadAsInTheFile(t *testing.T) {
	availabilities := page.Listing[inventory.Availability]{Key: "network_ip_availabilities", Item: readAvailability}
	groups := page.Listing[inventory.AddressGroup]{Key: "address_groups", Item: readAddressGroup}
	ports := func(t *testing.T, body string) []string {
		return append(showing(portListing())(t, body), fmt.Sprintf("next marker %q", nextMarker(t, body)))
	}
	var b strings.Builder
	for _, c := range []struct {
		read  sampleReader
		files string
	}{
		{ports, `openstack/neutron-ports-*-200.json`}, {ports, `openstack/pagemax500-neutron-ports-*.json`}, {ports, `seeds/workspace_ports.json`},
		{showing(availabilities), `openstack/neutron-availability-200.json`}, {showing(availabilities), `openstack/neutron-availability-by-*-200.json`},
		{showing(availabilities), `openstack/neutron-*er-availability.json`}, // of a member and a reader
		{showingObject("network_ip_availability", func(s *page.Scanner) []inventory.Availability { return readAvailability(s, nil) }), `openstack/neutron-availability-[dfnv]*-200.json`},
		{showing(page.Listing[inventory.Subnet]{Key: "subnets", Item: readNeutronSubnet([]string{"team"})}), `openstack/neutron-subnets-*.json`},
		{showing(page.Listing[inventory.Server]{Key: "servers", Item: readServer}), `openstack/nova-servers-detail-*200.json`},
		{showingObject("addresses", readAddresses), `openstack/nova-ips-*-200.json`}, {showingObject("addresses", readAddresses), `seeds/server_ips.json`},
		{showing(groups), `openstack/neutron-address-groups-*.json`},
		{showingObject("address_group", func(s *page.Scanner) []inventory.AddressGroup { return readAddressGroup(s, nil) }), `seeds/address_group.json`},
		{showing(page.Listing[inventory.PrivateIP]{Key: "privateips", Item: readPrivateIP}), `seeds/privateips.json`},
		{showingObject("quota", readQuotaDetails), `openstack/neutron-quota-*.json`},
	} {
		for _, file := range check.Files(t, "testdata/"+c.files) {
			name, body := strings.TrimPrefix(file, "testdata/"), ""
			if folder, sample := filepath.Split(file); strings.HasSuffix(folder, "openstack/") {
				body, _ = scripted.Recorded(t, folder, strings.TrimSuffix(sample, ".json"))
			} else {
				body = check.Read(t, file)
			}
			fmt.Fprintf(&b, "== %s\n%s\n\n", name, strings.Join(c.read(t, body), "\n"))
		}
	}
	golden.Check(t, "testdata/read.txt", b.String())
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

// The document's example lacks a quote. The error says where and keeps the
// token to itself.
func TestDocumentedConsoleIsNotValidJSON(t *testing.T) {
	body := check.Read(t, "testdata/seeds/serial_console_invalid.json")
	err := silent(readObject(page.Object{Key: "console", Read: func(s *page.Scanner) { s.Object(func([]byte) { s.Skip() }) }}, body))
	check.Fails(t, "the console", err, "not valid JSON at byte 148", "040134bb", "token", "consoleproxy", "8003")
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
