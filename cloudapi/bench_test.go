package cloudapi

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
)

// benchPage is a page of 2,000 ports, in full as Neutron sends them or with
// the fields that are asked for.
func benchPage(full bool) []byte {
	var b strings.Builder
	b.WriteString(`{"ports":[`)
	for n := range 2000 {
		if n > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%q,"network_id":"7a10c0de-0002-4000-8000-%012d","device_id":"7a10c0de-0005-4000-8000-%012d","device_owner":"compute:az-%d","status":"ACTIVE","project_id":"5f0c1d2e3a4b4c5d8e9f001122334455","fixed_ips":[{"subnet_id":"7a10c0de-0003-4000-8000-%012d","ip_address":"10.%d.%d.%d"}]`,
			portID(n), n/100, n, n%3, n/100, n/65536, n/256%256, n%256)
		if full {
			b.WriteString(`,"name":"","tenant_id":"5f0c1d2e3a4b4c5d8e9f001122334455","mac_address":"fa:16:3e:00:00:03","admin_state_up":true,"allowed_address_pairs":[],"extra_dhcp_opts":[],"security_groups":["7a10c0de-0007-4000-8000-000000000001"],"description":"","binding:vnic_type":"normal","binding:profile":{},"binding:host_id":"compute-17.example","binding:vif_type":"ovs","binding:vif_details":{"port_filter":true,"connectivity":"l2","bound_drivers":{"0":"openvswitch"}},"port_security_enabled":true,"qos_policy_id":null,"qos_network_policy_id":null,"dns_name":"","dns_assignment":[],"tags":[],"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z","revision_number":4`)
		}
		b.WriteByte('}')
	}
	b.WriteString(`],"ports_links":[]}`)
	return []byte(b.String())
}

type onlyReader struct{ io.Reader }

func BenchmarkDecodePorts(b *testing.B) {
	for _, shape := range []struct {
		name string
		full bool
	}{{"full", true}, {"fields", false}} {
		b.Run(shape.name, func(b *testing.B) {
			body := benchPage(shape.full)
			l, buffers := portListing(), page.NewBuffers[inventory.Port](0)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if items, _, err := page.Parse(&l, buffers, onlyReader{bytes.NewReader(body)}); err != nil || len(items) != 2000 {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGunzip is what the wire form costs before any decoder starts, where
// a cloud compresses.
func BenchmarkGunzip(b *testing.B) {
	// Ids are random in a cloud, and what compresses least.
	random := rand.New(rand.NewPCG(1, 1))
	body := regexp.MustCompile(`000[45]-4000-8000-\d{12}`).ReplaceAllFunc(benchPage(true), func([]byte) []byte {
		return fmt.Appendf(nil, "%04x-4%03x-8%03x-%012x", random.Uint32N(1<<16), random.Uint32N(1<<12), random.Uint32N(1<<12), random.Uint64N(1<<48))
	})
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(body); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := gzip.NewReader(bytes.NewReader(packed.Bytes()))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(body))/float64(packed.Len()), "times-smaller")
}

func TestAPortCostsNoAllocation(t *testing.T) {
	body := benchPage(false)
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
