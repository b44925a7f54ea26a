package cloudapi

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

func TestAPortMayLackEverythingButItsID(t *testing.T) {
	body := `{"ports":[
		{"id":"7a10c0de-0004-4000-8000-000000001001"},
		{"id":"p2","device_id":null,"device_owner":null,"fixed_ips":null,"status":null,"network_id":null,"tenant_id":null},
		{"id":"p3","fixed_ips":[],"admin_state_up":"true"},
		{"id":"p4","fixed_ips":[{"subnet_id":"s"},{"subnet_id":"s","ip_address":"::ffff:10.0.0.7"},{"subnet_id":"s6","ip_address":"2001:DB8::7"}],
		 "tenant_id":"t","project_id":"","device_owner":"compute:\u0065u","device_id":"d\u00e9"},
		{"id":"p5","project_id":"p","tenant_id":"t"},{"tenant_id":"t","project_id":"p","id":"p6"}]}`
	p, err := readPage(t, portListing(), body)
	if err != nil || len(p.faults) > 0 {
		t.Fatal(err, p.faults)
	}
	id := inventory.ParseID
	want := []inventory.Port{
		{ID: id("7a10c0de-0004-4000-8000-000000001001")}, {ID: id("p2")}, {ID: id("p3")},
		{ID: id("p4"), ProjectID: id("t"), Owner: "compute:eu", DeviceID: id("dé"), Fixed: []inventory.FixedIP{
			{SubnetID: id("s"), Addr: netip.MustParseAddr("10.0.0.7")},
			{SubnetID: id("s6"), Addr: netip.MustParseAddr("2001:db8::7")},
		}},
		{ID: id("p5"), ProjectID: id("p")}, {ID: id("p6"), ProjectID: id("p")},
	}
	check.Equal(t, "ports", want, p.items, compareRecords)
}

func TestPortsMayBeKept(t *testing.T) {
	var items []string
	for n := range 3 * fixedBlock {
		items = append(items, fmt.Sprintf(`{"id":%q,"fixed_ips":[{"ip_address":"10.%d.%d.1"},{"ip_address":"10.%d.%d.2"}]}`, portID(n), n/250, n%250, n/250, n%250))
	}
	body := `{"ports":[` + strings.Join(items, ",") + `]}`
	p := check.Get(readPage(t, portListing(), body))(t)
	for n, p := range p.items {
		p.Fixed = append(p.Fixed, inventory.FixedIP{}) // must not reach the next port
		if want := fmt.Sprintf("10.%d.%d.1", n/250, n%250); len(p.Fixed) != 3 || p.Fixed[0].Addr.String() != want {
			t.Fatalf("port %d has %v, want %s first", n, p.Fixed, want)
		}
	}
}
