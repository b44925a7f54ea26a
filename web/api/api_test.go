package api

import (
	"bufio"
	"context"
	"crypto/tls"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/storage"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

func TestTheDocumentNamesAllRoutesAndParameters(t *testing.T) {
	golden.Blocks(t, "../../docs/api.md", map[string]string{"api": document()})
}

// document describes all routes and parameters in Markdown.
func document() string {
	var b strings.Builder
	common := []string{"cloud", "project", "q", "sort", "limit", "cursor", "format"}
	for _, r := range Routes() {
		own := slices.Clone(r.params)
		if slices.Contains(own, "cursor") {
			own = slices.DeleteFunc(own, func(p string) bool { return slices.Contains(common, p) })
		}
		fmt.Fprintf(&b, "- `%s`: %s", r.Name, r.help)
		if len(own) > 0 {
			fmt.Fprintf(&b, "; `%s`", strings.Join(own, "`, `"))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\nAll but `lookup` also take `%s`.\n\n", strings.Join(common, "`, `"))
	for _, p := range params() {
		fmt.Fprintf(&b, "- `%s`: %s\n", p.name, p.help)
	}
	return b.String()
}

// estate is a collection of one target: ports by their numbers, and a subnet each.
func estate(cloud string, ids ...int) *inventory.Snapshot {
	var subnets []inventory.Subnet
	ports := inventory.NewPorts(nil, false)
	for _, n := range ids {
		id := inventory.ParseID(fmt.Sprintf("00000000-0000-4000-8000-%012d", n))
		subnets = append(subnets, inventory.Subnet{ID: id, NetworkID: id, Name: fmt.Sprintf("%c-%d", 'a'+n%3, n),
			Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(n), 0}), 24), Usage: inventory.Usage{Used: float64(n % 7)}})
		ports.Append(inventory.Port{ID: id, NetworkID: id, Fixed: []inventory.FixedIP{
			{SubnetID: id, Addr: netip.AddrFrom4([4]byte{10, 0, byte(n), 4})}, {SubnetID: id, Addr: netip.AddrFrom4([4]byte{10, 0, byte(n), 5})}}})
	}
	ports.Freeze()
	state := func(name string, data inventory.Data) inventory.State {
		return inventory.State{Collector: name, Success: true, LastSuccess: time.Unix(1e9, 0), Part: &inventory.Part{Data: data}}
	}
	return &inventory.Snapshot{Cloud: cloud, Project: "p", Provider: "otc", States: []inventory.State{
		state("subnets", inventory.SubnetData{Subnets: subnets}), state("ports", inventory.PortData{Ports: ports, Subnets: subnets})}}
}

// service answers from snapshots that a test may change.
type service struct {
	t        *testing.T
	snaps    []*inventory.Snapshot
	recorded Recorded
}

func (s *service) get(path, query string) *httptest.ResponseRecorder {
	s.t.Helper()
	if s.recorded == nil {
		s.recorded = &storage.Store{} // which keeps nothing
	}
	a := New(func() []*inventory.Snapshot { return s.snaps }, s.recorded)
	w := httptest.NewRecorder()
	a.Handler(routeNamed(path))(w, httptest.NewRequest("GET", "/api/v1/"+path+"?"+query, nil))
	return w
}

func routeNamed(name string) Route {
	all := Routes()
	return all[slices.IndexFunc(all, func(r Route) bool { return r.Name == name })]
}

type page struct {
	Items []map[string]any
	Next  string
}

func (s *service) page(path, query string) (p page) {
	s.t.Helper()
	w := s.get(path, query)
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 200 {
		s.t.Fatalf("%s?%s: %d %s", path, query, w.Code, w.Body)
	}
	return p
}

