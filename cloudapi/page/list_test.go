package page

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

type call = *url.URL

// answers is a cloud that a test writes by hand.
type answers struct {
	calls  []call
	answer func(c call) (*http.Response, error)
}

func (a *answers) RoundTrip(req *http.Request) (*http.Response, error) {
	a.calls = append(a.calls, req.URL)
	return a.answer(req.URL)
}

// list reads a listing of the cloud to its end, as a collector does.
func (a *answers) list(t *testing.T, rule Rule, size int) (ids []string, faults []*apierr.ItemError, err error) {
	for item, e := range List(t.Context(), portListing(a, rule, size)) {
		fault, ok := errors.AsType[*apierr.ItemError](e)
		switch {
		case err != nil:
			err = fmt.Errorf("the listing went on after: %w", err)
		case errors.Is(e, apierr.ErrAgain):
			ids, faults = nil, nil
		case ok:
			faults = append(faults, fault)
		case e != nil:
			err = e
		default:
			ids = append(ids, item.ID.String())
		}
	}
	return ids, faults, err
}

// jsonAnswer is an answer of JSON, or of what begins as HTML does.
func jsonAnswer(body string) (*http.Response, error) {
	resp, err := bodyAnswer(strings.NewReader(body))
	if strings.HasPrefix(body, "<") {
		resp.Header.Set("Content-Type", "text/html")
	}
	return resp, err
}

func bodyAnswer(body io.Reader) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Body: io.NopCloser(body),
		Header: http.Header{"Content-Type": {"application/json"}},
	}, nil
}

// pages is a cloud that answers with these one after the other; the last one stays.
func pages(bodies ...string) *answers {
	a := &answers{}
	a.answer = func(call) (*http.Response, error) { return jsonAnswer(bodies[min(len(a.calls), len(bodies))-1]) }
	return a
}

// portID is the nth id in ascending order.
func portID(n int) string { return fmt.Sprintf("7a10c0de-0004-4000-8000-%012d", n) }

func portsJSON(from, to int) string {
	var items []string
	for n := from; n < to; n++ {
		items = append(items, fmt.Sprintf(`{"id":%q,"status":"ACTIVE"}`, portID(n)))
	}
	return `"ports":[` + strings.Join(items, ",") + `]`
}

type port struct {
	ID    inventory.ID
	Addrs []netip.Addr
}

func readPort(s *Scanner, ports []port) []port {
	var p port
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			p.ID = s.ItemID()
		case "status":
			s.Shared()
		case "fixed_ips":
			s.Array(func() {
				s.Object(func([]byte) { p.Addrs = append(p.Addrs, s.Addr()) })
			})
		default:
			s.Skip()
		}
	})
	return append(ports, p)
}

func portListing(a *answers, rule Rule, size int) Listing[port] {
	return Listing[port]{
		At: func(context.Context) (*wire.Client, string, error) {
			return &wire.Client{
				Service: "vpc", Base: &url.URL{Scheme: "https", Host: "vpc.test"}, HTTP: &http.Client{Transport: a},
				Labels: func() (string, string) { return "", "" }, Clean: func(text string) string { return text },
			}, "/v2.0/", nil
		},
		Operation: "list_ports", Kind: "port",
		Resource: "ports", Key: "ports", Rule: rule, Size: size, Query: url.Values{"fields": {"id"}},
		Item: readPort,
	}
}

func idsBetween(from, to int) []string {
	var ids []string
	for n := from; n < to; n++ {
		ids = append(ids, portID(n))
	}
	return ids
}

// markerIndex is the number of the first port after the marker.
func markerIndex(c call) int {
	marker := c.Query().Get("marker")
	if marker == "" {
		return 0
	}
	n, err := strconv.Atoi(marker[len(marker)-12:])
	if err != nil {
		panic(err)
	}
	return n + 1
}

