package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
)

func onePort(body, contentType string) *answers {
	return &answers{answer: func(call) (*http.Response, error) {
		resp, err := jsonAnswer(body)
		resp.Header.Set("Content-Type", contentType)
		return resp, err
	}}
}

func TestAnAnswerThatIsNoListIsAnError(t *testing.T) {
	for _, test := range []struct{ name, body, contentType, want string }{
		{"login page", "<!DOCTYPE html><title>Sign in</title>", "text/html", `not JSON; its content type is "text/html"`},
		{"empty", "", "application/json", "empty"},
		{"white space", " \n", "application/json", "empty"},
		{"no list", "{}", "application/json", `no list "ports"`},
		{"another list", `{"subnets":[]}`, "application/json", `no list "ports"`},
		{"null list", `{"ports":null}`, "application/json", `"ports" is not a list`},
		{"object for a list", `{"ports":{}}`, "application/json", `"ports" is not a list`},
		{"null", "null", "application/json", "not a JSON object"},
		{"array", `[{"id":"a"}]`, "application/json", "not a JSON object"},
		{"string", `"ports"`, "application/json", "not a JSON object"},
		{"junk after the end", `{"ports":[]}{}`, "application/json", "more after the end"},
		{"bad junk after the end", `{"ports":[]}x`, "application/json", "invalid character"},
		{"list twice", `{"ports":[],"ports":[]}`, "application/json", "duplicate"},
		{"key twice in an item", `{"ports":[{"id":"a","id":"b"}]}`, "application/json", "duplicate"},
		{"key twice in what is skipped", `{"ports":[{"id":"a","x":{"y":1,"y":2}}]}`, "application/json", "duplicate"},
		{"raw newline", "{\"ports\":[{\"id\":\"a\nb\"}]}", "application/json", "invalid character"},
		{"bad number in what is skipped", `{"ports":[{"id":"a","x":1.2.3}]}`, "application/json", "invalid character"},
		{"depth", `{"ports":[{"id":"a","x":` + strings.Repeat("[", 100_000), "application/json", "depth"},
		{"links of the wrong type", `{"ports":[],"ports_links":{"next":"x"}}`, "application/json", "not a list"},
		{"link of the wrong type", `{"ports":[],"ports_links":[{"rel":"next","href":7}]}`, "application/json", "not a string"},
		{"other case", `{"Ports":[]}`, "application/json", `no list "ports"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			cloud := onePort(test.body, test.contentType)
			items, _, err := collect(List(t.Context(), portListing(cloud, ByLink(2000), 10)))
			e, ok := errors.AsType[*apierr.AnswerError](err)
			if !ok || len(items) > 0 || len(cloud.calls) != 1 {
				t.Fatalf("%d items, error %v after %d calls, want an AnswerError after one", len(items), err, len(cloud.calls))
			}
			if !strings.HasPrefix(e.Error(), "list ports: answer of vpc: ") || !strings.Contains(e.Error(), test.want) {
				t.Errorf("error %q, want %q in it", e, test.want)
			}
		})
	}
}

func TestAnErrorCodeWithStatus200IsAnError(t *testing.T) {
	for _, body := range []string{
		`{"error_code":"WKS.0001","error_msg":"no"}`,
		`{"ports":[],"error_code":"WKS.0001"}`,
	} {
		_, _, err := collect(List(t.Context(), portListing(onePort(body, "application/json"), ByMarker(2000), 10)))
		if !apierr.IsCode(err, "WKS.0001") {
			t.Errorf("%s: error %v, want code WKS.0001", body, err)
		}
	}
}

func TestOneBadItemOfAThousandIsSkipped(t *testing.T) {
	for _, test := range []struct{ name, item, id, want string }{
		{"string for a list", `{"id":"bad","fixed_ips":"none"}`, "bad", "is not a list"},
		{"list for an object", `{"id":"bad","fixed_ips":[[1]]}`, "bad", "is not an object"},
		{"no address", `{"id":"bad","fixed_ips":[{"ip_address":"10.0.0.256"}]}`, "bad", `"10.0.0.256" is not an address`},
		{"zone", `{"id":"bad","fixed_ips":[{"ip_address":"fe80::1%eth0"}]}`, "bad", "has a zone"},
		{"long address", `{"id":"bad","fixed_ips":[{"ip_address":"` + strings.Repeat("1", 99) + `"}]}`, "bad", "too long"},
		{"no id", `{"status":"DOWN"}`, "", "it has no id"},
		{"null id", `{"id":null}`, "", "it has no id"},
		{"id of the wrong type", `{"id":{"x":[1]},"status":"DOWN"}`, "", "is not a string"},
		{"null", `null`, "", "is not an object"},
		{"string", `"x"`, "", "is not an object"},
		{"long id", `{"id":"` + strings.Repeat("i", 9999) + `","fixed_ips":5}`, strings.Repeat("i", 64), `"/ports/500/fixed_ips" is not a list`},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := strings.Replace("{"+portsJSON(0, 1000)+"}", fmt.Sprintf(`{"id":%q,"status":"ACTIVE"}`, portID(500)), test.item, 1)
			items, faults, err := collect(List(t.Context(), portListing(onePort(body, "application/json"), ByLink(2000), 2000)))
			if err != nil || len(items) != 999 || len(faults) != 1 {
				t.Fatalf("%d items, %d faults, %v; want 999, 1", len(items), len(faults), err)
			}
			if f := faults[0]; f.ID != test.id || f.Kind != "port" || !strings.Contains(f.Error(), test.want) {
				t.Errorf("fault %v, want id %q and %q", f, test.id, test.want)
			}
		})
	}
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

	allBad := onePort(`{"ports":[{"id":5},{"id":5}]}`, "application/json")
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
		a, err := ParseAddr([]byte(text))
		if got := a.String(); (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%q: %s, %v; want %q", text, got, err, want)
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
		ports, faults, err := collect(List(t.Context(), portListing(onePort(`{"ports":[{"id":"`+id+`"}]}`, "application/json"), ByMarker(2000), 10)))
		if err != nil || len(faults) > 0 || len(ports) != 1 || !strings.HasPrefix(ports[0].ID.String(), "a\ufffd") {
			t.Errorf("%q: %v, faults %v, error %v", id, ports, faults, err)
		}
	}
}

func TestAnErrorRepeatsNothingThatMayBeAToken(t *testing.T) {
	token := strings.Repeat("gAAAAABtoken-", 12)
	for name, body := range map[string]string{
		"address": `{"ports":[{"id":"a","fixed_ips":[{"ip_address":"` + token + `"}]}]}`,
		"id":      `{"ports":[{"id":"` + token + `","fixed_ips":1}]}`,
		"path":    `{"ports":[{"id":"a"}],"ports_links":[{"rel":"next","href":"/` + token + `?marker=a"}]}`,
		"query":   `{"ports":[{"id":"a"}],"ports_links":[{"rel":"next","href":"/v2.0/ports?` + token + `=1"}]}`,
		"code":    `{"error_code":"` + token + `","ports":[]}`,
	} {
		a := &answers{answer: func(call) (*http.Response, error) { return jsonAnswer(body) }}
		var told error
		for _, err := range List(t.Context(), portListing(a, ByLink(100), 100)) {
			if err != nil {
				told = err
			}
		}
		if told == nil || strings.Contains(told.Error(), token[:20]) {
			t.Errorf("%s: got the error %v, want one without the token", name, told)
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

func TestAFullPageIsFollowedByTheNextWhateverACountSays(t *testing.T) {
	cloud := numbered(func(int) int { return 64 }, 1000)
	honest := cloud.answer
	cloud.answer = func(c call) (*http.Response, error) {
		if c.query.Get("offset") == "1" {
			return jsonAnswer(fmt.Sprintf(`{"count":%d,%s}`, 50, portsJSON(0, 50)))
		}
		return honest(c)
	}
	items, _, err := collect(List(t.Context(), portListing(cloud, ByPageNumber(1000), 50)))
	if err == nil && len(items) != 64 {
		t.Errorf("%d items of 64 and no error", len(items))
	}
}

func TestACountThatIsNoNumberCompletesNothing(t *testing.T) {
	for _, count := range []string{`-1`, `"many"`, `{}`, `[5]`, `true`, `1e999`, `"5"`, `null`} {
		for _, most := range []int{2, 10} { // the server may serve smaller pages than asked for
			cloud := numbered(func(int) int { return 5 }, most)
			honest := cloud.answer
			cloud.answer = func(c call) (*http.Response, error) {
				resp, err := honest(c)
				body, _ := io.ReadAll(resp.Body)
				resp.Body = io.NopCloser(strings.NewReader(strings.Replace(string(body), `"count":5`, `"count":`+count, 1)))
				return resp, err
			}
			size := 10
			if count == `null` { // as if there were none: a short page is the last
				size = 2
			}
			items, _, err := collect(List(t.Context(), portListing(cloud, ByPageNumber(1000), size)))
			if err == nil && len(items) != 5 {
				t.Errorf("count %s, pages of %d: %d items of 5 and no error", count, most, len(items))
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