// TestAnswersAreThoseInTheFile holds the keys of each listing, which CSV has in its head, and
// some answers: of a target of which all is known, of one whose ports failed, and of one
// whose ports are not collected.
func TestAnswersAreThoseInTheFile(t *testing.T) {
	blind, without := estate("two", 2), estate("three", 3)
	blind.States[1], without.States = inventory.State{Collector: "ports"}, without.States[:1]
	s := &service{t: t, snaps: []*inventory.Snapshot{estate("one", 1), blind, without}}
	var b strings.Builder
	for _, r := range Routes() {
		if r.Name != "lookup" && r.Name != "history" {
			head, _, _ := strings.Cut(s.get(r.Name, "format=csv&cloud=one").Body.String(), "\n")
			fmt.Fprintf(&b, "%s: %s\n", r.Name, head)
		}
	}
	for _, asked := range [][2]string{{"subnets", ""}, {"ports", ""}, {"lookup", "ip=10.0.1.4"}, {"lookup", "ip=192.0.2.250&cloud=one"},
		{"lookup", "ip=10.0.1.200&cloud=one"}, {"lookup", "ip=10.0.2.200&cloud=two"}, {"lookup", "ip=10.0.3.200&cloud=three"}} {
		w := s.get(asked[0], asked[1])
		fmt.Fprintf(&b, "\n%s?%s: %d %s\n%s", asked[0], asked[1], w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	golden.Check(t, "testdata/answers.txt", b.String())
}

func TestAWalkByCursorShowsWhatStayedExactlyOnce(t *testing.T) {
	for _, path := range []string{"subnets", "ports"} {
		s := &service{t: t, snaps: []*inventory.Snapshot{estate("one", 1, 3, 5, 7, 9, 11), estate("two", 2, 4, 5, 8, 10)}}
		seen := map[string]int{}
		query := "limit=2"
		for turn := 0; query != ""; turn++ {
			p := s.page(path, query)
			for _, item := range p.Items {
				seen[fmt.Sprint(item["cloud"], item["subnet_id"], item["address"])]++
			}
			if query = ""; p.Next != "" {
				query = "limit=2&cursor=" + p.Next
			}
			// Each collection brings another item, takes away one, and turns the targets around.
			s.snaps = []*inventory.Snapshot{estate("two", 2, 4, 5, 8, 10, 20+turn), estate("one", 1, 3, 5, 7, 9, 11)}
			if turn%2 == 1 {
				s.snaps = []*inventory.Snapshot{estate("one", 1, 3, 5, 7, 9, 11, 0), s.snaps[0]}
			}
			if turn > 100 {
				t.Fatal("the walk does not end")
			}
		}
		for _, snap := range []*inventory.Snapshot{estate("one", 1, 3, 5, 7, 9, 11), estate("two", 2, 4, 5, 8, 10)} {
			l := rows.ListingNamed(path)
			for row := range l.Rows(snap) {
				address := any(nil)
				if path == "ports" {
					address = row[l.Key("address")]
				}
				check.Equal(t, path, 1, seen[fmt.Sprint(snap.Cloud, row[l.Key("subnet_id")], address)])
			}
		}
	}
}

func TestListingsAreSortedNarrowedAndCut(t *testing.T) {
	s := &service{t: t, snaps: []*inventory.Snapshot{estate("one", 1, 2, 3, 4, 5, 6), estate("two", 7)}}
	for query, want := range map[string]string{
		"":                        "b-1 c-2 a-3 b-4 c-5 a-6 b-7",
		"sort=subnet_name":        "a-3 a-6 b-1 b-4 b-7 c-2 c-5",
		"sort=-subnet_name":       "c-5 c-2 b-7 b-4 b-1 a-6 a-3",
		"sort=-used&limit=3":      "a-6 c-5 b-4",
		"q=B-":                    "b-1 b-4 b-7",
		"q=10.0.2.77":             "c-2",
		"q=10.0.2.0/23+c":         "c-2",
		"cloud=two":               "b-7",
		"limit=2":                 "b-1 c-2",
		"limit=2&sort=-cidr":      "b-7 a-6",
		"vpc_id=&q=a-3&limit=500": "a-3",
		"vpc_id=x":                "",
		"cloud=one&subnet_id=00000000-0000-4000-8000-000000000005": "c-5",
		"cloud=&project=&q=": "b-1 c-2 a-3 b-4 c-5 a-6 b-7",
	} {
		var names []string
		for _, item := range s.page("subnets", query).Items {
			names = append(names, item["subnet_name"].(string))
		}
		check.Equal(t, query, want, strings.Join(names, " "))
	}
	for _, path := range []string{"ports", "idle"} {
		check.Equal(t, path, 14, len(s.page(path, "subnet_id=").Items))
	}
	// A walk in another order goes on where it was, too.
	first := s.page("subnets", "limit=4&sort=-used")
	second := s.page("subnets", "limit=4&sort=-used&cursor="+first.Next)
	check.Equal(t, "items of both pages", []int{4, 3}, []int{len(first.Items), len(second.Items)})
	check.Equal(t, "what follows the last page", "", second.Next)
}

func TestNobodyWaitsToSortForAClientThatHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := New(func() []*inventory.Snapshot { return []*inventory.Snapshot{estate("one", 1)} }, &storage.Store{})
		for range cap(a.sorting) {
			a.sorting <- struct{}{} // slow clients hold all turns
		}
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		a.Handler(routeNamed("subnets"))(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/api/v1/subnets?sort=used", nil))
	})
}

