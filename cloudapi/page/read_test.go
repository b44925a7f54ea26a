package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// TestAnAnswerThatIsNoListIsAnError compares with the file what is read of pages of ports, or of one
// bad item among good ones.
func TestAnAnswerThatIsNoListIsAnError(t *testing.T) {
	golden.Cases(t, "testdata/answers.txt", func(in string) string {
		cloud := pages(in)
		ids, faults, err := cloud.list(t, ByLink(2000), 10)
		_, ofAnswer := errors.AsType[*apierr.AnswerError](err)
		check.Lacks(t, "an error", fmt.Sprint(faults, err), "gAAAAABtoken")
		return fmt.Sprintf("items %v\nfaults %v\nerror %v, of the answer %v, after %d calls", ids, faults, err, ofAnswer, len(cloud.calls))
	})
	_, _, err := pages(`{"ports":[{"id":"a","x":`+strings.Repeat("[", 100_000)).list(t, ByLink(2000), 10)
	check.Fails(t, "depth", err, "depth")
	_, faults, _ := pages(`{"ports":[{"id":"`+strings.Repeat("i", 9999)+`","fixed_ips":5}]}`).list(t, ByLink(2000), 10)
	check.Equal(t, "a long id", strings.Repeat("i", 64), faults[0].ID)
}

func TestABadItemDoesNotStopMarkerPaging(t *testing.T) {
	cloud := pages(`{"ports":[{"id":"a"},{"id":5}]}`, `{"ports":[{"id":"c"}]}`)
	ids, faults, err := cloud.list(t, ByMarker(2000), 2)
	if err != nil || len(ids) != 2 || len(faults) != 1 || cloud.calls[1].Query().Get("marker") != "a" {
		t.Errorf("items %v, faults %v, %v, calls %v", ids, faults, err, cloud.calls)
	}
}

func TestAddressesAreReadStrictly(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.0.1": "10.0.0.1", "0.0.0.0": "0.0.0.0", "255.255.255.255": "255.255.255.255",
		"::ffff:10.0.0.1": "10.0.0.1", "2001:DB8::1": "2001:db8::1",
		"10.0.0": "", "10.0.0.0.1": "", "10.0.0.01": "", "10.0.0.256": "", "10..0.1": "", "10.0.0.": "", ".1.2.3": "", "": "", " 10.0.0.1": "",
		"fe80::1%1": "", "10.0.0.1/24": "", "1": "", "٤.0.0.1": "",
	} {
		s := newScanner()
		s.reset(strings.NewReader(strconv.Quote(text)))
		got := space.AddrText(s.Addr())
		if refused := want == "" && text != ""; got != want || (s.bad != nil) != refused {
			t.Errorf("%q: %s, %v; want %q", text, got, s.bad, want)
		}
		// The fast way must agree with the library's.
		if fast, ok := parseIPv4([]byte(text)); ok {
			if slow, err := netip.ParseAddr(text); err != nil || slow != fast {
				t.Errorf("%q: %v read fast, %v, %v by netip", text, fast, slow, err)
			}
		}
	}
}

func TestTimesComeInFiveShapes(t *testing.T) {
	want := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, text := range []string{
		"2026-01-02T03:04:05", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05.000+00:00",
		"2026-01-02 03:04:05", "2026-01-02T03:0405", "2026-01-02T03:04:05.000000", "2026-01-02T05:04:05+02:00", "2026-01-02T03:04:05+0000",
	} {
		if got, err := wire.ParseTime(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "yesterday", "2026-13-02T03:04:05", "1767322345"} {
		if got, err := wire.ParseTime(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

// A name is anybody's: it must not cost the listing.
func TestInvalidUTF8IsReplaced(t *testing.T) {
	for _, id := range []string{"a\xff", `a\ud800`, "a\xed\xa0\x80"} {
		ids, faults, err := pages(`{"ports":[{"id":"`+id+`"}]}`).list(t, ByMarker(2000), 10)
		if err != nil || len(faults) > 0 || len(ids) != 1 || !strings.HasPrefix(ids[0], "a\ufffd") {
			t.Errorf("%q: %v, faults %v, error %v", id, ids, faults, err)
		}
	}
}

// A count is only a reason to doubt: a full page is followed by the next whatever it says.
func TestACountCompletesNothing(t *testing.T) {
	for _, test := range []struct {
		total, size int
		most        []int // the server may serve smaller pages than asked for
		counts      []string
	}{
		{64, 50, []int{1000}, []string{"50", "64", "0"}},
		{5, 10, []int{2, 10}, []string{`-1`, `"many"`, `{}`, `[5]`, `true`, `1e999`, `"5"`}},
		{5, 2, []int{2, 10}, []string{`null`}}, // as if there were none: a short page is the last
	} {
		for _, count := range test.counts {
			for _, most := range test.most {
				cloud := numbered(func(int) int { return test.total }, most, count)
				ids, _, err := cloud.list(t, ByPageNumber(1000), test.size)
				if err == nil && len(ids) != test.total {
					t.Errorf("count %s, pages of %d: %d items of %d and no error", count, most, len(ids), test.total)
				}
			}
		}
	}
}

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
