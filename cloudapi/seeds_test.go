package cloudapi

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"

	"go4.org/netipx"
)

// The example answers of the API documents are read as they stand there.

func TestDocumentedServerIPs(t *testing.T) {
	var got []inventory.ServerAddress
	err := readObject(page.Object{Key: "addresses", Read: func(s *page.Scanner) { got = readAddresses(s) }}, string(readFile(t, "seeds", "server_ips.json")))
	want := []inventory.ServerAddress{{Network: "08a7715f-7de6-4ff9-a343-95ba4209f24a", Addr: netip.MustParseAddr("192.168.2.90")}}
	if diff := cmp.Diff(want, got, compareRecords); err != nil || diff != "" {
		t.Errorf("%v, addresses (-want +got):\n%s", err, diff)
	}
}

func TestDocumentedAddressGroup(t *testing.T) {
	var got []inventory.AddressGroup
	err := readObject(page.Object{Key: "address_group", Read: func(s *page.Scanner) { got = readAddressGroup(s, nil) }},
		string(readFile(t, "seeds", "address_group.json")))
	if err != nil {
		t.Fatal(err)
	}
	entry := func(text, from, to string) inventory.AddressGroupEntry {
		return inventory.AddressGroupEntry{Text: text, Range: netipx.IPRangeFrom(netip.MustParseAddr(from), netip.MustParseAddr(to))}
	}
	most := 20
	want := []inventory.AddressGroup{{
		ID: inventory.ParseID("dd18a501-fcd5-4adc-acfe-b0e2384baf08"), Name: "AutoTester746010.580123789",
		Version: "4", Max: &most, Status: "NORMAL", Updated: time.Date(2019, 6, 28, 2, 6, 38, 0, time.UTC),
		Entries: []inventory.AddressGroupEntry{
			entry("192.168.5.0/24", "192.168.5.0", "192.168.5.255"),
			entry("192.168.3.20-192.168.3.100", "192.168.3.20", "192.168.3.100"),
			entry("192.168.3.40", "192.168.3.40", "192.168.3.40"),
			entry("192.168.3.2", "192.168.3.2", "192.168.3.2"),
		},
	}}
	if diff := cmp.Diff(want, got, compareRecords); diff != "" {
		t.Errorf("group (-want +got):\n%s", diff)
	}
}

func TestDocumentedPrivateIPs(t *testing.T) {
	p, err := readPage(t, page.Listing[inventory.PrivateIP]{Key: "privateips", Item: readPrivateIP}, string(readFile(t, "seeds", "privateips.json")))
	subnet := inventory.ParseID("531dec0f-3116-411b-a21b-e612e42349fd")
	want := []inventory.PrivateIP{
		{ID: inventory.ParseID("c60c2ce1-1e73-44bd-bf48-fd688448ff7b"), SubnetID: subnet, Status: "DOWN", Addr: netip.MustParseAddr("192.168.1.10")},
		{ID: inventory.ParseID("4b123c18-ae92-4dfa-92cd-d44002359aa1"), SubnetID: subnet, Status: "DOWN", Addr: netip.MustParseAddr("192.168.1.17")},
	}
	if diff := cmp.Diff(want, p.items, compareRecords); err != nil || diff != "" || len(p.faults) > 0 {
		t.Errorf("%v, faults %v, private ips (-want +got):\n%s", err, p.faults, diff)
	}
}

// The document's example has the word "string" where an address belongs.
func TestDocumentedWorkspacePorts(t *testing.T) {
	l := portListing()
	example := string(readFile(t, "seeds", "workspace_ports.json"))
	p, err := readPage(t, l, example)
	if err != nil || len(p.items) != 0 || len(p.faults) != 1 || p.faults[0].ID != "string" {
		t.Errorf("%v, items %v, faults %v; want one fault", err, p.items, p.faults)
	}
	p, err = readPage(t, l, strings.Replace(example, `"ip_address" : "string"`, `"ip_address" : "10.0.0.1"`, 1))
	id := inventory.ParseID("string")
	want := []inventory.Port{{ID: id, NetworkID: id, Status: "string", Fixed: []inventory.FixedIP{{SubnetID: id, Addr: netip.MustParseAddr("10.0.0.1")}}}}
	if diff := cmp.Diff(want, p.items, compareRecords); err != nil || diff != "" {
		t.Errorf("%v, ports (-want +got):\n%s", err, diff)
	}
}

// The document's example lacks a quote. The error says where and keeps the
// token to itself.
func TestDocumentedConsoleIsNotValidJSON(t *testing.T) {
	body := string(readFile(t, "seeds", "serial_console_invalid.json"))
	err := silent(readObject(page.Object{Key: "console", Read: func(s *page.Scanner) { s.Object(func([]byte) { s.Skip() }) }}, body))
	if err == nil || !strings.Contains(err.Error(), "not valid JSON at byte 148") {
		t.Fatalf("error %v, want it to say where", err)
	}
	for _, secret := range []string{"040134bb", "token", "consoleproxy", "8003"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("error %q shows %q", err, secret)
		}
	}
}

func TestDocumentedRequestsAreThoseSent(t *testing.T) {
	var want, got any
	if err := json.Unmarshal(readFile(t, "seeds", "serial_console_request.json"), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(serialActionBody), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("serial console (-want +got):\n%s", diff)
	}

	subnet := "531dec0f-3116-411b-a21b-e612e42349fd"
	any, err := assignBody(subnet, netip.Addr{})
	if err != nil {
		t.Fatal(err)
	}
	one, err := assignBody(subnet, netip.MustParseAddr("192.168.1.17"))
	if err != nil {
		t.Fatal(err)
	}
	var documented, first, second struct{ PrivateIPs []map[string]string }
	for body, to := range map[string]*struct{ PrivateIPs []map[string]string }{
		string(readFile(t, "seeds", "privateips_request.json")): &documented, string(any): &first, string(one): &second,
	} {
		if err := json.Unmarshal([]byte(body), to); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(documented.PrivateIPs, append(first.PrivateIPs, second.PrivateIPs...)); diff != "" {
		t.Errorf("private ips (-want +got):\n%s", diff)
	}
}
