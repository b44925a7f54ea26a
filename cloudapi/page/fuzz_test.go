package page

import (
	"bytes"
	"io"
	"net/url"
	"testing"
	"testing/iotest"
)

func FuzzNextLink(f *testing.F) {
	f.Add("http://10.0.0.1:9696/v2.0/ports?limit=2&marker=a", "ports")
	f.Add("/v2.0/ports?marker=a", "ports")
	f.Add("https://stranger.example/x?marker=a", "ports")
	f.Add("http://127.0.0.1:8774/v2.1/servers/detail?all_tenants=1&limit=2&marker=12", "servers/detail")
	f.Fuzz(func(t *testing.T, href, resource string) {
		next, err := nextByLink(&envelope{hasNext: true, nextHref: href}, resource, url.Values{"all_tenants": {"1"}})
		if err != nil || href == "" {
			return
		}
		if next == "" {
			t.Error("a link without marker was taken for the end")
		}
		// What is asked for next differs from this page in its marker alone.
		r := lister[int]{Listing: &Listing[int]{Rule: ByLink(10), Size: 10, Resource: resource}}
		query := r.pageQuery(envelope{cursor: next, size: 10})
		if len(query) != 2 || query.Get("marker") != next || query.Get("limit") != "10" {
			t.Errorf("query %v", query)
		}
	})
}

// FuzzPage reads a page twice: it must come out the same, and each item is read or
// is a fault.
func FuzzPage(f *testing.F) {
	f.Add([]byte(`{"ports":[{"id":"a","fixed_ips":[{"ip_address":"10.0.0.1"}]},{"id":5},null],"ports_links":[{"rel":"next","href":"?marker=a"}]}`))
	f.Add([]byte(`{"count":2,"page_info":{"next_marker":"a"},"ports":[],"error_code":"x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		read := func(in io.Reader) (page[port], error) {
			l := Listing[port]{Key: "ports", Kind: "port", Rule: ByPageNumber(10), Item: readPort}
			b := NewBuffers[port](0)
			r := lister[port]{Listing: &l, Buffers: b}
			err := r.read(in, envelope{size: 10})
			return b.page, err
		}
		whole, first := read(bytes.NewReader(body))
		slowly, second := read(iotest.OneByteReader(bytes.NewReader(body)))
		if (first == nil) != (second == nil) || first == nil && (whole.count != slowly.count || len(whole.items) != len(slowly.items)) {
			t.Errorf("read whole: %d items, %v; byte by byte: %d, %v", len(whole.items), first, len(slowly.items), second)
		}
		if first == nil && (len(whole.items)+len(whole.faults) != whole.count || len(whole.ids) != whole.count) {
			t.Errorf("%d items, %d faults and %d ids of %d", len(whole.items), len(whole.faults), len(whole.ids), whole.count)
		}
	})
}
