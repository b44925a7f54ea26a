package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// lookup looks addresses up, and returns the rows.
func (w *fakeEnv) lookup(t *testing.T, want int, o lookupOptions, addresses ...string) []map[string]any {
	t.Helper()
	o.Addresses, o.Format = addresses, "json"
	wantExit(t, runLookup(t.Context(), w.Env, o), want)
	return w.rows(t)
}

// lookupText is what people are shown of addresses.
func (w *fakeEnv) lookupText(t *testing.T, want int, o lookupOptions, addresses ...string) string {
	t.Helper()
	w.out.Reset()
	o.Addresses = addresses
	wantExit(t, runLookup(t.Context(), w.Env, o), want)
	return w.out.String()
}

// values are those of some keys of all rows, a line each.
func values(rows []map[string]any, keys ...string) string {
	var lines []string
	for _, row := range rows {
		var line []string
		for _, key := range keys {
			line = append(line, fmt.Sprint(row[key]))
		}
		lines = append(lines, strings.Join(line, " "))
	}
	return strings.Join(lines, "\n")
}

// bothWays are the two ways to look up: by questions, and by a whole collection.
func bothWays() []lookupOptions {
	return []lookupOptions{{Servers: true, AddressGroups: true, PublicIPs: true}, {Servers: true, AddressGroups: true, PublicIPs: true, Full: true}}
}

func TestLookupTellsWhoHoldsAnAddress(t *testing.T) {
	for _, o := range bothWays() {
		_, w := faked(t, config.OTC)
		o.Addresses, o.Format = []string{"10.20.0.3"}, "json"
		wantExit(t, runLookup(t.Context(), w.Env, o), exit.OK)
		golden.Check(t, map[bool]string{false: "testdata/lookup.json", true: "testdata/lookup_full.json"}[o.Full], w.out.String())
	}
}

func TestLookupOfAnAddressThatNobodyHoldsShowsItsSubnetAndExits4(t *testing.T) {
	for _, o := range bothWays() {
		_, w := faked(t, config.OTC)
		rows := w.lookup(t, exit.NotFound, o, "10.20.0.9", "10.20.0.3", "192.0.2.1")
		check.Equal(t, fmt.Sprint("full ", o.Full), "10.20.0.9 false app-a 8\n10.20.0.3 true app-a 8\n192.0.2.1 false  <nil>", values(rows, "address", "held", "subnet_name", "free"))
		err := runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.9"}, Full: o.Full})
		wantExit(t, err, exit.NotFound, "nobody holds 10.20.0.9")
	}
}

func TestLookupNamesWhatIsBehindAPublicIPAndTheOtherWayRound(t *testing.T) {
	keys := []string{"public_ip_id", "public_address", "private_address", "held", "port_id", "subnet_name", "server_name"}
	behind := "eip-db 198.51.100.7 10.20.0.3 true " + portDB + " app-a db-01"
	for _, o := range bothWays() {
		p, w := faked(t, config.OTC)
		for _, address := range []string{"198.51.100.7", "10.20.0.3", "198.51.100.7/32"} {
			check.Equal(t, address, behind, values(w.lookup(t, exit.OK, o, address), keys...))
		}
		spare := w.lookup(t, exit.OK, o, "198.51.100.8")
		check.Equal(t, "a spare one", "eip-spare 198.51.100.8  true    DOWN", values(spare, append(keys, "status")...))
		p.fail["public_ips"] = refusal(403, "VPC.0010") // what was known without the permission still is
		w.lookup(t, exit.OK, o, "10.20.0.3")
		check.Has(t, "stderr", w.err.String(), "warning: cloud prod does not list its public IPs")
	}
}