// serve answers like a cloud of that many ports that serves at most most of
// them in a page; after writes what follows the list.
func serve(total, most int, after func(c call, from, to int) string) *answers {
	return &answers{answer: func(c call) (*http.Response, error) {
		from := markerIndex(c)
		limit, _ := strconv.Atoi(c.Query().Get("limit"))
		to := max(from, min(from+min(limit, most), total))
		return jsonAnswer("{" + portsJSON(from, to) + after(c, from, to) + "}")
	}}
}

func nextLink(base string) func(call, int, int) string {
	return func(c call, from, to int) string {
		q := url.Values{"limit": c.Query()["limit"], "fields": c.Query()["fields"], "marker": {portID(to - 1)}}
		return fmt.Sprintf(`,"ports_links":[{"rel":"previous","href":"http://10.0.0.1:9696/v2.0/ports?page_reverse=True&marker=x"},{"rel":"next","href":%q}]`,
			base+"?"+q.Encode())
	}
}

func TestEveryPageIsReadOnce(t *testing.T) {
	linkIf := func(more func(c call, from, to int) bool, link func(call, int, int) string) func(call, int, int) string {
		return func(c call, from, to int) string {
			if more(c, from, to) {
				return link(c, from, to)
			}
			return `,"ports_links":[{"rel":"previous","href":"/v2.0/ports?page_reverse=True"}],"count":"6","error_code":0`
		}
	}
	nothing := func(call, int, int) string { return "" }
	full := func(c call, from, to int) bool { return strconv.Itoa(to-from) == c.Query().Get("limit") }
	linked := func(total, most int, link func(call, int, int) string) *answers {
		return serve(total, most, linkIf(func(_ call, _, to int) bool { return to < total }, link))
	}
	written := func(format string) func(call, int, int) string {
		return func(_ call, _, to int) string {
			return fmt.Sprintf(`,"ports_links":[{"rel":"next",`+format+`}]`, portID(to-1))
		}
	}
	pageInfo := func(total int) *answers {
		return serve(total, 2000, func(_ call, from, to int) string {
			if to == total {
				return fmt.Sprintf(`,"page_info":{"previous_marker":%q,"current_count":%d}`, portID(from), to-from)
			}
			return fmt.Sprintf(`,"request_id":"r","page_info":{"previous_marker":%q,"next_marker":%q}`, portID(from), portID(to-1))
		})
	}
	fixed := func(total, most int) *answers { return numbered(func(int) int { return total }, most, "") }
	for _, test := range []struct {
		name  string
		rule  Rule
		cloud *answers
		total int
		size  int
		calls int
	}{
		{"marker, last page short", ByMarker(2000), serve(25, 2000, nothing), 25, 10, 3},
		{"marker, last page full", ByMarker(2000), serve(20, 2000, nothing), 20, 10, 3},
		{"marker, nothing at all", ByMarker(2000), serve(0, 2000, nothing), 0, 10, 1},
		{"marker, pages capped by the server without a word", ByMarker(2000), serve(120, 50, nothing), 120, 2000, 3},
		{"marker, page size above the maximum", ByMarker(10), serve(25, 10, nothing), 25, 9999, 3},
		{"link", ByLink(2000), linked(25, 2000, nextLink("http://own/v2.0/ports")), 25, 10, 3},
		{"link of an internal host", ByLink(2000), linked(25, 2000, nextLink("http://10.1.2.3:9696/v2.0/ports")), 25, 10, 3},
		{"link without host", ByLink(2000), linked(25, 2000, nextLink("/v2.0/ports")), 25, 10, 3},
		{"link after each full page", ByLink(2000), serve(20, 2000, linkIf(full, nextLink("http://own/prefix/v2.0/ports"))), 20, 10, 3},
		{"link from a server with smaller pages", ByLink(2000), linked(25, 5, nextLink("http://own/v2.0/ports")), 25, 10, 5},
		{"link that is a bare marker", ByLink(2000), linked(25, 2000, written(`"marker":%q`)), 25, 10, 3},
		{"link with an extension of a file", ByLink(2000), linked(6, 2000, written(`"href":"http://internal:9696/v2.0/ports.json?limit=4&marker=%s"`)), 6, 4, 2},
		{"link in a sorted list", ByLink(2000), linked(6, 2000, written(`"href":"http://own/v2.0/ports?sort_key=id&sort_dir=asc&limit=4&marker=%s"`)), 6, 4, 2},
		{"link that is a bare query", ByLink(2000), linked(6, 2000, written(`"href":"?marker=%s"`)), 6, 4, 2},
		{"link after three empty pages", ByLink(2000), pages(emptyPage(1), emptyPage(2), emptyPage(3), "{"+portsJSON(0, 2)+"}"), 2, 4, 4},
		{"no links though full", ByLink(2000), serve(10, 2000, nothing), 10, 10, 1},
		{"page_info", ByPageInfo(2000), pageInfo(25), 25, 10, 3},
		{"page_info, last page full", ByPageInfo(2000), pageInfo(20), 20, 10, 2},
		{"page_info absent", ByPageInfo(2000), serve(3, 2000, nothing), 3, 10, 1},
		{"page number, last page short", ByPageNumber(1000), fixed(25, 1000), 25, 10, 3},
		{"page number, last page full", ByPageNumber(1000), fixed(20, 1000), 20, 10, 3},
		{"page number, nothing at all", ByPageNumber(1000), fixed(0, 1000), 0, 10, 1},
		{"page number, a server with smaller pages", ByPageNumber(1000), fixed(25, 5), 25, 10, 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			ids, faults, err := test.cloud.list(t, test.rule, test.size)
			check.OK(t, err)
			check.Equal(t, "faults and calls", []int{0, test.calls}, []int{len(faults), len(test.cloud.calls)})
			check.Equal(t, "items", idsBetween(0, test.total), ids)
			for i, c := range test.cloud.calls {
				if offset := c.Query().Get("offset"); c.Path != "/v2.0/ports" || c.Query().Get("fields") != "id" || c.Query().Get("limit") == "0" || offset != "" && offset != strconv.Itoa(i+1) {
					t.Errorf("asked for %s?%s", c.Path, c.RawQuery)
				}
			}
		})
	}
}

