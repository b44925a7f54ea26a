package history

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory"
	"cloudip_exporter/storage"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
	"cloudip_exporter/test/loopback"
)

// recorded writes a file that says that port-1 has 10.0.0.7, at which 198.51.100.9
// points, and a container 10.0.0.77.
func recorded(t *testing.T) string {
	t.Helper()
	id := inventory.ParseID
	ports := inventory.NewPorts(nil, false)
	ports.Append(inventory.Port{ID: id("port-1"), NetworkID: id("subnet-1"), DeviceID: id("device-1"), Owner: "compute:az1", Status: "ACTIVE", Fixed: []inventory.FixedIP{{SubnetID: id("s"), Addr: netip.MustParseAddr("10.0.0.7")}}})
	ports.Freeze()
	subnets := []inventory.Subnet{{ID: id("subnet-1"), NetworkID: id("subnet-1"), Name: "apps", Prefix: netip.MustParsePrefix("10.0.0.0/24")}}
	other := []inventory.Subnet{{ID: id("subnet-2"), Name: "apps", Prefix: netip.MustParsePrefix("10.0.1.0/24")}}
	subs := inventory.NewSubInterfaces([]inventory.SubInterface{{ID: id("sub-1"), SubnetID: id("subnet-1"), DeviceID: id("node-1"), Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.77")}}})
	public := []inventory.PublicIP{{ID: id("eip-1"), Addr: netip.MustParseAddr("198.51.100.9"), Status: "ACTIVE", Attached: true, PortID: id("port-1"), Private: netip.MustParseAddr("10.0.0.7")}}
	path := filepath.Join(t.TempDir(), "cloudip.db")
	s := storage.Open(storage.Options{Path: path}, slog.New(slog.DiscardHandler))
	s.Record("me", &inventory.Snapshot{Cloud: "c", Project: "p", Provider: "otc", States: []inventory.State{
		{Collector: "ports", Success: true, LastSuccess: time.Unix(1.8e9, 0), Part: &inventory.Part{Data: inventory.PortData{Ports: ports, Subnets: subnets, SubInterfaces: subs}}},
		{Collector: "servers", Success: true, LastSuccess: time.Unix(1.8e9, 0), Part: &inventory.Part{Data: inventory.ServerData{{ID: id("device-1"), Name: "web-1"}}}},
		{Collector: "public_ips", Success: true, LastSuccess: time.Unix(1.8e9, 0), Part: &inventory.Part{Data: inventory.PublicIPData{IPs: public}}},
	}})
	s.Record("other", &inventory.Snapshot{Cloud: "d", Project: "p", Provider: "otc", States: []inventory.State{
		{Collector: "ports", Success: true, LastSuccess: time.Unix(1.8e9, 0), Part: &inventory.Part{Data: inventory.PortData{Subnets: other}}},
	}})
	check.OK(t, s.Close(t.Context()))
	return path
}

// asked runs the command, and returns what it prints and how it ends.
func asked(t *testing.T, path string, o options) (string, error) {
	t.Helper()
	var out bytes.Buffer
	e := command.NewEnv(strings.NewReader(""), &out, io.Discard, slog.New(slog.DiscardHandler))
	text := "clouds: [{name: c, provider: openstack, region: r, auth: {type: password, url: 'https://id.example', username: u, password: p}}]\nstorage: {path: " + path + "}\n"
	e.ConfigFile = check.Write(t, filepath.Join(t.TempDir(), "config.yml"), text)
	if o.Format == "" {
		o.Output = table.Output{Format: "csv", Columns: "address,port_id,first_seen"}
	}
	err := run(t.Context(), e, o)
	return strings.TrimPrefix(out.String(), "address,port_id,first_seen\n"), err
}

// wantAsked checks what the command prints, and its exit code.
func wantAsked(t *testing.T, what, path string, o options, want string, code int) {
	t.Helper()
	got, err := asked(t, path, o)
	check.Equal(t, what, want, got)
	check.Equal(t, fmt.Sprint(what, ": exit code of ", err), code, exit.Code(err))
}

const (
	row       = "10.0.0.7,port-1,2027-01-15T08:00:00Z\n"
	subRow    = "10.0.0.77,sub-1,2027-01-15T08:00:00Z\n"
	publicRow = "198.51.100.9,port-1,2027-01-15T08:00:00Z\n"
)

func TestHistoryOfTheFile(t *testing.T) {
	path := recorded(t)
	for name, c := range map[string]struct {
		options
		want string
		code int
	}{
		"all":             {options{}, row + subRow + publicRow, 0},
		"address":         {options{addresses: []string{"10.0.0.7", "10.0.0.8"}}, row, 0},
		"twice":           {options{addresses: []string{"10.0.0.7", "10.0.0.0/28"}}, row, 0},
		"CIDR":            {options{addresses: []string{"10.0.0.0/28"}}, row, 0},
		"nothing":         {options{addresses: []string{"10.0.0.8"}}, "", exit.NotFound},
		"no address":      {options{addresses: []string{"ten"}}, "", exit.Usage},
		"subnet":          {options{subnet: "10.0.0.0/24"}, row + subRow, 0},
		"host bits":       {options{subnet: "10.0.0.7/24"}, row + subRow, 0},
		"subnets":         {options{subnet: "apps"}, "", exit.Usage},
		"one of a cloud":  {options{subnet: "apps", Target: command.Target{Cloud: "c"}}, row + subRow, 0},
		"of a project":    {options{subnet: "apps", Target: command.Target{Project: "p"}}, "", exit.Usage},
		"no subnet":       {options{subnet: "other"}, "", exit.NotFound},
		"device":          {options{device: "device-1"}, row + publicRow, 0},
		"before":          {options{at: "2027-01-15T07:59:59Z"}, "", exit.NotFound},
		"shown, before":   {options{at: "2027-01-15 07:59"}, "", exit.NotFound},
		"as shown":        {options{at: "2027-01-15 08:00:00", addresses: []string{"10.0.0.7"}}, row, 0},
		"no time":         {options{since: "yesterday"}, "", exit.Usage},
		"reversed":        {options{since: "1d", until: "7d"}, "", exit.Usage},
		"the zero time":   {options{at: "0001-01-01T00:00:00Z"}, "", exit.Usage},
		"config alone":    {options{serverConfig: "x"}, "", exit.Usage},
		"cloud":           {options{Target: command.Target{Cloud: "d"}}, "", exit.NotFound},
		"secret in a URL": {options{servers: []string{"http://u:p@localhost"}}, "", exit.Usage},
	} {
		wantAsked(t, name, path, c.options, c.want, c.code)
	}
	for _, path := range []string{"none", filepath.Join(t.TempDir(), "missing.db")} {
		wantAsked(t, path, path, options{}, "", exit.Failure)
	}
	_, err := asked(t, path, options{at: "2027-01-15T07:59:59Z"})
	check.Equal(t, "where nothing is recorded", "nothing is recorded; the record begins at 2027-01-15T08:00:00Z", fmt.Sprint(err))
}

// A row says to the second until when a holder had the address and, where it has no name,
// which it was; and of which cloud, as two may have the address.
func TestANarrowTableOfTheHistoryKeepsTheEndAndTheHolder(t *testing.T) {
	for _, c := range Columns() {
		check.Equal(t, c.Key+" stands in wide tables alone", false, c.Wide && (c.Key == "cloud" || c.Key == "project"))
	}
	const began, ended, id = "2026-11-29T08:00:00Z", "2026-11-29T09:00:00Z", "4f53da82-5637-4d19-b3af-a075496ab512"
	for width, want := range map[int]string{
		80: `
ADDRESS    SERVER_NAME   HOLDER         FIRST_SEEN           ENDED_BEFORE
10.0.0.71  app-1         server         2026-11-29 08:00:00  2026-11-29 09:00:00
10.0.0.72  4f53da82-56…  load_balancer  2026-11-29 08:00:00  -
`, 120: `
ADDRESS    DEVICE_ID                             SERVER_NAME  HOLDER         FIRST_SEEN           ENDED_BEFORE
10.0.0.71  4f53da82-5637-4d19-b3af-a075496ab512  app-1        server         2026-11-29 08:00:00  2026-11-29 09:00:00
10.0.0.72  4f53da82-5637-4d19-b3af-a075496ab512  -            load_balancer  2026-11-29 08:00:00  -
`} {
		r := &table.Table{Columns: Columns()}
		add := r.Adder([]string{"address", "holder", "server_name", "device_id", "first_seen", "last_seen", "ended_before"})
		add([]any{"10.0.0.71", "server", "app-1", id, began, began, ended})
		add([]any{"10.0.0.72", "load_balancer", "", id, began, began, nil})
		out := bytes.NewBufferString("\n")
		check.OK(t, r.Print(table.Screen{Out: out, Width: width}, table.Output{}))
		check.Equal(t, fmt.Sprint(width, " columns"), want, out.String())
	}
}

func TestHistoryInJSON(t *testing.T) {
	got, _ := asked(t, recorded(t), options{Output: table.Output{Format: "json"}})
	golden.Check(t, "testdata/history.json", got)
}

func TestHistoryOfServers(t *testing.T) {
	serve := func(h http.HandlerFunc) string { return loopback.Serve(t, h) }
	var asked string
	good := serve(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		_, _ = io.WriteString(w, `{"items":[{"address":"10.0.0.7","port_id":"port-1","first_seen":"2027-01-15T08:00:00Z","subnet_id":"s1"}],"gaps":[]}`)
	})
	says := func(text string) string {
		return serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
	}
	elsewhere := says(`{"items":[{"address":"10.0.0.7","subnet_id":"s2","subnet_name":"s"}],"gaps":[]}`)
	empty, page, object := says(`{"items":[],"gaps":[]}`), says(`<html>`), says(`{"status":"ok"}`)
	bad := serve(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "none", http.StatusServiceUnavailable) })
	closed := serve(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusUnauthorized) })
	away := serve(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, good, http.StatusFound) })
	for name, c := range map[string]struct {
		servers []string
		want    string
		code    int
	}{
		"one":          {[]string{good}, row, 0},
		"shards":       {[]string{empty, good + "/", good}, row, 0},
		"nothing":      {[]string{empty}, "", exit.NotFound},
		"two subnets":  {[]string{good, elsewhere}, "", exit.Usage},
		"one fails":    {[]string{good, bad}, "", exit.Failure},
		"refused":      {[]string{closed}, "", exit.Permission},
		"one refuses":  {[]string{good, closed}, "", exit.Failure},
		"redirect":     {[]string{away}, "", exit.Failure},
		"other answer": {[]string{page}, "", exit.Failure},
		"other JSON":   {[]string{object}, "", exit.Failure},
		"one is other": {[]string{good, object}, "", exit.Failure},
	} {
		wantAsked(t, name, "none", options{servers: c.servers, addresses: []string{"10.0.0.7"}, subnet: "s"}, c.want, c.code)
	}
	check.Equal(t, "asked", "/api/v1/history?ip=10.0.0.7&subnet_id=s", asked)
	gap := says(`{"items":[],"gaps":[{"cloud":"c","since":"2027-01-15T08:00:00Z","until":"2027-01-15T09:00:00Z"}],
		"begins":"2027-01-15T07:00:00Z"}`)
	two := question{addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.7/32"), netip.MustParsePrefix("10.0.0.8/32")}}
	gaps, began, err := askServers(t.Context(), options{servers: []string{empty, gap}}, two, func([]any) {})
	check.OK(t, err)
	check.Equal(t, "gaps, not for each address", 1, len(gaps))
	check.Equal(t, "beginning of the record", "2027-01-15T07:00:00Z", began.Format(time.RFC3339))
}