// Ports show only some of the sub-interfaces, as those of their servers.
func TestLookupNamesSubInterfaces(t *testing.T) {
	for _, o := range bothWays() {
		p, w := faked(t, config.OTC)
		for _, address := range []string{"10.20.0.3", "10.20.0.9"} {
			p.subs = append(p.subs, inventory.SubInterface{ID: id("sub-" + address), SubnetID: id(subnetA), DeviceID: id(serverDB), Addrs: []netip.Addr{netip.MustParseAddr(address)}})
			check.Equal(t, "row", address+" true sub_interface db-01", values(w.lookup(t, exit.OK, o, address), "address", "held", "holder", "server_name"))
		}
		asked := p.Calls()["sub_interfaces"]
		w.lookup(t, exit.NotFound, o, "192.0.2.77")
		check.Equal(t, "asked for an address of no subnet", o.Full, p.Calls()["sub_interfaces"] > asked)
		o.Servers = false
		w.lookup(t, exit.OK, o, "10.20.0.9")
		p.fail["sub_interfaces"] = refusal(403, "VPC.0010")
		w.lookup(t, exit.NotFound, o, "10.20.0.9")
		check.Has(t, "stderr", w.err.String(), "warning: ", "sub", "403")
		p.fail["sub_interfaces"] = refusal(500, "VPC.0002")
		rows := w.lookup(t, exit.Failure, o, "10.20.0.9")
		check.Equal(t, "while they cannot be listed", "10.20.0.9 <nil>", values(rows, "address", "held"))
	}
}

func TestAFullLookupNamesOneCauseOnce(t *testing.T) {
	p, w := faked(t, config.OTC)
	for _, name := range []string{"subnets", "ports", "servers", "private_ips"} {
		p.fail[name] = refusal(401, "APIGW.0301")
	}
	err := runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.3"}, Full: true})
	wantExit(t, err, exit.Permission)
	check.Equal(t, "causes", 1, strings.Count(err.Error(), "401"))
}

// The ports of the network are listed where no port has the address: another port
// may name it in its allowed_address_pairs, and no query of the cloud finds that.
func TestLookupOfOneAddressCostsAtMostFiveCallsWithoutServersAndGroups(t *testing.T) {
	const (
		portDBs = "10.20.0.3"
		noPorts = "10.20.0.9"
		ipv6    = "2001:db8:20::9"
	)
	for _, tt := range []struct {
		provider string
		address  string
		tells    bool // what is free, in the listing of the subnets
		large    bool // more addresses than a page
		third    []string
	}{
		{"vpc", portDBs, false, false, []string{"private_ips"}},
		{"vpc", portDBs, false, true, nil},
		{"vpc", portDBs, true, false, []string{"private_ips"}},
		{"vpc", portDBs, true, true, nil},
		{"vpc", noPorts, false, false, []string{"sub_interfaces", "availability"}},
		{"vpc", noPorts, false, true, []string{"sub_interfaces", "availability"}},
		{"vpc", noPorts, true, false, []string{"private_ips", "sub_interfaces"}},
		{"vpc", noPorts, true, true, []string{"sub_interfaces"}},
		{"vpc", ipv6, false, false, []string{"sub_interfaces"}},
		{"vpc", ipv6, true, true, []string{"sub_interfaces"}},
		{config.OpenStack, portDBs, false, true, nil},
		{config.OpenStack, noPorts, false, false, []string{"availability"}},
		{config.OpenStack, noPorts, false, true, []string{"availability"}},
	} {
		providers := []string{tt.provider}
		if tt.provider == "vpc" {
			providers = []string{config.OTC, config.HuaweiCloud}
		}
		for _, provider := range providers {
			p, w := faked(t, provider)
			if p.tells = tt.tells; tt.large {
				p.cfg.Limits.PageSize = 15
			}
			_ = runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{tt.address}})
			want := []string{"projects", "subnets", "ports_by_address"}
			if tt.address != portDBs {
				want = append(want, "ports_of_network")
			}
			check.Equal(t, fmt.Sprintf("calls of %s %+v", provider, tt), append(want, tt.third...), p.calls)
		}
	}
}

func TestWhatIsFreeIsWhatTheCloudTells(t *testing.T) {
	for tells, want := range map[bool]string{true: "7\n7", false: "8\n8"} {
		for _, size := range []int{0, 15} {
			p, w := faked(t, config.OTC)
			p.tells, p.cfg.Limits.PageSize = tells, size
			rows := w.lookup(t, exit.NotFound, lookupOptions{}, "10.20.0.9", "10.20.0.3")
			check.Equal(t, fmt.Sprint("told by the listing ", tells, ", pages of ", size), want, values(rows, "free"))
		}
	}
}