// numbered answers page numbers, as BMS v1 does, and says that so many are in all; "" is the truth.
func numbered(total func(call int) int, most int, count string) *answers {
	a := &answers{}
	a.answer = func(c call) (*http.Response, error) {
		page, _ := strconv.Atoi(c.Query().Get("offset"))
		limit, _ := strconv.Atoi(c.Query().Get("limit"))
		size, all := min(limit, most), total(len(a.calls))
		from := min((page-1)*size, all)
		return jsonAnswer(fmt.Sprintf(`{"count":%s,%s}`, cmp.Or(count, fmt.Sprint(all)), portsJSON(from, min(from+size, all))))
	}
	return a
}

func TestPagesThatMovedAreReadAgainOnce(t *testing.T) {
	cloud := numbered(func(call int) int { return 25 - min(call-1, 1) }, 1000, "") // one was deleted after the first page
	ids, _, err := cloud.list(t, ByPageNumber(1000), 10)
	check.OK(t, err)
	check.Equal(t, "items read again from the start after the change", idsBetween(0, 24), ids)
	shrinking := numbered(func(call int) int { return 25 - call }, 1000, "")
	_, _, err = shrinking.list(t, ByPageNumber(1000), 10)
	check.OK(t, err) // of a list that changes all the time: what the second reading gave
}

