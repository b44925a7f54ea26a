package cloudapi

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
)

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
