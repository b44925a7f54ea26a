package cloudapi

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

func TestPortsMayBeKept(t *testing.T) {
	var items []string
	for n := range 3 * fixedBlock {
		items = append(items, fmt.Sprintf(`{"id":%q,"fixed_ips":[{"ip_address":"10.%d.%d.1"},{"ip_address":"10.%d.%d.2"}]}`, portID(n), n/250, n%250, n/250, n%250))
	}
	body := `{"ports":[` + strings.Join(items, ",") + `]}`
	ports, _, err := readPage(t, portListing(), strings.NewReader(body))
	check.OK(t, err)
	for n, p := range ports {
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
	l := portListing()
	l.Buffers = page.NewBuffers[inventory.Port](0)
	allocs := testing.AllocsPerRun(5, func() {
		_, _, err := readPage(t, l, onlyReader{bytes.NewReader(body)})
		check.OK(t, err)
	})
	if allocs > 100 {
		t.Errorf("%v allocations for 2,000 ports, want at most 100", allocs)
	}
}
