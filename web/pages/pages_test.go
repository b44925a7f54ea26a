package pages

import (
	"database/sql"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/storage"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func of[T any](v T) *T { return &v }

// state is a collector that succeeded some time ago.
func state(name string, before time.Duration, data inventory.Data) inventory.State {
	return inventory.State{Collector: name, Part: &inventory.Part{Data: data}, Success: true, LastSuccess: noon.Add(-before)}
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
		subnet("large", "10.16.0.0/20", 2, of(4091.0), of(4089.0), inventory.FromAvailability),
		subnet("six", "2001:db8::/64", 4, nil, nil, inventory.FromNowhere),
		subnet("wide", "2001:db8:1::/64", 4, of(18446744073709551615.0), of(18446744073709551611.0), inventory.FromAllocationPool),
	}
	subnets[1].Usage.Reserved = of(5.0)
	ports := inventory.NewPorts(nil, false)
	at := func(port, owner, device, subnet, address string) {
		ports.Append(inventory.Port{
			ID: inventory.ParseID(port), NetworkID: inventory.ParseID("id-" + subnet), DeviceID: inventory.ParseID(device), Owner: owner, Status: "ACTIVE",
			Fixed: []inventory.FixedIP{{SubnetID: inventory.ParseID("n-" + subnet), Addr: netip.MustParseAddr(address)}},
		})
	}
	at("p1", "compute:az1", "s1", "full", "10.0.1.5")
	at("p2", "compute:az1", "s2", "full", "10.0.1.6")
	at("p3", "network:dhcp", "d", "full", "10.0.1.2")
	at("p4", "", "", "full", "10.0.1.7")
	at("p5", "neutron:LOADBALANCERV2", "lb", "large", "10.16.3.7")
	at("p6", "", "", "large", "10.16.3.8")
	at("p7", "compute:az1", "s1", "six", "2001:db8::7")
	ports.Freeze()
	group := func(name string, most *int, entries ...string) inventory.AddressGroup {
		g := inventory.AddressGroup{ID: inventory.ParseID("g-" + name), Name: name, Max: most, Status: "NORMAL"}
		for _, e := range entries {
			r, _ := space.ParseEntry(e)
			g.Entries = append(g.Entries, inventory.AddressGroupEntry{Text: e, Range: r})
		}
		return g
	}
	public := inventory.PublicIPData{IPs: []inventory.PublicIP{
		{ID: inventory.ParseID("e1"), Addr: netip.MustParseAddr("203.0.113.1"), Pool: "5_bgp", Status: "ACTIVE", Attached: true, PortID: inventory.ParseID("p1"), Private: netip.MustParseAddr("10.0.1.5")},
		{ID: inventory.ParseID("e2"), Addr: netip.MustParseAddr("203.0.113.2"), Pool: "5_bgp", Status: "DOWN"},
		{ID: inventory.ParseID("e3"), Pool: "5_bgp", Status: "PENDING_CREATE"},
	}}
	return &inventory.Snapshot{Cloud: "prod", Project: "eu-de", Provider: "otc", States: []inventory.State{
		state("subnets", 12*time.Second, inventory.SubnetData{Subnets: subnets, VPCs: []inventory.VPC{{ID: inventory.ParseID("vpc-1"), Name: "main", CIDR: "10.0.0.0/8", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/28")}}},
			Pools: []inventory.SubnetPool{
				{ID: inventory.ParseID("pool-1"), Name: "six", IPVersion: "6", Prefixes: []netip.Prefix{netip.MustParsePrefix("2001:db8::/61")}},
				{ID: inventory.ParseID("pool-2"), Name: "shared", IPVersion: "4", Prefixes: []netip.Prefix{netip.MustParsePrefix("192.168.0.0/16")}, Hidden: true}}}),
		state("ports", 3*time.Minute, inventory.PortData{Ports: ports, Subnets: subnets, SubInterfaces: inventory.NewSubInterfaces([]inventory.SubInterface{
			{ID: inventory.ParseID("sub-1"), SubnetID: inventory.ParseID("id-full"), DeviceID: inventory.ParseID("s2"), Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.9")}}})}),
		state("servers", 10*time.Second, inventory.ServerData{
			{ID: inventory.ParseID("s1"), Name: "metal-1", BareMetal: true, Status: "ACTIVE", Flavor: "physical.o2", Zone: "az1",
				Addresses: []inventory.ServerAddress{{Network: "vpc-1", Addr: netip.MustParseAddr("10.0.1.5")}}},
			{ID: inventory.ParseID("s2"), Name: "bare-of-address", Status: "ERROR", Flavor: "c3", Zone: "az2"},
		}),
		state("address_groups", 10*time.Second, inventory.AddressGroupData{
			group("half", of(4), "10.0.0.0/8", "10.0.1.5"), group("unbounded", nil, "192.0.2.0/24"), group("brim", of(2), "192.0.2.1", "192.0.2.2"),
		}),
		state("public_ips", 10*time.Second, public),
	}}
}

// get asks for a page of some snapshots.
func get(t *testing.T, path string, snaps ...*inventory.Snapshot) *httptest.ResponseRecorder {
	t.Helper()
	return getWith(t, new(storage.Store).Reader, path, snaps...) // which keeps nothing
}

// getWith is get where something is recorded.
func getWith(t *testing.T, history func() (*storage.Reader, error), path string, snaps ...*inventory.Snapshot) *httptest.ResponseRecorder {
	t.Helper()
	p, err := New(Options{
		IdleSince: func(string, string) inventory.IdleSince {
			return func(port inventory.ID, _ netip.Addr) time.Time {
				return map[string]time.Time{"p4": noon.Add(-26 * time.Hour)}[port.String()]
			}
		},
		History: history, Snapshots: func() []*inventory.Snapshot { return snaps }, Ready: func() bool { return true }, MaxStale: func() time.Duration { return 15 * time.Minute },
		Version: "1.2.3", Metrics: "metrics", Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: func() time.Time { return noon },
	})
	check.OK(t, err)
	mux := http.NewServeMux()
	for path, handler := range p.Routes() {
		mux.HandleFunc("GET "+path, handler)
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// words are the words of a page as a reader sees them, a line for each block.
func words(page string) string {
	_, page, _ = strings.Cut(page, `<main id="main">`)
	page, _, _ = strings.Cut(page, "</main>")
	page = regexp.MustCompile(`(?s)<title>.*?</title>|<option.*?</option>|<[a-z]+ class="arr".*?</[a-z]+>`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`</(tr|p|h1|h2|li|dl|summary|caption|form|nav)>`).ReplaceAllString(page, "\n")
	page = html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " "))
	var lines []string
	for _, line := range strings.Split(page, "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// failingEstate is estate after a failed collection.
func failingEstate() *inventory.Snapshot {
	snap := estate()
	for i := range snap.States[:2] {
		snap.States[i].Success, snap.States[i].Err = false, errors.New("log in: 401 <b>bad</b> key")
		snap.States[i].FailingSince = noon.Add(-2 * time.Minute)
	}
	snap.States[2] = inventory.State{Collector: "servers", Err: errors.New("list servers: 503")}
	snap.States[3] = inventory.State{Collector: "address_groups"}
	return snap
}

func TestPagesSayWhatTheyShould(t *testing.T) {
	blind := estate()
	st := blind.State("ports")
	st.Success, st.Part, st.Err = false, nil, errors.New("list ports: 403")
	hidden := estate()
	for i := range inventory.Of[inventory.SubnetData](hidden).Subnets {
		inventory.Of[inventory.SubnetData](hidden).Subnets[i].PortsHidden = true
	}
	fresh := &inventory.Snapshot{Cloud: "prod", Project: "eu-de", States: []inventory.State{{Collector: "subnets"}, {Collector: "ports"}}}
	empty := &inventory.Snapshot{Cloud: "prod", Project: "eu-de", States: []inventory.State{state("subnets", 0, inventory.SubnetData{}), state("ports", 0, inventory.PortData{})}}
	for name, c := range map[string]struct {
		path string
		snap *inventory.Snapshot
		code int
	}{
		"overview":         {"/", estate(), 200},
		"overview-failing": {"/", failingEstate(), 200},
		"overview-first":   {"/", fresh, 200},
		"overview-empty":   {"/", empty, 200},
		"overview-groups":  {"/?list=address-groups&sort=address_group_name", estate(), 200},
		"overview-public":  {"/?list=public-ips", estate(), 200},
		"overview-idle":    {"/?list=idle", estate(), 200},
		"targets-failing":  {"/targets", failingEstate(), 200},
		"subnet":           {"/subnet?subnet_id=id-full", estate(), 200},
		"subnet-large":     {"/subnet?subnet_id=id-large", estate(), 200},
		"subnet-block":     {"/subnet?subnet_id=id-large&map=10.16.3.0/24&state=idle", estate(), 200},
		"subnet-six":       {"/subnet?subnet_id=id-six", estate(), 200},
		"subnet-blind":     {"/subnet?subnet_id=id-full", blind, 200},
		"subnet-none":      {"/subnet?subnet_id=nobody", estate(), 404},
		"vpcs":             {"/vpcs", estate(), 200},
		"vpc":              {"/vpc?vpc_id=vpc-1&length=12", estate(), 200},
		"pool":             {"/vpc?vpc_id=pool-1", estate(), 200},
		"pool-hidden":      {"/vpc?vpc_id=pool-2", estate(), 200},
		"vpc-none":         {"/vpc?vpc_id=nobody", estate(), 404},
		"address-held":     {"/address?ip=+10.0.1.5+", estate(), 200}, // pasted with blanks
		"address-free":     {"/address?ip=10.0.0.77", estate(), 200},
		"address-gateway":  {"/address?ip=10.0.0.1", estate(), 200},
		"address-unknown":  {"/address?ip=172.16.0.1", estate(), 200},
		"address-group":    {"/address?ip=192.0.2.1", estate(), 200},
		"address-blind":    {"/address?ip=10.0.0.77", blind, 200},
		"address-hidden":   {"/address?ip=10.0.0.77", hidden, 200},
	} {
		w := get(t, c.path, c.snap)
		check.Equal(t, c.path+": status", c.code, w.Code)
		golden.Check(t, filepath.Join("testdata", name+".txt"), words(w.Body.String()))
	}
}

func TestPagesSayWhyAVirtualServerHasNoName(t *testing.T) {
	snap := estate()
	snap.State("servers").Part = &inventory.Part{Data: inventory.Of[inventory.ServerData](snap)[:1]} // without s2
	for path, want := range map[string]bool{"/address?ip=10.0.1.6": true, "/address?ip=10.0.1.5": false, "/subnet?subnet_id=id-full": true, "/subnet?subnet_id=id-large": false} {
		check.Equal(t, path+": said", want, strings.Contains(get(t, path, snap).Body.String(), "servers: all in the configuration"))
	}
}

// recorded keeps collections of the ports of one subnet: in each minute those at some addresses.
func recorded(t *testing.T, minutes map[int][]string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "kept.db")
	for _, minute := range slices.Sorted(maps.Keys(minutes)) {
		snap := estate()
		data := inventory.Of[inventory.PortData](snap)
		data.Ports = inventory.NewPorts(nil, false)
		for _, address := range minutes[minute] {
			data.Ports.Append(inventory.Port{ID: inventory.ParseID("port-" + address), NetworkID: inventory.ParseID("id-full"), DeviceID: inventory.ParseID("s1"), Owner: "compute:az1", Status: "ACTIVE",
				Fixed: []inventory.FixedIP{{SubnetID: inventory.ParseID("n-full"), Addr: netip.MustParseAddr(address)}}})
		}
		data.Ports.Freeze()
		snap.State("ports").Part = &inventory.Part{Data: data}
		for i := range snap.States {
			snap.States[i].LastSuccess = noon.Add(time.Duration(minute) * time.Minute)
		}
		s := storage.Open(storage.Options{Path: path, MaxStale: 15 * time.Minute}, slog.New(slog.NewTextHandler(t.Output(), nil)))
		s.Record("me", snap)
		check.OK(t, s.Close(t.Context())) // which writes it
	}
	return path
}

func TestPagesShowWhatIsRecorded(t *testing.T) {
	path := recorded(t, map[int][]string{-3000: {"10.0.1.8"}, -2990: {"10.0.1.8", "10.0.1.10"}, -2980: {"10.0.1.10", "10.0.1.14"}, -100: {"10.0.1.8", "10.0.1.10"}, -90: {"10.0.1.8"}})
	history := func() (*storage.Reader, error) {
		reader, err := storage.OpenReader(path)
		if err == nil {
			t.Cleanup(func() { reader.Close() })
		}
		return reader, err
	}
	for name, path := range map[string]string{
		"history-address": "/address?ip=10.0.1.8", "history-at": "/address?ip=10.0.1.8&at=2026-02-28+10:05", "history-nobody": "/address?ip=10.0.1.11",
		"history-lasting": "/address?ip=10.0.1.10&at=2026-02-28+10:05", "history-ended": "/address?ip=10.0.1.14&at=2026-02-28+10:05", "history-subnet": "/subnet?subnet_id=id-full",
	} {
		w := getWith(t, history, path, estate())
		check.Equal(t, path+": status", http.StatusOK, w.Code)
		golden.Check(t, filepath.Join("testdata", name+".txt"), words(w.Body.String()))
	}
	check.Equal(t, "a time that is none: status", http.StatusBadRequest, getWith(t, history, "/address?ip=10.0.1.8&at=yesterday", estate()).Code)

	db := check.Get(sql.Open("sqlite", path))(t)
	check.Get(db.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO tenures (target, kind, address, item, attributes, first)
		SELECT target, kind, address, item, attributes, first - i FROM n, (SELECT * FROM tenures WHERE id = (SELECT min(id) FROM tenures))`, tenuresMax))(t)
	check.OK(t, db.Close())
	page := words(getWith(t, history, "/address?ip=10.0.1.8", estate()).Body.String())
	check.Has(t, "the page of an address with many holders", page, "too many changes")
	check.Lacks(t, "the page of an address with many holders", page, "to now")
}

func TestWhatMakesNoSenseIsRefusedInWords(t *testing.T) {
	for path, want := range map[string]string{
		"/address": "give an address", "/address?ip=10.0.0": "is no IP address", "/address?ip=10.0.0.1/24": "is no IP address", "/address?ip=fe80::1%25eth0": "is no IP address",
		"/address?ip=10.0.0.1&ip=10.0.0.2": "repeated", "/address?ip=<script>alert(1)</script>": "&lt;script&gt;", "/?%zz": "malformed", "/?list=nothing": "no list",
		"/?cloud=nobody": "no target", "/?cloud=prod&cloud=prod": "repeated", "/?q=a&q=b": "repeated", "/?q=" + strings.Repeat("x", 201): "too long",
		"/subnet?subnet_id=id-large&map=10.17.0.0/24": "no part of", "/subnet?subnet_id=id-large&map=x": "no part of", "/subnet?subnet_id=id-large&map=10.16.0.0/8": "no part of",
		"/subnet?subnet_id=id-large&state=full": "state", "/vpc?vpc_id=vpc-1&length=x": "no length", "/vpc?vpc_id=vpc-1&length=33": "no length",
		"/?format=csv&q=" + strings.Repeat("x", 201): "too long", "/?format=csv&cloud=nobody": "no target",
	} {
		w := get(t, strings.ReplaceAll(path, " ", "+"), estate())
		if body := w.Body.String(); w.Code != http.StatusBadRequest || !strings.Contains(body, want) || !strings.Contains(body, `role="alert"`) || strings.Contains(body, "<script") {
			t.Errorf("%.40q: status %d, want 400 and %q on the page", path, w.Code, want)
		}
	}
}

func TestASubnetShowsWhoseNetworkItIsInAndItsTags(t *testing.T) {
	s := subnet("lab-net", "10.0.0.0/16", 1, of(9.0), of(8.0), inventory.FromAvailability)
	s.NetworkID, s.VPCID, s.Tags = inventory.ParseID("n"), inventory.ID{}, inventory.Tags{"team": "<net>", "managed": ""}
	lab := &inventory.Snapshot{Cloud: "lab", Project: "", Provider: "openstack", States: []inventory.State{
		state("subnets", time.Second, inventory.SubnetData{Subnets: []inventory.Subnet{s}, Tags: []string{"team", "managed"}, Networks: []inventory.Network{
			{ID: s.NetworkID, Name: "backend", Shared: true, OwnerID: inventory.ParseID("p"), OwnerName: "payments"},
		}}),
	}}
	for path, want := range map[string]string{
		"/":                                  "lab-net 10.0.0.0/16 backend of payments lab / own scope",
		"/address?ip=10.0.0.9":               "8 free · network backend of payments, shared · team: <net>",
		"/subnet?subnet_id=" + s.ID.String(): "network backend of payments, shared · team: <net> Use",
	} {
		check.Has(t, path, strings.Join(strings.Fields(words(get(t, path, lab).Body.String())), " "), want)
	}
	check.Has(t, "CSV", get(t, "/?format=csv", lab).Body.String(), ",tag_team,", ",<net>,")
}

func TestWhatNoListingHasIsNoLink(t *testing.T) {
	snap := estate()
	ports := inventory.NewPorts(nil, false)
	ports.Append(inventory.Port{ID: inventory.ParseID("p3"), NetworkID: inventory.ParseID("id-foreign"), Instance: true, Fixed: []inventory.FixedIP{{Addr: netip.MustParseAddr("10.0.9.9")}}})
	for port, subnet := range map[string]string{"p1": "id-full", "p2": "id-foreign"} {
		ports.Append(inventory.Port{ID: inventory.ParseID(port), NetworkID: inventory.ParseID(subnet), Fixed: []inventory.FixedIP{{Addr: netip.MustParseAddr("10.0.1.7")}}})
	}
	ports.Freeze()
	snap.States[1] = state("ports", 0, inventory.PortData{Ports: ports})
	page := get(t, "/?list=idle", snap).Body.String()
	check.Has(t, "the list of idle addresses", page, "subnet_id=id-full", "<bdi>id-foreign</bdi>")
	check.Lacks(t, "the list of idle addresses", page, "subnet_id=id-foreign")
	page = get(t, "/address?ip=10.0.9.9", snap).Body.String()
	check.Has(t, "an address in another's subnet that a service uses", page, "<dt>Subnet</dt><dd>id-foreign", "eld by something unknown")
	check.Lacks(t, "an address in another's subnet that a service uses", page, "subnet_id=id-foreign")

	snap = estate()
	snap.States = snap.States[1:2] // the ports, and so no VPC
	for _, path := range []string{"/", "/subnet?subnet_id=id-full", "/address?ip=10.0.1.7"} {
		check.Lacks(t, path, get(t, path, snap).Body.String(), "vpc_id=vpc-1")
	}
}

func TestTheOverviewIsNarrowedSortedAndPaged(t *testing.T) {
	other := &inventory.Snapshot{Cloud: "lab", Project: "admin", Provider: "openstack", States: []inventory.State{
		state("subnets", time.Second, inventory.SubnetData{Subnets: []inventory.Subnet{subnet("lab-net", "10.0.0.0/16", 1, of(9.0), of(8.0), inventory.FromAvailability)}}),
	}}
	var many inventory.SubnetData
	for i := range 207 {
		many.Subnets = append(many.Subnets, subnet(fmt.Sprintf("s%03d", i), "10.0.0.0/24", 1, of(9.0), of(float64(i)), inventory.FromAvailability))
	}
	crowd := &inventory.Snapshot{Cloud: "crowd", Project: "p", States: []inventory.State{state("subnets", 0, many)}}
	for query, want := range map[string]string{
		"":                                   "full guess lab-net roomy large",
		"sort=-subnet_name":                  "roomy large lab-net guess full",
		"sort=cidr":                          "lab-net roomy full guess large",
		"sort=nonsense":                      "full guess lab-net roomy large",
		"state=full":                         "full",
		"state=near":                         "guess",
		"state=idle":                         "full large",
		"list=ipv6":                          "six wide",
		"q=FUL":                              "full",
		"q=main+guess":                       "guess",
		"q=10.0.1.9":                         "full lab-net",
		"q=10.0.2.0/23":                      "guess lab-net",
		"list=ipv6&q=2001:db8::1":            "six",
		"q=nothing":                          "",
		"cloud=lab":                          "lab-net",
		"cloud=prod&project=&q=":             "full guess roomy large",
		"project=admin&q=lab":                "lab-net",
		"cloud=prod&q=lab":                   "",
		"q=" + url.QueryEscape(`"><script>`): "",
	} {
		w := get(t, "/?"+query, estate(), other)
		body := w.Body.String()
		if got := strings.Join(firstTable(body), " "); got != want || w.Code != http.StatusOK || strings.Contains(body, "<script") {
			t.Errorf("%q: status %d, subnets %q, want %q", query, w.Code, got, want)
		}
		csv := get(t, "/?"+query+"&format=csv", estate(), other)
		if got := strings.Count(csv.Body.String(), "\n") - 1; got != len(strings.Fields(want)) || !strings.HasPrefix(csv.Header().Get("Content-Type"), "text/csv") {
			t.Errorf("%q: %d rows of CSV, want %d", query, got, len(strings.Fields(want)))
		}
	}
	for query, want := range map[string][]string{
		"sort=-free":           {"s206", "s107", "Next"},
		"sort=-free&page=3":    {"s006", "s000", "Previous"},
		"sort=-free&page=9999": {"s006", "s000", "201–207 of 207"},
	} {
		body := get(t, "/?"+query, crowd).Body.String()
		if names := firstTable(body); names[0] != want[0] || names[len(names)-1] != want[1] || !strings.Contains(body, want[2]) {
			t.Errorf("%q: %v to %v, want %v", query, names[0], names[len(names)-1], want)
		}
	}
}

// firstTable are the names of the rows of the first table of a page.
func firstTable(page string) (names []string) {
	page, _, _ = strings.Cut(page, "<details")
	for _, m := range regexp.MustCompile(`<th scope="row"[^>]*><a [^>]*><bdi>([^<]*)</bdi>`).FindAllStringSubmatch(page, -1) {
		names = append(names, m[1])
	}
	return names
}

func TestProjectsWithTheSamePrefixesAreToldApart(t *testing.T) {
	var snaps []*inventory.Snapshot
	for i := range placesMax + 5 {
		snap := estate()
		snap.Project = fmt.Sprintf("p%02d", i)
		if i < placesMax+4 {
			snap.State("ports").Part.Data = inventory.PortData{Ports: inventory.NewPorts(nil, false)}
		}
		snaps = append(snaps, snap)
	}
	page := words(get(t, "/address?ip=10.0.1.6", snaps...).Body.String())
	check.Has(t, "the one holder beside projects that have its subnet", page, "Held by virtual server bare-of-address.", "And 4 more.")
	page = get(t, "/vpc?vpc_id=vpc-1", snaps...).Body.String()
	check.Has(t, "a VPC without the subnets of other projects", page, "1–6 of 6<")
	check.Has(t, "the page of an address", get(t, "/address?ip=10.0.1.6&project=p03", snaps...).Body.String(), `href="address?ip=10.0.1.7&amp;project=p03"`)
}

func TestHostileNamesAreInert(t *testing.T) {
	carried := regexp.MustCompile(` (value|href)="[^"]*"`)
	for _, name := range []string{`<script>alert(1)</script>`, `" onmouseover="alert(1)`, `'><img src=x onerror=alert(1)>`, "\u202egnp.exe\u2066", "a\x00b\nc", "{{.}}", "javascript:alert(1)", strings.Repeat("W", 5000)} {
		snap := estate()
		snap.Cloud, snap.Project = name, name
		data := inventory.Of[inventory.SubnetData](snap)
		data.Subnets[1].Name, data.VPCs[0].Name = name, name
		for i := range inventory.Of[inventory.ServerData](snap) {
			s := &inventory.Of[inventory.ServerData](snap)[i]
			s.Name, s.Status, s.Flavor, s.Zone = name, name, name, name
		}
		ip := &inventory.Of[inventory.PublicIPData](snap).IPs[0]
		ip.Pool, ip.Status = name, name
		g := &inventory.Of[inventory.AddressGroupData](snap)[0]
		g.Name, g.Status, g.Entries[0].Text = name, name, name
		snap.States = append(snap.States, inventory.State{Collector: "quotas", Err: errors.New(name)})
		isolated := 0
		for _, path := range []string{"/", "/?list=address-groups", "/?list=servers", "/?list=public-ips", "/?list=idle", "/targets", "/vpcs", "/vpc?vpc_id=vpc-1", "/subnet?subnet_id=id-full", "/address?ip=10.0.1.5", "/address?ip=10.0.1.5&cloud=" + url.QueryEscape(name),
			"/?q=" + url.QueryEscape(name), "/?state=" + url.QueryEscape(name)} {
			page := get(t, path, snap).Body.String()
			isolated += strings.Count(page, "<bdi>"+html.EscapeString(visible(name)))
			// Forms and links carry names as they are, where nobody reads them as text.
			shown := carried.ReplaceAllString(page, "")
			for _, bad := range []string{"<script", "<img", ` onmouseover="`, "\u202e", "\u2066", "\x00", strings.Repeat("W", reasonMax+1)} {
				check.Lacks(t, fmt.Sprintf("%.20q: %s", name, path), shown, bad)
			}
			check.Lacks(t, fmt.Sprintf("%.20q: links of %s", name, path), page, `href="javascript:`)
		}
		if isolated < 20 && !strings.ContainsAny(name, `"'+`) {
			t.Errorf("%.20q is isolated %d times, want at least 20", name, isolated)
		}
	}
}

func TestPagesRefreshUnlessAFormIsFilledIn(t *testing.T) {
	for path, want := range map[string]string{
		"/": "60", "/?sort=free&page=2": "60", "/?refresh=off": "", "/?q=x": "", "/?cloud=prod": "", "/?q=&cloud=": "60", "/?state=full": "",
		"/targets": "60", "/targets?q=x": "", "/subnet?subnet_id=id-full": "60", "/address?ip=10.0.1.5": "60", "/address?ip=10.0.1.5&refresh=off": "",
	} {
		check.Equal(t, path+": Refresh", want, get(t, path, estate()).Header().Get("Refresh"))
	}
}

func TestNoPageIsGreenWhenSomethingIsWrong(t *testing.T) {
	old := estate()
	for i := range old.States {
		old.States[i].LastSuccess = noon.Add(-16 * time.Minute)
	}
	stored := estate() // stands in until the first collection has ended
	for i := range stored.States {
		stored.States[i].Success = false
	}
	for name, c := range map[string]struct {
		snap *inventory.Snapshot
		want string
	}{
		"stored answers": {stored, "warn"},
		"good":           {estate(), "good"}, "failing": {failingEstate(), "bad"}, "nothing was tried for longer than max_stale": {old, "warn"},
		"nothing yet": {&inventory.Snapshot{States: []inventory.State{{Collector: "ports"}}}, "warn"}, "no collector": {&inventory.Snapshot{}, "warn"},
	} {
		for _, path := range []string{"/", "/targets", "/subnet?subnet_id=id-full", "/address?ip=10.0.1.5"} {
			check.Has(t, name+": "+path, get(t, path, c.snap).Body.String(), `<strong class="`+c.want+`">`)
		}
	}
}

func TestFiguresReadAsPeopleWriteThem(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min", 59*time.Minute + 59*time.Second: "59 min",
		65 * time.Minute: "1 h 5 min", 49 * time.Hour: "2 days",
	} {
		check.Equal(t, fmt.Sprint(d), want, span(d))
	}
	for _, c := range []struct {
		v    any
		want string
	}{{0, "0"}, {999, "999"}, {nil, "–"}, {(*float64)(nil), "–"}, {of(65531.0), "65,531"}, {1234567, "1,234,567"}, {18446744073709551611.0, "1.8e19"}} {
		check.Equal(t, fmt.Sprint(c.v), c.want, figure(c.v))
	}
	odd := inventory.SubnetData{Subnets: []inventory.Subnet{
		subnet("third", "10.0.3.0/25", 1, of(100.0), of(34.0), inventory.FromAvailability), // 1 - 0.34 is less than 0.66
		subnet("more", "10.0.4.0/25", 1, of(10.0), of(12.0), inventory.FromAvailability),
	}}
	for path, want := range map[string]string{"/": "66 %", "/subnet?subnet_id=id-third": "66 %", "/subnet?subnet_id=id-more": " 0 %"} {
		check.Has(t, path, words(get(t, path, &inventory.Snapshot{Cloud: "c", States: []inventory.State{state("subnets", 0, odd)}}).Body.String()), want)
	}
}

// cpu is the time that this process has computed: other processes do not count.
func cpu(t *testing.T) time.Duration {
	var used syscall.Rusage
	check.OK(t, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func TestPagesAreQuickAndSmall(t *testing.T) {
	targets, each, portsEach, runs := 200, 50, 100, 3 // a million ports
	if testing.Short() {                              // which judges the size alone
		portsEach, runs = 2, 1
	}
	var snaps []*inventory.Snapshot
	id := func(kind byte, target, n int) inventory.ID {
		return inventory.ParseID(fmt.Sprintf("%02x000000-0000-4000-8000-%04x%08x", kind, target, n))
	}
	for target := range targets {
		var subnets []inventory.Subnet
		ports := inventory.NewPorts(nil, false)
		for n := range each {
			prefix := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(target), byte(4 * n), 0}), 22)
			network := id(1, target, n)
			subnets = append(subnets, inventory.Subnet{ID: network, NeutronID: id(2, target, n), NetworkID: network, VPCID: id(3, target, n/25), Name: fmt.Sprintf("subnet-%d-%d", target, n), Prefix: prefix,
				Usage: inventory.Usage{Source: inventory.FromAvailability, Capacity: of(1019.0), Used: float64(n * 20), Free: of(1019 - float64(n*20))}})
			addr := prefix.Addr()
			for i := range portsEach {
				addr = addr.Next()
				ports.Append(inventory.Port{ID: id(4, target, n*1000+i), NetworkID: network, DeviceID: id(5, target, n*1000+i), Owner: "compute:az1", Status: "ACTIVE",
					Fixed: []inventory.FixedIP{{SubnetID: id(2, target, n), Addr: addr}}})
			}
		}
		ports.Freeze()
		snaps = append(snaps, &inventory.Snapshot{Cloud: "cloud", Project: fmt.Sprintf("project-%03d", target), Provider: "otc", States: []inventory.State{
			state("subnets", 0, inventory.SubnetData{Subnets: subnets, VPCs: []inventory.VPC{{ID: id(3, target, 0), CIDR: "10.0.0.0/8"}, {ID: id(3, target, 1), CIDR: "10.0.0.0/8"}}}), state("ports", 0, inventory.PortData{Ports: ports, Subnets: subnets}),
			state("servers", 0, inventory.ServerData{}), state("address_groups", 0, inventory.AddressGroupData{}), state("private_ips", 0, inventory.PrivateIPData{}), state("quotas", 0, inventory.QuotaData{})}})
	}
	for _, path := range []string{"/", "/?q=project-1&sort=cidr", "/vpcs", "/vpc?vpc_id=" + id(3, 77, 1).String(), "/targets", "/address?ip=10.77.4.9", "/subnet?cloud=cloud&project=project-077&subnet_id=" + id(1, 77, 1).String()} {
		best := time.Hour
		var size int
		for range runs {
			begun := cpu(t)
			w := get(t, path, snaps...)
			best, size = min(best, cpu(t)-begun), w.Body.Len()
			check.Equal(t, path+": status", http.StatusOK, w.Code)
		}
		t.Logf("%s: %v, %d bytes", path, best, size)
		if most := 300 * time.Millisecond; size > 500_000 || best > most && !testing.Short() { // short is how the race detector runs, at a third of the speed
			t.Errorf("%s: %v and %d bytes, want at most %v and 500,000", path, best, size, most)
		}
	}
}
