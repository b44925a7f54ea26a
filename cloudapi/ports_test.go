package cloudapi

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"cloudip_exporter/cloudapi/page"
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
	check.Equal(t, "ports", want, p.items, cmpopts.EquateEmpty())
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

type onlyReader struct{ io.Reader }

func TestAPortCostsNoAllocation(t *testing.T) {
	body := []byte(`{"ports":[`)
	for n := range 2000 {
		body = fmt.Appendf(body, `{"id":%q,"network_id":"7a10c0de-0002-4000-8000-%012d","device_id":"7a10c0de-0005-4000-8000-%012d","device_owner":"compute:az-%d","status":"ACTIVE","project_id":"5f0c1d2e3a4b4c5d8e9f001122334455","fixed_ips":[{"subnet_id":"7a10c0de-0003-4000-8000-%012d","ip_address":"10.%d.%d.%d"}]},`,
			portID(n), n/100, n, n%3, n/100, n/65536, n/256%256, n%256)
	}
	body = append(bytes.TrimSuffix(body, []byte(",")), `],"ports_links":[]}`...)
	l, buffers := portListing(), page.NewBuffers[inventory.Port](0)
	allocs := testing.AllocsPerRun(5, func() {
		if _, _, err := page.Parse(&l, buffers, onlyReader{bytes.NewReader(body)}); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 100 {
		t.Errorf("%v allocations for 2,000 ports, want at most 100", allocs)
	}
}