func TestWhatARouteDoesNotTakeIs400(t *testing.T) {
	s := &service{t: t, snaps: []*inventory.Snapshot{estate("one", 1, 2, 3)}}
	cursor := s.page("subnets", "limit=1").Next
	for _, query := range []string{
		"limit=0", "limit=-1", "limit=x", "limit=9999999999", "limit=", "limit=1&limit=2", "sort=nothing", "sort=", "sort=-", "cursor=x", "cursor=",
		"cursor=" + cursor + "&sort=used", "cursor=bnVsbA", "cursor=eyJTb3J0IjoiIiwiQWZ0ZXIiOltbXSxbXSxbXSxbXV19", "format=xml", "colour=red", "device_id=x", "ip=10.0.0.1",
		"cloud=nobody", "project=nobody", "cloud=one&cloud=one", "%zz", "a;b", "q=" + strings.Repeat("x", 201),
	} {
		if w := s.get("subnets", query); w.Code != 400 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %s, want 400", query, w.Code, w.Body)
		}
	}
	for query, want := range map[string]string{"cloud=nobody": `the cloud "nobody"`, "project=p&cloud=two": `the cloud "two" and the project "p"`} {
		check.Equal(t, query, "no target has "+want+"\n", s.get("subnets", query).Body.String())
	}
	for _, query := range []string{"", "ip=", "ip=10.0.0", "ip=10.0.0.1/24", "ip=fe80::1%25eth0", "ip=10.0.0.1&ip=10.0.0.2", "ip=10.0.0.1&limit=1"} {
		check.Equal(t, "lookup "+query, 400, s.get("lookup", query).Code)
	}
}