func TestLookupGoesOverAllTargetsAndOneHolderIsEnough(t *testing.T) {
	a, b := newFake(config.OTC), named("lab", config.OpenStack)
	b.add("10.20.0.9", "network:dhcp")
	rows := newFakeEnv(t, a, b).lookup(t, exit.OK, lookupOptions{}, "10.20.0.9")
	check.Equal(t, "rows", "prod false \nlab true dhcp", values(rows, "cloud", "held", "holder"))
}

func TestWhileATargetCannotBeAskedNobodyIsSaidToHoldNothing(t *testing.T) {
	a, b := newFake(config.OTC), named("test", config.OTC)
	b.fail["subnets"] = refusal(403, "VPC.0010")
	w := newFakeEnv(t, a, b)
	text := w.lookupText(t, exit.Permission, lookupOptions{}, "10.20.0.9", "192.0.2.1")
	check.Has(t, "stdout", text, "10.20.0.9  not held here", "192.0.2.1  not known: not every target could be asked")
	check.Lacks(t, "stdout", text, "nobody") // somebody of cloud test may hold them
	w.out.Reset()
	rows := w.lookup(t, exit.Permission, lookupOptions{}, "10.20.0.9", "192.0.2.1")
	check.Equal(t, "rows", "prod false\n <nil>", values(rows, "cloud", "held"))
	wantExit(t, runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.9"}}), exit.Permission, `cloud "test"`)
}

func TestWhereNotAllPortsAreSeenNobodyIsSaidToHoldNothing(t *testing.T) {
	p, w := faked(t, config.OpenStack)
	p.hidden = true
	o := lookupOptions{Addresses: []string{"10.20.0.3", "10.20.0.9"}}
	err := runLookup(t.Context(), w.Env, o)
	wantExit(t, err, exit.NotFound, "not known who holds 10.20.0.9", "does not see everything")
	check.Has(t, "stdout", w.out.String(), "10.20.0.3  held by", "10.20.0.9  not known: not everything in this subnet can be seen")
	check.Lacks(t, "stdout and the error", w.out.String()+err.Error(), "nobody") // another project may hold it
	w.out.Reset()
	o.Addresses, o.Format = append(o.Addresses, "192.0.2.1"), "json"
	wantExit(t, runLookup(t.Context(), w.Env, o), exit.NotFound, "nobody holds 192.0.2.1; not known who holds 10.20.0.9")
	check.Equal(t, "rows", "true\n<nil>\nfalse", values(w.rows(t), "held"))
}

func TestACloudThatDoesNotTellItsProjectsDoesNotHideTheOthers(t *testing.T) {
	dead := named("dead", config.OTC)
	dead.fail["projects"] = broken(errors.New("connection refused"))
	w := newFakeEnv(t, dead, newFake(config.OTC))
	check.Equal(t, "rows", "prod", values(w.lookup(t, exit.Failure, lookupOptions{}, "10.20.0.3"), "cloud"))
	check.Has(t, "stdout", w.inventory(t, exit.Failure, "subnets", "csv"), "prod,eu-de,app-a")
	// One that cannot be seen might be a second project of that name.
	wantExit(t, runServerIPs(t.Context(), w.Env, serverOptions{Server: serverDB, Target: command.Target{Project: "eu-de"}}), exit.Failure)
}

func TestLookupForPeople(t *testing.T) {
	_, w := faked(t, config.OTC)
	text := w.lookupText(t, exit.NotFound, lookupOptions{Servers: true, AddressGroups: true}, "10.20.0.3", "10.20.0.9", "10.20.0.4", "192.0.2.1")
	golden.Check(t, "testdata/lookup.txt", text)
}

func TestWhatALookupKnowsIsNotLostWithTheServersOrGroups(t *testing.T) {
	for _, o := range bothWays() {
		for name, tt := range map[string]struct {
			call string
			err  error
			exit int
		}{
			"groups refused":      {"address_groups", refusal(403, "VPC.2701"), exit.Permission},
			"no such extension":   {"address_groups", refusal(404, "HTTPNotFound"), exit.OK},
			"servers unreachable": {map[bool]string{false: "server", true: "servers"}[o.Full], refusal(500, ""), exit.Failure},
		} {
			t.Run(fmt.Sprint(name, ", full ", o.Full), func(t *testing.T) {
				p, w := faked(t, config.OTC)
				p.fail[tt.call] = tt.err
				check.Equal(t, "rows", "true "+portDB+" app-a", values(w.lookup(t, tt.exit, o, "10.20.0.3"), "held", "port_id", "subnet_name"))
			})
		}
	}
}

func TestAPrivateIPIsFoundByNetworkAndAddressWhateverItsID(t *testing.T) {
	calls := []string{"projects", "subnets", "ports_by_address", "private_ips"}
	for size, want := range map[int]string{0: portDB + " own-" + portDB, 15: portDB + " "} {
		p, w := faked(t, config.OTC)
		p.lists = func(ip *inventory.PrivateIP) { ip.ID = id("own-" + ip.ID.String()) }
		p.cfg.Limits.PageSize = size
		check.Equal(t, "rows", want, values(w.lookup(t, exit.OK, lookupOptions{}, "10.20.0.3"), "port_id", "private_ip_id"))
		check.Equal(t, "calls", calls[:len(calls)-size/15], p.calls)
	}
}

// noPort is a listing without the port of an address.
func noPort(address string) func(*inventory.Port) bool {
	return func(port *inventory.Port) bool { return port.Fixed[0].Addr != netip.MustParseAddr(address) }
}

func TestAPrivateIPWithoutPortHoldsItsAddress(t *testing.T) {
	for _, provider := range []string{config.OTC, config.HuaweiCloud} {
		for _, api := range []string{"neutron", "workspace"} { // which does not show the ports of others
			p, w := faked(t, provider)
			p.tells = true // which leaves a call to look for it
			p.cfg.APIs.Ports, p.shows = api, noPort("10.20.0.4")
			rows := w.lookup(t, exit.OK, lookupOptions{}, "10.20.0.4")
			check.Equal(t, "rows", "true "+p.ips[2].ID.String()+" app-a 7", values(rows, "held", "private_ip_id", "subnet_name", "free"))
			text := w.lookupText(t, exit.OK, lookupOptions{}, "10.20.0.4")
			check.Has(t, "stdout", text, "  private IP  "+p.ips[2].ID.String()+"\n", "  status      DOWN\n")
			check.Lacks(t, "stdout", text, "  port ")
		}
	}
}

func TestWherePrivateIPsCannotBeListedNobodyIsSaidToHoldNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		err             error
		neutron, others int // exit codes, by whose ports are shown: all, those of Workspace
		warns           bool
	}{
		"401":            {refusal(401, ""), exit.Permission, exit.Permission, false},
		"429":            {refusal(429, ""), exit.Throttled, exit.Throttled, false},
		"503":            {refusal(503, ""), exit.Failure, exit.Failure, false},
		"timeout":        {broken(context.DeadlineExceeded), exit.Failure, exit.Failure, false},
		"403":            {refusal(403, "VPC.0010"), exit.NotFound, exit.Permission, true},
		"404":            {refusal(404, "VPC.0202"), exit.NotFound, exit.Failure, false},
		"no such an API": {refusal(404, "APIGW.0101"), exit.NotFound, exit.Failure, true},
	} {
		for ports, want := range map[string]int{"neutron": tt.neutron, "workspace": tt.others} {
			t.Run(name+", "+ports, func(t *testing.T) {
				p, w := faked(t, config.HuaweiCloud)
				p.tells, p.cfg.APIs.Ports = true, ports
				p.fail["private_ips"] = tt.err
				rows := w.lookup(t, want, lookupOptions{}, "10.20.0.9", "10.20.0.3")
				held := map[bool]string{true: "false", false: "<nil>"}[want == exit.NotFound]
				check.Equal(t, "rows", held+" app-a 7\ntrue app-a 7", values(rows, "held", "subnet_name", "free"))
				warned := strings.Contains(w.err.String(), "warning: the private IPs of subnet "+subnetA)
				check.Equal(t, "warned", tt.warns && want == exit.NotFound, warned)
				if want != exit.NotFound {
					check.Has(t, "stdout", w.lookupText(t, want, lookupOptions{}, "10.20.0.9", "10.20.0.3"), "10.20.0.9  not known")
				}
			})
		}
	}
}