func TestPagingThatLeadsNowhereIsAnError(t *testing.T) {
	page := func(from, size int, after string) string { return "{" + portsJSON(from, from+size) + after + "}" }
	both := func(after string) *answers { return pages(page(0, 4, after), page(4, 4, after)) }
	link := func(next string) string { return `,"ports_links":[{"rel":"next",` + next + `}]` }
	href := func(next string) *answers { return both(link(`"href":"` + next + `"`)) }
	info := func(marker string) string { return `,"page_info":{"next_marker":"` + marker + `"}` }
	endless := &answers{}
	endless.answer = func(call) (*http.Response, error) {
		return jsonAnswer(page(len(endless.calls), 1, info(fmt.Sprint(len(endless.calls)))))
	}
	for _, test := range []struct {
		name  string
		rule  Rule
		size  int
		cloud *answers
		want  string
		calls int
	}{
		{"marker repeated", ByPageInfo(2000), 4, both(info(portID(3))), "in a circle", 2},
		{"link to itself", ByLink(2000), 4, href("http://own/v2.0/ports?marker=" + portID(3)), "in a circle", 2},
		{"link to another resource of a stranger", ByLink(2000), 4, href("https://stranger.example/steal?marker=" + portID(3)), "leads elsewhere", 1},
		{"link to another resource of the own host", ByLink(2000), 4, href("http://own/v2.0/networks?marker=" + portID(3)), "leads elsewhere", 1},
		{"link that asks for something else", ByLink(2000), 4, href("http://own/v2.0/ports?network_id=x&marker=" + portID(3)), "did not", 1},
		{"link without marker", ByLink(2000), 4, href("http://own/v2.0/ports?limit=2"), "no marker", 1},
		{"link with two markers", ByLink(2000), 4, href("http://own/v2.0/ports?marker=a&marker=b"), "no marker", 1},
		{"link that is no URL", ByLink(2000), 4, href("http://[::1"), "not a URL", 1},
		{"link with a bad query", ByLink(2000), 4, href("/v2.0/ports?marker=%zz"), "malformed", 1},
		{"link to nowhere", ByLink(2000), 4, href(""), "is empty", 1},
		{"marker without end", ByLink(2000), 4, both(link(`"marker":"` + strings.Repeat("m", 5000) + `"`)), "5000 bytes", 1},
		{"full page without an id", ByMarker(2000), 2, pages(`{"ports":[{"id":5},{"id":5}]}`), "no id in a full page", 1},
		{"more than three empty pages", ByLink(2000), 4, pages(emptyPage(1), emptyPage(2), emptyPage(3), emptyPage(4)), "4 empty pages in a row", 4},
		{"pages without end", ByPageInfo(2000), 1, endless, "more than 10000 pages", maxPages},
		// A page that comes twice is no new page.
		{"page again, by number", ByPageNumber(50), 50, pages(page(0, 50, `,"count":64`)), "changed while it was read", 6},
		{"page again, by link", ByLink(50), 50, pages(page(0, 50, link(`"href":"?marker=`+portID(49)+`"`)), page(0, 50, "")), "in a circle", 2},
		{"page again, by its marker", ByPageInfo(50), 50, pages(page(0, 50, info(portID(49))), page(0, 50, "")), "in a circle", 2},
		{"page again, by its last item", ByMarker(2000), 50, pages(page(0, 50, "")), "in a circle", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := test.cloud.list(t, test.rule, test.size)
			if _, ok := errors.AsType[*apierr.AnswerError](err); !ok || !strings.Contains(err.Error(), test.want) || len(test.cloud.calls) != test.calls {
				t.Errorf("error %v after %d calls, want an AnswerError with %q after %d", err, len(test.cloud.calls), test.want, test.calls)
			}
		})
	}
}

// emptyPage announces another page.
func emptyPage(n int) string {
	return fmt.Sprintf(`{"ports":[],"ports_links":[{"rel":"next","href":"/v2.0/ports?marker=%d"}]}`, n)
}