// The free blocks of 10.0.0.0/21 with subnets in 1, 2 and 9.
func TestSpace(t *testing.T) {
	space := func(cloud, vpc string, numbers ...int) *inventory.Snapshot {
		snap := estate(cloud, numbers...)
		data := inventory.Of[inventory.SubnetData](snap)
		data.VPCs = []inventory.VPC{{ID: inventory.ParseID(vpc), Name: "main", CIDR: "10.0.0.0/21", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/21")}}}
		for i := range data.Subnets {
			data.Subnets[i].VPCID = data.VPCs[0].ID
		}
		snap.State("subnets").Part.Data = data
		return snap
	}
	s := &service{t: t, snaps: []*inventory.Snapshot{space("one", "v1", 1, 2), space("two", "v2", 9)}}
	if items := s.page("vpcs", "cloud=one").Items; len(items) != 1 || items[0]["unallocated"] != 1536.0 || items[0]["largest_free_block"] != "10.0.4.0/22" {
		t.Errorf("vpcs: %v", items)
	}
	var blocks []string
	for query, turn := "length=24&vpc_id=v1&limit=1", 0; query != "" && turn < 9; turn++ {
		p := s.page("free-prefixes", query)
		for _, item := range p.Items {
			blocks = append(blocks, fmt.Sprint(item["prefix"], " ", item["addresses"], " ", item["tightest"]))
		}
		if query = ""; p.Next != "" {
			query = "length=24&vpc_id=v1&limit=1&cursor=" + p.Next
		}
	}
	check.Equal(t, "free prefixes", "[10.0.0.0/24 256 true 10.0.3.0/24 256 false 10.0.4.0/22 1024 false]", fmt.Sprint(blocks))
	for query, want := range map[string]int{"": 2 + 1, "cidr=10.0.2.0/28": 3, "cidr=10.0.2.7": 3, "cidr=192.0.2.0/24": 0, "cloud=one": 0, "cidr=10.0.9.0/24&q=two": 1} {
		check.Equal(t, "overlaps?"+query, want, len(s.page("overlaps", query).Items))
	}
	for path, queries := range map[string][]string{
		"free-prefixes": {"length=0", "length=129", "length=x", "length=", "cidr=10.0.0.0/8"}, "overlaps": {"cidr=", "cidr=x", "cidr=10.0.0.0/8&cidr=11.0.0.0/8", "length=24"}, "vpcs": {"length=24"},
		"history": {"since=1d&until=7d"},
	} {
		for _, query := range queries {
			check.Equal(t, path+"?"+query, 400, s.get(path, query).Code)
		}
	}
}

func TestCSVHasNoFormulasAndLinksTheNextPage(t *testing.T) {
	snap := estate("one", 1, 2, 3)
	inventory.Of[inventory.SubnetData](snap).Subnets[0].Name = "=cmd|' /C calc'!A0"
	s := &service{t: t, snaps: []*inventory.Snapshot{snap}}
	w := s.get("subnets", "format=csv&limit=2&q=10.0.0.0/8")
	lines, err := csv.NewReader(w.Body).ReadAll()
	if err != nil || len(lines) != 3 || lines[0][2] != "subnet_id" || lines[1][4] != "'=cmd|' /C calc'!A0" {
		t.Errorf("%v: %q", err, lines)
	}
	link := regexp.MustCompile(`^<\?(.*)>; rel="next"$`).FindStringSubmatch(w.Header().Get("Link"))
	if link == nil || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/csv") {
		t.Fatalf("header %v", w.Header())
	}
	values, _ := url.ParseQuery(link[1])
	if rest := s.get("subnets", values.Encode()); strings.Count(rest.Body.String(), "\n") != 2 || rest.Header().Get("Link") != "" {
		t.Errorf("the next page: %v %s", rest.Header(), rest.Body)
	}
}

func TestUnknownIsNotNobody(t *testing.T) {
	blind := estate("two")
	blind.State("ports").Part = nil
	unlisted := &inventory.Snapshot{Cloud: "one", Project: "*", States: blind.States} // its projects are known from before
	s := &service{t: t, snaps: []*inventory.Snapshot{estate("one", 1), unlisted, blind}}
	for query, want := range map[string]int{
		"ip=10.0.1.4": 200, "ip=10.0.1.200": 503, "ip=192.0.2.1": 503, "ip=10.0.1.200&cloud=one": 404, "ip=10.0.1.4&cloud=two": 503,
	} {
		if w := s.get("lookup", query); w.Code != want || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s, want %d", query, w.Code, w.Body, want)
		}
	}
}

func TestTagsOfSubnetsAreKeys(t *testing.T) {
	snap := estate("one", 1, 2)
	data := inventory.Of[inventory.SubnetData](snap)
	data.Tags = []string{"cost-centre"}
	data.Subnets[0].Tags = inventory.Tags{"cost-centre": "4001"}
	snap.States[0].Part.Data = data
	s := &service{t: t, snaps: []*inventory.Snapshot{snap}}
	for query, want := range map[string]string{"": "4001 <nil>", "q=4001": "4001", "sort=-tag_cost_centre": "4001 <nil>"} {
		var got []string
		for _, item := range s.page("subnets", query).Items {
			got = append(got, fmt.Sprint(item["tag_cost_centre"]))
		}
		check.Equal(t, fmt.Sprintf("%s: tags %v, want", query, got), want, strings.Join(got, " "))
	}
}

type file struct{ reader *storage.Reader }

