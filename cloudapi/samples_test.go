package cloudapi

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
)

// What a real Neutron and Nova answered is read as it came.

func TestRecordedPorts(t *testing.T) {
	for _, test := range []struct {
		name   string
		items  int
		marker string // of the next page
	}{
		{"neutron-ports-page1-200", 2, "002926f2-c352-4baf-9a18-a09b6a5d3b38"},
		{"neutron-ports-page2-200", 2, "more"},
		{"neutron-ports-none-200", 0, ""},
		{"neutron-ports-after-last-200", 0, ""},
		{"neutron-ports-exact-page-200", 13, "more"},
		{"neutron-ports-by-ip-200", 1, ""},
		{"neutron-ports-by-network-fields-200", 2, ""},
		{"pagemax500-neutron-ports-no-limit", 2, "1a57dce7-2602-48bf-b365-d6357d3bd7e7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			body, _ := recorded(t, test.name)
			p, err := readPage(t, portListing(), body)
			if err != nil {
				t.Fatal(err)
			}
			cut := strings.Count(body, "more\"")
			if len(p.items) != test.items || len(p.faults) != cut {
				t.Errorf("%d ports, %d faults; want %d, %d: %v", len(p.items), len(p.faults), test.items, cut, p.faults)
			}
			if next := nextMarker(t, body); next != test.marker && (test.marker != "more" || next == "") {
				t.Errorf("next marker %q, want %q", next, test.marker)
			}
		})
	}
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
		t.Error(err)
	}
	return marker
}

func TestRecordedAvailabilities(t *testing.T) {
	l := page.Listing[inventory.Availability]{Key: "network_ip_availabilities", Item: readAvailability}
	body, _ := recorded(t, "neutron-availability-200")
	p, err := readPage(t, l, body)
	want := []inventory.Availability{
		{NeutronSubnetID: inventory.ParseID("769df7c3-de99-422b-8cf6-c230ee70c5c8"), Total: 61, Used: 28},
		{NeutronSubnetID: inventory.ParseID("1dbfcb6b-41d6-400f-8ea2-56efdfbb5d77"), Total: 509, Used: 212},
		{NeutronSubnetID: inventory.ParseID("d51b6aec-d52f-4f00-a1e4-a7ffa5e901c6"), Total: 1<<64 - 1, Used: 182},
	}
	if diff := cmp.Diff(want, p.items, compareRecords); err != nil || diff != "" {
		t.Errorf("%v, availabilities (-want +got):\n%s", err, diff)
	}
	for name, want := range map[string]int{"neutron-member-availability": 0, "neutron-reader-availability": 0} {
		body, _ := recorded(t, name)
		if p, err := readPage(t, l, body); err != nil || len(p.items) != want || len(p.faults) > 0 {
			t.Errorf("%s: %v, %v, faults %v", name, p.items, err, p.faults)
		}
	}
	for _, name := range []string{"neutron-availability-dual-200", "neutron-availability-full-200", "neutron-availability-no-subnet-200", "neutron-availability-v6-200", "neutron-availability-by-network-200"} {
		body, _ := recorded(t, name)
		key := "network_ip_availability"
		if strings.Contains(body, `"network_ip_availabilities"`) {
			p, err := readPage(t, l, body)
			if err != nil || len(p.faults) > strings.Count(body, "more\"") {
				t.Errorf("%s: %v, faults %v", name, err, p.faults)
			}
			continue
		}
		if err := readObject(page.Object{Key: key, Read: func(s *page.Scanner) { readAvailability(s, nil) }}, body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRecordedSubnets(t *testing.T) {
	body, _ := recorded(t, "neutron-subnets-page-200")
	p, err := readPage(t, page.Listing[inventory.Subnet]{Key: "subnets", Item: readNeutronSubnet([]string{"team"})}, body)
	if err != nil || len(p.items) == 0 || len(p.faults) > 0 {
		t.Fatalf("%v, %v, faults %v", p.items, err, p.faults)
	}
	for _, s := range p.items {
		if s.ID.IsZero() || s.NetworkID.IsZero() || s.NeutronID != s.ID || !s.Prefix.IsValid() || len(s.Pools) == 0 || !s.Gateway.IsValid() {
			t.Errorf("subnet %+v", s)
		}
	}
}

func TestRecordedServers(t *testing.T) {
	for _, name := range []string{"nova-servers-detail-200", "nova-servers-detail-2.93-200"} {
		body, _ := recorded(t, name)
		p, err := readPage(t, page.Listing[inventory.Server]{Key: "servers", Item: readServer}, body)
		if err != nil || len(p.items) == 0 || len(p.faults) > strings.Count(body, "more\"") {
			t.Fatalf("%s: %v, faults %v", name, err, p.faults)
		}
		for _, s := range p.items {
			if s.ID.IsZero() || s.Status == "" || s.Flavor == "" || s.BareMetal {
				t.Errorf("%s: server %+v", name, s)
			}
		}
	}
}

func TestRecordedServerIPs(t *testing.T) {
	for name, want := range map[string][]inventory.ServerAddress{
		"nova-ips-no-net-200": nil,
		"nova-ips-broken-200": {{Network: "net-26", Addr: netip.MustParseAddr("10.2.0.18")}},
		"nova-ips-three-nics-200": {
			{Network: "net-26", Addr: netip.MustParseAddr("10.2.0.4")},
			{Network: "net-23-dual", Addr: netip.MustParseAddr("10.4.0.35")},
			{Network: "net-23-dual", Addr: netip.MustParseAddr("fd00:4::361")},
			{Network: "net-24-two-subnets", Addr: netip.MustParseAddr("10.3.0.169")},
		},
	} {
		body, _ := recorded(t, name)
		var got []inventory.ServerAddress
		err := readObject(page.Object{Key: "addresses", Read: func(s *page.Scanner) { got = readAddresses(s) }}, body)
		if diff := cmp.Diff(want, got, compareRecords); err != nil || diff != "" {
			t.Errorf("%s: %v, addresses (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestRecordedAddressGroups(t *testing.T) {
	body, _ := recorded(t, "neutron-address-groups-200")
	p, err := readPage(t, page.Listing[inventory.AddressGroup]{Key: "address_groups", Item: readAddressGroup}, body)
	if err != nil || len(p.items) == 0 {
		t.Fatal(err, p.faults)
	}
	for _, g := range p.items {
		if g.ID.IsZero() || g.Version != "" || g.Max != nil || g.Status != "" {
			t.Errorf("group %+v", g)
		}
		for _, e := range g.Entries {
			if !e.Valid() && !strings.HasSuffix(e.Text, " more") {
				t.Errorf("entry %+v", e)
			}
		}
	}
}

func TestRecordedQuotas(t *testing.T) {
	body, _ := recorded(t, "neutron-quota-details-200")
	var got []inventory.Quota
	err := readObject(page.Object{Key: "quota", Read: func(s *page.Scanner) { got = readQuotaDetails(s) }}, body)
	if err != nil || len(got) != 9 {
		t.Fatalf("%v, %v", got, err)
	}
	if want := (inventory.Quota{Resource: "port", Limit: 463, Used: 463}); got[3] != want {
		t.Errorf("got %+v, want %+v", got[3], want)
	}
	if want := (inventory.Quota{Resource: "network", Limit: -1, Used: 10}); got[0] != want {
		t.Errorf("got %+v, want %+v", got[0], want)
	}
}
