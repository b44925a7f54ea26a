package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
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

func onePort(body string) *answers {
	return &answers{answer: func(call) (*http.Response, error) {
		resp, err := jsonAnswer(body)
		if strings.HasPrefix(body, "<") {
			resp.Header.Set("Content-Type", "text/html")
		}
		return resp, err
	}}
}

// TestAnAnswerThatIsNoListIsAnError compares with the file what is read of pages of ports, or of one
// bad item among good ones.
func TestAnAnswerThatIsNoListIsAnError(t *testing.T) {
	golden.Cases(t, "testdata/answers.txt", func(in string) string {
		cloud := onePort(in)
		items, faults, err := collect(List(t.Context(), portListing(cloud, ByLink(2000), 10)))
		_, ofAnswer := errors.AsType[*apierr.AnswerError](err)
		check.Lacks(t, "an error", fmt.Sprint(faults, err), "gAAAAABtoken")
		return fmt.Sprintf("items %v\nfaults %v\nerror %v, of the answer %v, after %d calls", portIDs(items), faults, err, ofAnswer, len(cloud.calls))
	})
	_, _, err := collect(List(t.Context(), portListing(onePort(`{"ports":[{"id":"a","x":`+strings.Repeat("[", 100_000)), ByLink(2000), 10)))
	check.Fails(t, "depth", err, "depth")
	_, faults, _ := collect(List(t.Context(), portListing(onePort(`{"ports":[{"id":"`+strings.Repeat("i", 9999)+`","fixed_ips":5}]}`), ByLink(2000), 10)))
	check.Equal(t, "a long id", strings.Repeat("i", 64), faults[0].ID)
}

func TestABadItemDoesNotStopMarkerPaging(t *testing.T) {
	cloud := &answers{}
	cloud.answer = func(c call) (*http.Response, error) {
		if c.query.Get("marker") == "" {
			return jsonAnswer(`{"ports":[{"id":"a"},{"id":5}]}`)
		}
		return jsonAnswer(`{"ports":[{"id":"c"}]}`)
	}
	items, faults, err := collect(List(t.Context(), portListing(cloud, ByMarker(2000), 2)))
	if err != nil || len(items) != 2 || len(faults) != 1 || cloud.calls[1].query.Get("marker") != "a" {
		t.Errorf("items %v, faults %v, %v, calls %v", items, faults, err, cloud.calls)
	}

	allBad := onePort(`{"ports":[{"id":5},{"id":5}]}`)
	if _, _, err := collect(List(t.Context(), portListing(allBad, ByMarker(2000), 2))); err == nil {
		t.Error("a full page without any id ended the list without an error")
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
		if got, err := wire.ParseTime(string(text)); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "yesterday", "2026-13-02T03:04:05", "1767322345"} {
		if got, err := wire.ParseTime(string(text)); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

// A name is anybody's: it must not cost the listing.
func TestInvalidUTF8IsReplaced(t *testing.T) {
	for _, id := range []string{"a\xff", `a\ud800`, "a\xed\xa0\x80"} {
		ports, faults, err := collect(List(t.Context(), portListing(onePort(`{"ports":[{"id":"`+id+`"}]}`), ByMarker(2000), 10)))
		if err != nil || len(faults) > 0 || len(ports) != 1 || !strings.HasPrefix(ports[0].ID.String(), "a\ufffd") {
			t.Errorf("%q: %v, faults %v, error %v", id, ports, faults, err)
		}
	}
}

func TestAPageThatComesTwiceIsNoNewPage(t *testing.T) {
	for name, test := range map[string]struct {
		rule  Rule
		after func(page int) string
	}{
		"page number": {ByPageNumber(50), func(int) string { return `,"count":64` }},
		"link, then none": {ByLink(50), func(page int) string {
			if page == 1 {
				return `,"ports_links":[{"rel":"next","href":"?marker=` + portID(49) + `"}]`
			}
			return ""
		}},
		"marker, then none": {ByPageInfo(50), func(page int) string {
			if page == 1 {
				return `,"page_info":{"next_marker":"` + portID(49) + `"}`
			}
			return ""
		}},
		"last item": {ByMarker(50), func(int) string { return "" }},
	} {
		cloud := &answers{}
		cloud.answer = func(call) (*http.Response, error) {
			return jsonAnswer("{" + portsJSON(0, 50) + test.after(len(cloud.calls)) + "}")
		}
		if items, _, err := collect(List(t.Context(), portListing(cloud, test.rule, 50))); err == nil {
			t.Errorf("%s: %d items of 64 and no error", name, len(items))
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
				items, _, err := collect(List(t.Context(), portListing(cloud, ByPageNumber(1000), test.size)))
				if err == nil && len(items) != test.total {
					t.Errorf("count %s, pages of %d: %d items of %d and no error", count, most, len(items), test.total)
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