// recorded returns the file that a collection leaves.
func recorded(t *testing.T, snap *inventory.Snapshot) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "record.db")
	s := storage.Open(storage.Options{Path: path, MaxStale: time.Hour}, slog.New(slog.DiscardHandler))
	s.Record("me", snap)
	check.OK(t, s.Close(t.Context())) // which writes it
	return path
}

func (f file) Reader() (*storage.Reader, error)             { return f.reader, nil }
func (f file) IdleSince(string, string) inventory.IdleSince { return nil }

func TestTheHistorySaysWhenTheRecordBegins(t *testing.T) {
	for _, snap := range []*inventory.Snapshot{estate("a", 1), estate("none")} {
		want := time.Time{}
		if snap.Cloud == "a" {
			want = snap.State("ports").LastSuccess
		}
		r := check.Get(storage.OpenReader(recorded(t, snap)))(t)
		defer r.Close()
		api := &service{t: t, recorded: file{r}}
		for _, ip := range []string{"10.0.1.4", "10.0.9.9"} {
			w := api.get("history", "ip="+ip)
			var got struct {
				Gaps   []any
				Begins time.Time
			}
			check.OK(t, json.Unmarshal(w.Body.Bytes(), &got))
			if w.Code != 200 || got.Gaps == nil || !got.Begins.Equal(want) {
				t.Errorf("%s %s: %d %s, want the beginning %s", snap.Cloud, ip, w.Code, w.Body, want)
			}
		}
	}
}

func TestAHistoryThatCannotBeReadIsNoWholeAnswer(t *testing.T) {
	many := make([]int, 250)
	for i := range many {
		many[i] = i
	}
	path := recorded(t, estate("a", many...))
	db := check.Get(sql.Open("sqlite", path))(t)
	defer db.Close()
	check.Get(db.Exec(`UPDATE tenures SET first = 'damaged' WHERE address = (SELECT max(address) FROM tenures)`))(t)
	r := check.Get(storage.OpenReader(path))(t)
	defer r.Close()
	handler := New(func() []*inventory.Snapshot { return nil }, file{r}).Handler(routeNamed("history"))
	server, secure := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer server.Close()
	defer secure.Close()
	for query, whole := range map[string]bool{"": false, "format=csv": false, "sort=address": true, "limit=1": true, "limit=1&format=csv": true} {
		for _, version := range []string{"1.0", "1.1"} {
			for _, conn := range []net.Conn{
				check.Get(net.Dial("tcp", server.Listener.Addr().String()))(t),
				check.Get(tls.Dial("tcp", secure.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true}))(t),
			} {
				fmt.Fprintf(conn, "GET /?%s HTTP/%s\r\nHost: x\r\nConnection: close\r\n\r\n", query, version)
				response := check.Get(http.ReadResponse(bufio.NewReader(conn), nil))(t)
				body, err := io.ReadAll(response.Body)
				conn.Close()
				if whole && (response.StatusCode != 503 || err != nil) || !whole && (err == nil || len(body) == 0 || json.Valid(body)) {
					t.Errorf("%T HTTP/%s %q: %d and %v after %d bytes; it must break off after the first rows, or say 503", conn, version, query, response.StatusCode, err, len(body))
				}
			}
		}
	}
	check.Get(db.Exec(`DROP TABLE names`))(t)
	for _, of := range []struct {
		Recorded
		says string
	}{{file{r}, "cannot be read"}, {&storage.Store{}, "set storage.path"}} {
		w := (&service{t: t, recorded: of.Recorded}).get("history", "subnet_id=apps")
		if w.Code != 503 || !strings.Contains(w.Body.String(), of.says) {
			t.Errorf("%d %s, want 503 %s", w.Code, w.Body, of.says)
		}
	}
}

func TestAnAnswerWithAValueThatJSONCannotHoldBreaksOff(t *testing.T) {
	l := listing{Listing: rows.New("vpcs", "", "", "addresses", nil), find: func(*listing, *API, *question) (iter.Seq[rows.Row], error) {
		return slices.Values([]rows.Row{{"cloud", "project", math.Inf(1)}}), nil
	}}
	defer func() { check.Equal(t, "panic", any(http.ErrAbortHandler), recover()) }()
	check.OK(t, l.answer(&API{}, httptest.NewRecorder(), &question{}))
}