func TestThatAnAddressIsHeldIsKnownWithoutItsPrivateIP(t *testing.T) {
	p, w := faked(t, config.OTC)
	p.fail["private_ips"] = refusal(503, "")
	check.Equal(t, "rows", "true "+portDB, values(w.lookup(t, exit.OK, lookupOptions{}, "10.20.0.3"), "held", "port_id"))
	check.Has(t, "stderr", w.err.String(), "warning: the private IPs")
}

func TestLookupNamesThePortWhoseAddressPairsNameAnAddress(t *testing.T) {
	for _, tt := range []struct{ address, pair, port, holder string }{
		{"10.20.0.9", "10.20.0.9/32", portDB, "baremetal"},
		{"10.20.0.4", "10.20.0.4/32", "7a10c0de-0004-4000-8000-000000000002", "vip"}, // a port without owner has it
		{"10.20.0.9", "10.20.0.8/29", "", ""},                                        // a prefix names nobody
	} {
		for _, asked := range []string{tt.address, tt.address + "/31"} {
			p, w := faked(t, config.OpenStack)
			p.shows = func(port *inventory.Port) bool {
				if port.ID == id(portDB) {
					port.Pairs = []netip.Prefix{netip.MustParsePrefix(tt.pair)}
				}
				return true
			}
			rows := w.lookup(t, map[bool]int{true: exit.OK, false: exit.NotFound}[tt.port != ""], lookupOptions{Servers: true}, asked)
			check.Equal(t, asked+" of "+tt.pair, tt.port+" "+tt.holder+" app-a", values(rows, "port_id", "holder", "subnet_name"))
		}
	}
}