func TestAVanishedMarkerStartsTheListingAgainTwice(t *testing.T) {
	for _, test := range []struct {
		status, times int
		page, calls   int // the page that is refused
		ok            bool
	}{{404, 1, 2, 4, true}, {400, 1, 2, 4, true}, {404, 2, 2, 6, true}, {404, 3, 2, 6, false}, {400, 3, 2, 6, false}, {403, 1, 2, 2, false}, {500, 1, 2, 2, false}, {404, 1, 1, 1, false}} {
		t.Run(fmt.Sprint(test.status, " ", test.times), func(t *testing.T) {
			cloud := serve(6, 2000, func(_ call, _, to int) string {
				if to == 6 {
					return ""
				}
				return fmt.Sprintf(`,"page_info":{"next_marker":%q}`, portID(to-1))
			})
			honest, refused := cloud.answer, 0
			cloud.answer = func(c call) (*http.Response, error) {
				if c.Query().Has("marker") == (test.page > 1) && refused < test.times {
					refused++
					return nil, &apierr.StatusError{Status: test.status, Service: "vpc", Operation: "list_ports"}
				}
				return honest(c)
			}
			ids, _, err := cloud.list(t, ByPageInfo(2000), 4)
			if (err == nil) != test.ok || test.ok && !slices.Equal(ids, idsBetween(0, 6)) || !test.ok && !apierr.IsStatus(err, test.status) || len(cloud.calls) != test.calls {
				t.Errorf("error %v after %d calls, want success %v or the cloud's own %d after %d; items %v", err, len(cloud.calls), test.ok, test.status, test.calls, ids)
			}
		})
	}
}

func TestACutPageIsAskedForAgainAndNeverHandedOut(t *testing.T) {
	whole := "{" + portsJSON(0, 4) + "}"
	for _, test := range []struct {
		name  string
		at    int   // where the body ends
		end   error // how
		cuts  int
		calls int
		ok    bool
	}{
		{"connection lost, then well", 99, io.ErrUnexpectedEOF, 2, 3, true},
		{"connection reset for good", 99, errors.New("connection reset"), 99, 3, false},
		{"ended early for good", len(whole) - 1, io.EOF, 99, 3, false},
		{"too large", 99, apierr.ErrTooLarge, 99, 1, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := &answers{}
				cloud.answer = func(call) (*http.Response, error) {
					if len(cloud.calls) <= test.cuts {
						return bodyAnswer(io.MultiReader(strings.NewReader(whole[:test.at]), iotest.ErrReader(test.end)))
					}
					return jsonAnswer(whole)
				}
				ids, _, err := cloud.list(t, ByMarker(2000), 10)
				if (err == nil) != test.ok || len(cloud.calls) != test.calls || len(ids) != map[bool]int{true: 4}[test.ok] {
					t.Errorf("%d items, error %v after %d calls; want success %v after %d", len(ids), err, len(cloud.calls), test.ok, test.calls)
				}
			})
		})
	}
}

func TestPagesEndWithTheContextAndWithTheCaller(t *testing.T) {
	for _, cancels := range []bool{false, true} { // else the caller stops
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		cloud := serve(1<<30, 2000, func(_ call, _, to int) string {
			return fmt.Sprintf(`,"page_info":{"next_marker":%q}`, portID(to-1))
		})
		var items []port
		var last error
		for item, err := range List(ctx, portListing(cloud, ByPageInfo(2000), 10)) {
			if last = err; err == nil {
				items = append(items, item)
			}
			if len(items) == 15 && !cancels {
				break
			} else if len(items) == 15 {
				cancel()
			}
		}
		if errors.Is(last, context.Canceled) != cancels || len(items) != 15 || len(cloud.calls) != 2 {
			t.Errorf("after %d items and %d calls: %v; want 15, 2, canceled %v", len(items), len(cloud.calls), last, cancels)
		}
	}
}

func TestAListAsLongAsACapEndsWhereMarkersAreNotKnown(t *testing.T) {
	cloud := pages("{" + portsJSON(0, 50) + "}")
	ids, _, err := cloud.list(t, ByMarker(2000), 2000)
	if err != nil || len(ids) != 100 || len(cloud.calls) != 2 { // each twice: whoever reads keeps one of an id
		t.Errorf("%d items in %d calls, %v", len(ids), len(cloud.calls), err)
	}
}
