package web

import (
	"bytes"
	"errors"
	"flag"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/simulator/simtest"
)

var update = flag.Bool("update", false, "rewrite golden files")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// render writes the page of some snapshots at noon.
func render(t *testing.T, query string, snaps ...*inventory.Snapshot) (status int, html string) {
	t.Helper()
	page, err := parsePage()
	if err != nil {
		t.Fatal(err)
	}
	data := newInventoryPage(httptest.NewRequest(http.MethodGet, "/?"+query, nil), snaps, noon)
	data.Version, data.TelemetryPath, data.Ready = "1.2.3", "/metrics", true
	var b bytes.Buffer
	if err := page.Execute(&b, data); err != nil {
		t.Fatal(err)
	}
	return data.status(), b.String()
}

// section cuts one part out of a page.
func section(t *testing.T, html, id string) string {
	t.Helper()
	found := regexp.MustCompile(`(?s)<section[^>]* (?:id|class)="` + id + `.*?</section>`).FindString(html)
	if found == "" {
		t.Fatalf("the page has no %s: %s", id, html)
	}
	return found + "\n"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func of[T any](v T) *T { return &v }

// state is a collector that succeeded some time before noon.
func state(name string, before time.Duration, part inventory.Part) inventory.State {
	return inventory.State{Collector: name, Part: &part, Success: true, LastSuccess: noon.Add(-before)}
}

func subnet(name, cidr string, used float64, capacity, free *float64, source inventory.CapacitySource) inventory.Subnet {
	id := inventory.ParseID("id-" + name)
	return inventory.Subnet{
		ID: id, NeutronID: inventory.ParseID("n-" + name), NetworkID: id, VPCID: inventory.ParseID("vpc-1"), Name: name,
		Prefix: netip.MustParsePrefix(cidr), Gateway: netip.MustParsePrefix(cidr).Addr().Next(),
		Usage: inventory.Usage{Source: source, Capacity: capacity, Used: used, Free: free},
	}
}

// estate is one target with something of every kind.
func estate() *inventory.Snapshot {
	subnets := []inventory.Subnet{
		subnet("roomy", "10.0.0.0/24", 10, of(251.0), of(241.0), inventory.FromAvailability),
		subnet("full", "10.0.1.0/28", 11, of(11.0), of(0.0), inventory.FromAvailability),
		subnet("guess", "10.0.2.0/28", 10, of(11.0), of(1.0), inventory.FromEstimate),
		subnet("six", "2001:db8::/64", 4, nil, nil, inventory.FromNowhere),
		subnet("wide", "2001:db8:1::/64", 4, of(18446744073709551615.0), of(18446744073709551611.0), inventory.FromAllocationPool),
	}
	ports := inventory.NewPorts(nil, false)
	at := func(port, owner, device, address string) {
		ports.Append(inventory.Port{
			ID: inventory.ParseID(port), NetworkID: inventory.ParseID("id-full"), DeviceID: inventory.ParseID(device), Owner: owner, Status: "ACTIVE",
			Fixed: []inventory.FixedIP{{SubnetID: inventory.ParseID("n-full"), Addr: netip.MustParseAddr(address)}},
		})
	}
	at("p1", "compute:az1", "s1", "10.0.1.5")
	at("p2", "compute:az1", "s2", "10.0.1.6")
	at("p3", "network:dhcp", "d", "10.0.1.2")
	at("p4", "", "", "10.0.1.7")
	ports.Freeze()
	group := func(name string, most *int, entries ...string) inventory.AddressGroup {
		g := inventory.AddressGroup{ID: inventory.ParseID("g-" + name), Name: name, Max: most, Status: "NORMAL"}
		for _, e := range entries {
			r, _ := space.ParseEntry(e)
			g.Entries = append(g.Entries, inventory.AddressGroupEntry{Text: e, Range: r})
		}
		return g
	}
	return &inventory.Snapshot{Cloud: "prod", Project: "eu-de", Provider: "otc", States: []inventory.State{
		state("subnets", 12*time.Second, inventory.Part{Items: 4, Data: inventory.SubnetData{Subnets: subnets, VPCs: []inventory.VPC{{ID: inventory.ParseID("vpc-1"), Name: "main"}}}}),
		state("ports", 3*time.Minute, inventory.Part{Items: 4, Data: inventory.PortData{Ports: ports, Subnets: subnets}}),
		state("servers", 10*time.Second, inventory.Part{Items: 2, Data: inventory.ServerData{
			{ID: inventory.ParseID("s1"), Name: "metal-1", BareMetal: true, Status: "ACTIVE", Flavor: "physical.o2", Zone: "az1",
				Addresses: []inventory.ServerAddress{{Network: "vpc-1", Addr: netip.MustParseAddr("10.0.1.5")}}},
			{ID: inventory.ParseID("s2"), Name: "bare-of-address", Status: "ERROR", Flavor: "c3", Zone: "az2"},
		}}),
		state("address_groups", 10*time.Second, inventory.Part{Items: 3, Data: inventory.AddressGroupData{
			group("half", of(4), "10.0.0.0/8", "10.0.1.5"), group("unbounded", nil, "192.0.2.0/24"), group("brim", of(2), "192.0.2.1", "192.0.2.2"),
		}}),
	}}
}

func TestThePageShowsEachSectionAsItShould(t *testing.T) {
	_, html := render(t, "", estate())
	for _, id := range []string{"health", "subnets-4", "subnets-6", "servers", "address-groups", "targets"} {
		golden(t, "page_"+id+".html", section(t, html, id))
	}
}

func TestThePageAnswersALookup(t *testing.T) {
	for name, ip := range map[string]string{"held": "10.0.1.5", "free": "10.0.0.77", "gateway": "10.0.0.1", "unknown": "172.16.0.1", "group": "192.0.2.1"} {
		status, html := render(t, "ip=+"+ip+"+", estate()) // pasted with blanks
		if status != http.StatusOK {
			t.Errorf("%s: status %d", ip, status)
		}
		golden(t, "lookup_"+name+".html", section(t, html, "lookup"))
	}
}

func TestNobodyIsSaidToHoldWhatCouldNotBeSeen(t *testing.T) {
	snap := estate()
	st := snap.State("ports")
	st.Success, st.Part, st.Err = false, nil, errors.New("list ports: 403")
	_, html := render(t, "ip=10.0.0.77", snap)
	golden(t, "lookup_blind.html", section(t, html, "lookup"))
}

func TestALookupOfNoAddressIsRefusedInWords(t *testing.T) {
	for query, want := range map[string]string{
		"ip=": "give an address", "ip=10.0.0": "is no IP address", "ip=10.0.0.1/24": "is no IP address", "ip=fe80::1%25eth0": "is no IP address",
		"ip=10.0.0.1&ip=10.0.0.2": "repeated", "ip=<script>alert(1)</script>": "&lt;script&gt;", "%zz": "malformed",
		"cloud=nobody": "no target", "cloud=prod&cloud=prod": "repeated", "q=a&q=b": "repeated", "q=" + strings.Repeat("x", 201): "too long",
	} {
		status, html := render(t, query, estate())
		if status != http.StatusBadRequest || !strings.Contains(html, want) || !strings.Contains(html, `role="alert"`) || strings.Contains(html, "<script") {
			t.Errorf("%.40q: status %d, want 400 and %q on the page", query, status, want)
		}
	}
}

func TestFailingCollectorsAreTheFirstThingOnThePage(t *testing.T) {
	snap := estate()
	login := errors.New("log in: 401 <b>bad</b> key")
	for i := range snap.States[:2] {
		snap.States[i].Success, snap.States[i].Err = false, login
	}
	snap.States[2] = inventory.State{Collector: "servers", Err: errors.New("list servers: 503")}
	snap.States[3] = inventory.State{Collector: "address_groups"}
	_, html := render(t, "", snap)
	golden(t, "page_problems.html", section(t, html, "health"))
	if strings.Index(html, "log in: 401") > strings.Index(html, "<table") {
		t.Error("the reason stands behind a table")
	}
	if servers := section(t, html, "servers"); !strings.Contains(servers, "No data") || !strings.Contains(servers, "<small>–</small>") {
		t.Errorf("without data: %s", servers)
	}
	if subnets := section(t, html, "subnets-4"); !strings.Contains(subnets, `3 min</time> <span class="bad">failing</span>`) {
		t.Errorf("the page does not show the age of old data: %s", subnets)
	}
}

func TestTheFilterNarrowsByTextAddressAndTarget(t *testing.T) {
	other := &inventory.Snapshot{Cloud: "lab", Project: "admin", Provider: "openstack", States: []inventory.State{
		state("subnets", time.Second, inventory.Part{Data: inventory.SubnetData{Subnets: []inventory.Subnet{subnet("lab-net", "10.0.0.0/16", 1, of(9.0), of(8.0), inventory.FromAvailability)}}}),
	}}
	for query, want := range map[string]string{
		"":                                   "full guess lab-net roomy wide six",
		"q=FUL":                              "full",
		"q=main+guess":                       "guess",
		"q=10.0.1.9":                         "full lab-net",
		"q=10.0.2.0/23":                      "guess lab-net",
		"q=2001:db8::1":                      "six",
		"q=id-wide":                          "wide",
		"q=nothing":                          "",
		"cloud=lab":                          "lab-net",
		"cloud=prod&project=&q=":             "full guess roomy wide six",
		"project=admin&q=lab":                "lab-net",
		"cloud=prod&q=lab":                   "",
		"q=" + url.QueryEscape(`"><script>`): "",
	} {
		status, html := render(t, query, estate(), other)
		var names []string
		for _, m := range regexp.MustCompile(`<th scope="row" title="[^"]*"><bdi>([^<]*)</bdi>`).FindAllStringSubmatch(html, -1) {
			names = append(names, m[1])
		}
		if got := strings.Join(names, " "); got != want || status != http.StatusOK {
			t.Errorf("%q: status %d, subnets %q, want %q", query, status, got, want)
		}
		if strings.Contains(html, "<script") {
			t.Errorf("%q: the page holds a script", query)
		}
	}
	_, html := render(t, "cloud=prod&q=FUL", estate(), other)
	for _, want := range []string{`<option value="prod" selected>`, `<option value="lab">`, `value="FUL"`, `<a href="/">Show all</a>`, "1 of 3"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestManyRowsAreCutWithANote(t *testing.T) {
	var subnets inventory.SubnetData
	var servers inventory.ServerData
	var groups inventory.AddressGroupData
	for i := range rowsMax + 7 {
		s := subnet("s", "10.0.0.0/24", 1, of(9.0), of(float64(i)), inventory.FromAvailability)
		subnets.Subnets = append(subnets.Subnets, s)
		servers = append(servers, inventory.Server{Name: "x"})
		groups = append(groups, inventory.AddressGroup{Name: "x"})
	}
	snap := &inventory.Snapshot{Cloud: "a&b", Project: "p", Provider: "otc", States: []inventory.State{
		state("subnets", 0, inventory.Part{Data: subnets}), state("servers", 0, inventory.Part{Data: servers}), state("address_groups", 0, inventory.Part{Data: groups})}}
	_, html := render(t, "cloud=a%26b", snap)
	for id, kind := range map[string]string{"subnets-4": "subnets", "servers": "servers", "address-groups": "address-groups"} {
		part := section(t, html, id)
		if n := strings.Count(part, `scope="row"`); n != rowsMax {
			t.Errorf("%s: %d rows, want %d", id, n, rowsMax)
		}
		if want := `first 500 of 507 are shown. All of them: <a href="/api/v1/` + kind + `?cloud=a%26b">`; !strings.Contains(part, want) {
			t.Errorf("%s lacks %s", id, want)
		}
	}
}

func TestHostileNamesAreInert(t *testing.T) {
	for _, name := range []string{`<script>alert(1)</script>`, `" onmouseover="alert(1)`, `'><img src=x onerror=alert(1)>`, "\u202egnp.exe\u2066", "a\x00b\nc", "{{.}}", "javascript:alert(1)", strings.Repeat("W", 5000)} {
		snap := estate()
		snap.Cloud, snap.Project = name, name
		data := inventory.Of[inventory.SubnetData](snap)
		data.Subnets[1].Name, data.VPCs[0].Name, data.VPCs[0].ID = name, name, data.Subnets[1].VPCID
		data.Subnets[1].ID = inventory.ParseID(name)
		for i := range inventory.Of[inventory.ServerData](snap) {
			s := &inventory.Of[inventory.ServerData](snap)[i]
			s.Name, s.Status, s.Flavor, s.Zone = name, name, name, name
		}
		g := &inventory.Of[inventory.AddressGroupData](snap)[0]
		g.Name, g.Status, g.Entries[0].Text = name, name, name
		snap.States = append(snap.States, inventory.State{Collector: "quotas", Err: errors.New(name)})
		_, html := render(t, "ip=10.0.1.5&q="+url.QueryEscape(name)+"&cloud="+url.QueryEscape(name), snap)
		_, all := render(t, "ip=10.0.1.5", snap)
		for _, html := range []string{html, all} {
			// Forms and links carry names as they are, where nobody reads them as text.
			shown := regexp.MustCompile(` (value|href)="[^"]*"`).ReplaceAllString(html, "")
			for _, bad := range []string{"<script", "<img", ` onmouseover="`, "\u202e", "\u2066", "\x00", strings.Repeat("W", reasonMax+1)} {
				if strings.Contains(shown, bad) {
					t.Errorf("%.20q: the page holds %.20q", name, bad)
				}
			}
			if strings.Contains(html, `href="javascript:`) {
				t.Errorf("%.20q: a link is a script", name)
			}
		}
		if want := "<bdi>" + template.HTMLEscapeString(visible(name)) + "</bdi>"; strings.Count(all, want) < 10 {
			t.Errorf("%.20q is isolated %d times, want at least 10", name, strings.Count(all, want))
		}
	}
}

func TestThePageOfRunningCloudsWorksWithTheStyleSheetAlone(t *testing.T) {
	f := serve(t).ready()
	page := f.get("/")
	for _, want := range []string{"form-action 'self'", "style-src 'self'"} {
		if !strings.Contains(page.header.Get("Content-Security-Policy"), want) {
			t.Errorf("the policy lacks %s", want)
		}
	}
	truth := f.otc.Truth()
	for _, s := range truth.Subnets {
		if !strings.Contains(page.body, s.CIDR) {
			t.Errorf("the page lacks the subnet %s", s.CIDR)
		}
	}
	if got := f.get("/?ip=10.0.0"); got.status != http.StatusBadRequest || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
		t.Errorf("a malformed address: status %d, %s", got.status, got.header.Get("Content-Type"))
	}
	defer f.otc.Fault(simtest.Fault{Status: 500})()
	before := len(f.otc.Requests())
	f.get("/?q=10.0.0.1")
	if after := len(f.otc.Requests()); after != before {
		t.Errorf("the page asked the cloud %d times", after-before)
	}
}

func TestAgesAndFiguresReadAsPeopleWriteThem(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min", 59*time.Minute + 59*time.Second: "59 min",
		65 * time.Minute: "1 h 5 min", 49 * time.Hour: "2 days",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for _, c := range []struct {
		v    any
		want string
	}{{0, "0"}, {7, "7"}, {nil, "–"}, {(*float64)(nil), "–"}, {of(65531.0), "65531"}, {18446744073709551611.0, "1.8e19"}} {
		if got := figure(c.v); got != c.want {
			t.Errorf("%v: %q, want %q", c.v, got, c.want)
		}
	}
	for used, want := range map[float64]gauge{0: {true, 0}, 249: {true, 99}, 250: {true, 100}, 1e9: {true, 999}} {
		if got := gaugeOf(used, 250); got != want {
			t.Errorf("%v of 250: %+v, want %+v", used, got, want)
		}
	}
	if got := gaugeOf(1, 0); got.Known {
		t.Errorf("of nothing: %+v", got)
	}
}