func TestLookupOfCIDRs(t *testing.T) {
	var many strings.Builder
	for i := range askedAlone {
		fmt.Fprintf(&many, "192.0.2.%d\n", i)
	}
	for _, tt := range []struct {
		asked, stdin string
		held         string // addresses of the rows that are held
		rows, exit   int
	}{
		{"10.20.0.0/28", "", "10.20.0.1 10.20.0.3 10.20.0.4", 3, exit.OK},
		{"10.20.0.3/30", "", "10.20.0.1 10.20.0.3", 2, exit.OK}, // host bits are masked
		{"10.0.0.0/8", "", "10.20.0.1 10.20.0.3 10.20.0.4", 3, exit.OK},
		{"10.20.0.8/29", "", "", 1, exit.NotFound},
		{"192.0.2.0/24", "", "", 1, exit.NotFound},
		{"-", "10.20.0.8/29 10.20.0.3\n", "10.20.0.3", 2, exit.NotFound},
		{"-", many.String() + "10.20.0.0/30", "10.20.0.1 10.20.0.3", askedAlone + 2, exit.NotFound}, // by a whole collection
	} {
		p, w := faked(t, config.OTC)
		asked := check.Get(withStdin([]string{tt.asked}, strings.NewReader(tt.stdin)))(t)
		rows := w.lookup(t, tt.exit, lookupOptions{}, asked...)
		held := slices.DeleteFunc(slices.Clone(rows), func(row map[string]any) bool { return row["held"] != true })
		check.Equal(t, tt.asked+": rows", tt.rows, len(rows))
		check.Equal(t, tt.asked+": held", tt.held, strings.ReplaceAll(values(held, "address"), "\n", " "))
		if tt.asked == "10.20.0.8/29" {
			check.Equal(t, "rows", tt.asked+" app-a", values(rows, "address", "subnet_name"))
		}
		if tt.stdin == "" && slices.Contains(p.calls, "ports") || len(tt.stdin) > 100 && slices.Contains(p.calls, "ports_by_address") {
			t.Errorf("%s: calls %v", tt.asked, p.calls)
		}
	}
}

func TestABroadLookupListsPublicIPsOnceAndNamesVirtualServers(t *testing.T) {
	p, w := faked(t, config.OTC)
	p.cfg.Servers, p.virtual = "baremetal", true
	p.fail["public_ips"] = refusal(403, "VPC.0010")
	var addresses []string
	for i := range askedAlone + 1 {
		addresses = append(addresses, fmt.Sprintf("10.20.0.%d", i))
	}
	rows := w.lookup(t, exit.NotFound, lookupOptions{PublicIPs: true, Servers: true}, addresses...)
	check.Has(t, "servers", values(rows, "server_name"), "db-01")
	check.Equal(t, "calls", 1, p.Calls()["public_ips"])
	check.Equal(t, "warnings", 1, strings.Count(w.err.String(), "does not list its public IPs"))
}
