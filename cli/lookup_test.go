package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

func lookupRows(t *testing.T, w *fakeEnv) []map[string]any {
	t.Helper()
	var rows []map[string]any
	if err := json.Unmarshal(w.out.Bytes(), &rows); err != nil {
		t.Fatalf("stdout is no JSON array: %v\n%s", err, w.out)
	}
	return rows
}

func TestLookupTellsWhoHoldsAnAddress(t *testing.T) {
	for _, full := range []bool{false, true} {
		t.Run(fmt.Sprint("full ", full), func(t *testing.T) {
			w := newFakeEnv(t, newFake(config.OTC))
			o := lookupOptions{Addresses: []string{"10.20.0.3"}, Servers: true, AddressGroups: true, Full: full, Output: table.Output{Format: "json"}}
			wantExit(t, runLookup(t.Context(), w.Env, o), exit.OK)
			rows := lookupRows(t, w)
			if len(rows) != 1 {
				t.Fatalf("%d rows, want 1", len(rows))
			}
			for key, want := range map[string]any{
				"address": "10.20.0.3", "ip_version": "4", "held": true, "cloud": "prod", "project": "eu-de",
				"subnet_id": subnetA, "subnet_name": "app-a", "cidr": "10.20.0.0/28", "vpc_id": "vpc-1", "network_id": subnetA,
				"port_id": portDB, "status": "ACTIVE", "device_id": serverDB, "device_owner": "compute:eu-de-01", "holder": "baremetal",
				"server_id": serverDB, "server_name": "db-01", "kind": "baremetal", "private_ip_id": portDB,
			} {
				if rows[0][key] != want {
					t.Errorf("%s is %v, want %v", key, rows[0][key], want)
				}
			}
			wantText(t, "groups", fmt.Sprint(rows[0]["address_groups"]), "office", "10.20.0.0/28", "all of app-a")
		})
	}
}

func TestLookupOfAnAddressThatNobodyHoldsShowsItsSubnetAndExits4(t *testing.T) {
	for _, full := range []bool{false, true} {
		t.Run(fmt.Sprint("full ", full), func(t *testing.T) {
			w := newFakeEnv(t, newFake(config.OTC))
			o := lookupOptions{Addresses: []string{"10.20.0.9", "10.20.0.3"}, AddressGroups: true, Full: full, Output: table.Output{Format: "json"}}
			err := runLookup(t.Context(), w.Env, o)
			wantExit(t, err, exit.NotFound)
			wantText(t, "error", errText(err), "nobody holds 10.20.0.9")
			rows := lookupRows(t, w)
			if len(rows) != 2 || rows[0]["held"] != false || rows[1]["held"] != true {
				t.Fatalf("rows: %v", rows)
			}
			if rows[0]["subnet_name"] != "app-a" || rows[0]["free"] != 8.0 {
				t.Errorf("subnet %v, free %v; want app-a, 8", rows[0]["subnet_name"], rows[0]["free"])
			}
		})
	}
}

func TestLookupNamesWhatIsBehindAPublicIPAndTheOtherWayRound(t *testing.T) {
	behind := map[string]any{
		"public_ip_id": "eip-db", "public_address": "198.51.100.7", "private_address": "10.20.0.3", "held": true,
		"port_id": portDB, "subnet_name": "app-a", "server_name": "db-01",
	}
	spare := map[string]any{"public_ip_id": "eip-spare", "public_address": "198.51.100.8", "private_address": "", "status": "DOWN", "held": true, "port_id": ""}
	for address, want := range map[string]map[string]any{"198.51.100.7": behind, "10.20.0.3": behind, "198.51.100.7/32": behind, "198.51.100.8": spare} {
		for _, o := range []lookupOptions{{PublicIPs: true, Servers: true}, {Full: true}} {
			w := newFakeEnv(t, newFake(config.OTC))
			o.Addresses, o.Output = []string{address}, table.Output{Format: "json"}
			wantExit(t, runLookup(t.Context(), w.Env, o), exit.OK)
			rows := lookupRows(t, w)
			for key, value := range want {
				if len(rows) != 1 || rows[0][key] != value {
					t.Errorf("%s, full %v: %s is not %v: %v", address, o.Full, key, value, rows)
				}
			}
		}
	}
	for _, full := range []bool{false, true} { // what was known without the permission still is
		p := newFake(config.OTC)
		p.fail["public_ips"] = refusal(403, "VPC.0010")
		w := newFakeEnv(t, p)
		wantExit(t, runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.3"}, PublicIPs: true, Full: full}), exit.OK)
		wantText(t, "stderr", w.err.String(), "warning: cloud prod does not list its public IPs")
	}
}

func TestAFullLookupNamesOneCauseOnce(t *testing.T) {
	p := newFake(config.OTC)
	for _, name := range []string{"subnets", "ports", "servers", "private_ips"} {
		p.fail[name] = refusal(401, "APIGW.0301")
	}
	err := runLookup(t.Context(), newFakeEnv(t, p).Env, lookupOptions{Addresses: []string{"10.20.0.3"}, Full: true})
	wantExit(t, err, exit.Permission)
	if n := strings.Count(errText(err), "401"); n != 1 {
		t.Errorf("the cause stands there %d times: %v", n, err)
	}
}

func TestLookupOfAnUnknownAddressStillHasARow(t *testing.T) {
	w := newFakeEnv(t, newFake(config.OTC))
	wantExit(t, runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"192.0.2.1"}, Output: table.Output{Format: "json"}}), exit.NotFound)
	if rows := lookupRows(t, w); len(rows) != 1 || rows[0]["address"] != "192.0.2.1" || rows[0]["held"] != false {
		t.Errorf("rows: %v", rows)
	}
}

// The ports of the network are listed where no port has the address: another port
// may name it in its allowed_address_pairs, and no query of the cloud finds that.
func TestLookupOfOneAddressCostsAtMostFourCallsWithoutServersAndGroups(t *testing.T) {
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
		{"vpc", noPorts, false, false, []string{"availability"}},
		{"vpc", noPorts, false, true, []string{"availability"}},
		{"vpc", noPorts, true, false, []string{"private_ips"}},
		{"vpc", noPorts, true, true, nil},
		{"vpc", ipv6, false, false, nil},
		{"vpc", ipv6, true, true, nil},
		{config.OpenStack, portDBs, false, true, nil},
		{config.OpenStack, noPorts, false, false, []string{"availability"}},
		{config.OpenStack, noPorts, false, true, []string{"availability"}},
	} {
		providers := []string{tt.provider}
		if tt.provider == "vpc" {
			providers = []string{config.OTC, config.HuaweiCloud}
		}
		for _, provider := range providers {
			p := newFake(provider)
			if p.tells = tt.tells; tt.large {
				p.cfg.Limits.PageSize = 15
			}
			w := newFakeEnv(t, p)
			_ = runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{tt.address}})
			want := []string{"subnets", "ports_by_address"}
			if tt.address != portDBs {
				want = append(want, "ports_of_network")
			}
			want = append(want, tt.third...)
			if got := p.calls[1:]; !slices.Equal(got, want) { // the first is the fake's list of projects
				t.Errorf("%s %+v: calls %v, want %v", provider, tt, got, want)
			}
		}
	}
}

func TestWhatIsFreeIsWhatTheCloudTells(t *testing.T) {
	for tells, want := range map[bool]float64{true: 7, false: 8} {
		for _, size := range []int{0, 15} {
			p := newFake(config.OTC)
			p.tells, p.cfg.Limits.PageSize = tells, size
			w := newFakeEnv(t, p)
			wantExit(t, runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.9", "10.20.0.3"}, Output: table.Output{Format: "json"}}), exit.NotFound)
			if rows := lookupRows(t, w); len(rows) != 2 || rows[0]["free"] != want || rows[1]["free"] != want {
				t.Errorf("told by the listing %v, page of %d: rows %v, want %v free", tells, size, rows, want)
			}
		}
	}
}

func TestLookupNeedsAddresses(t *testing.T) {
	for _, bad := range [][]string{{"x"}, {"10.20.0.3", "10.20.0.0/33"}, {"fe80::1%eth0"}, {"::ffff:10.0.0.0/120"}, {"-"}} {
		p := newFake(config.OTC)
		wantExit(t, runLookup(t.Context(), newFakeEnv(t, p).Env, lookupOptions{Addresses: bad}), exit.Usage)
		if len(p.calls) > 0 {
			t.Errorf("%v: the cloud was asked", bad)
		}
	}
}

func TestLookupGoesOverAllTargetsAndOneHolderIsEnough(t *testing.T) {
	a, b := newFake(config.OTC), newFake(config.OpenStack)
	b.cloud, b.cfg.Name, b.label = "lab", "lab", "demo"
	b.add("10.20.0.9", "network:dhcp")
	w := newFakeEnv(t, a, b)
	wantExit(t, runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.9"}, Output: table.Output{Format: "json"}}), exit.OK)
	rows := lookupRows(t, w)
	if len(rows) != 2 || rows[0]["held"] != false || rows[1]["held"] != true || rows[1]["cloud"] != "lab" || rows[1]["holder"] != "dhcp" {
		t.Errorf("rows: %v", rows)
	}
}

func TestATargetThatFailsDoesNotHideTheOthersNorCountAsNobody(t *testing.T) {
	a, b := newFake(config.OTC), newFake(config.OTC)
	b.cloud, b.cfg.Name = "test", "test"
	b.fail["subnets"] = refusal(403, "VPC.0010")
	w := newFakeEnv(t, a, b)
	err := runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.9"}, Output: table.Output{Format: "json"}})
	wantExit(t, err, exit.Permission)
	wantText(t, "error", errText(err), `cloud "test"`)
	if rows := lookupRows(t, w); len(rows) != 1 || rows[0]["cloud"] != "prod" {
		t.Errorf("rows: %v", rows)
	}
}

func TestWhileATargetCannotBeAskedNobodyIsSaidToHoldNothing(t *testing.T) {
	a, b := newFake(config.OTC), newFake(config.OTC)
	b.cloud, b.cfg.Name = "test", "test"
	b.fail["subnets"] = refusal(403, "VPC.0010")
	w := newFakeEnv(t, a, b)
	o := lookupOptions{Addresses: []string{"10.20.0.9", "192.0.2.1"}}
	wantExit(t, runLookup(t.Context(), w.Env, o), exit.Permission)
	wantText(t, "stdout", w.out.String(), "10.20.0.9  not held here", "192.0.2.1  not known: not every target could be asked")
	if strings.Contains(w.out.String(), "nobody") {
		t.Errorf("somebody of cloud test may hold them:\n%s", w.out)
	}
	w.out.Reset()
	o.Output.Format = "json"
	wantExit(t, runLookup(t.Context(), w.Env, o), exit.Permission)
	rows := lookupRows(t, w)
	if len(rows) != 2 || rows[0]["held"] != false || rows[1]["held"] != nil {
		t.Errorf("rows: %v", rows)
	}
}

func TestWhereNotAllPortsAreSeenNobodyIsSaidToHoldNothing(t *testing.T) {
	p := newFake(config.OpenStack)
	p.hidden = true
	w := newFakeEnv(t, p)
	o := lookupOptions{Addresses: []string{"10.20.0.3", "10.20.0.9"}}
	err := runLookup(t.Context(), w.Env, o)
	wantExit(t, err, exit.NotFound)
	wantText(t, "error", errText(err), "not known who holds 10.20.0.9", "does not see everything")
	wantText(t, "stdout", w.out.String(), "10.20.0.3  held by", "10.20.0.9  not known: not everything in this subnet can be seen")
	if strings.Contains(w.out.String()+errText(err), "nobody") {
		t.Errorf("another project may hold it: %v\n%s", err, w.out)
	}
	w.out.Reset()
	o.Addresses = append(o.Addresses, "192.0.2.1")
	o.Output.Format = "json"
	err = runLookup(t.Context(), w.Env, o)
	wantExit(t, err, exit.NotFound)
	wantText(t, "error", errText(err), "nobody holds 192.0.2.1; not known who holds 10.20.0.9")
	rows := lookupRows(t, w)
	if len(rows) != 3 || rows[0]["held"] != true || rows[1]["held"] != nil || rows[2]["held"] != false {
		t.Errorf("rows: %v", rows)
	}
}

func TestACloudThatDoesNotTellItsProjectsDoesNotHideTheOthers(t *testing.T) {
	a, b := newFake(config.OTC), newFake(config.OTC)
	a.cloud, a.cfg.Name = "dead", "dead"
	a.fail["projects"] = broken(errors.New("connection refused"))
	w := newFakeEnv(t, a, b)
	err := runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.3"}, Output: table.Output{Format: "json"}})
	wantExit(t, err, exit.Failure)
	if rows := lookupRows(t, w); len(rows) != 1 || rows[0]["cloud"] != "prod" {
		t.Errorf("rows: %v", rows)
	}
	w.out.Reset()
	wantExit(t, runInventory(t.Context(), w.Env, inventoryOptions{Resource: "subnets", Output: table.Output{Format: "csv"}}), exit.Failure)
	wantText(t, "stdout", w.out.String(), "prod,eu-de,app-a")
	// One that cannot be seen might be a second project of that name.
	wantExit(t, runServerIPs(t.Context(), w.Env, serverOptions{Server: serverDB, Target: command.Target{Project: "eu-de"}}), exit.Failure)
}

func TestLookupForPeople(t *testing.T) {
	w := newFakeEnv(t, newFake(config.OTC))
	_ = runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.3", "10.20.0.9", "10.20.0.4", "192.0.2.1"}, Servers: true, AddressGroups: true})
	want := `10.20.0.3  held by baremetal server db-01
  project     prod / eu-de
  subnet      app-a  10.20.0.0/28  8 free
  subnet id   ` + subnetA + `
  VPC         vpc-1
  port        ` + portDB + `  ACTIVE
  device      ` + serverDB + `  compute:eu-de-01
  server      db-01  baremetal  ` + serverDB + `
  private IP  ` + portDB + `
  group       office  10.20.0.0/28 all of app-a

10.20.0.9  held by nobody
  project     prod / eu-de
  subnet      app-a  10.20.0.0/28  8 free
  subnet id   ` + subnetA + `
  VPC         vpc-1
  group       office  10.20.0.0/28 all of app-a

10.20.0.4  reserved, used by nothing
  project     prod / eu-de
  subnet      app-a  10.20.0.0/28  8 free
  subnet id   ` + subnetA + `
  VPC         vpc-1
  port        7a10c0de-0004-4000-8000-000000000002  DOWN
  private IP  7a10c0de-0004-4000-8000-000000000002
  group       office  10.20.0.0/28 all of app-a

192.0.2.1  held by nobody; no known subnet contains it
`
	if got := w.out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWorkspacePortsAloneDoNotMakeAnAddressFree(t *testing.T) {
	p := newFake(config.HuaweiCloud)
	p.cfg.APIs.Ports = "workspace"
	ip := p.add("10.20.0.9", "compute:x")
	w := newFakeEnv(t, p)
	w.Clouds = []command.Cloud{cloudOf(blindProject{p})}
	wantExit(t, runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.9"}, Output: table.Output{Format: "json"}}), exit.OK)
	if rows := lookupRows(t, w); len(rows) != 1 || rows[0]["private_ip_id"] != ip.ID.String() || rows[0]["held"] != true {
		t.Errorf("rows: %v", rows)
	}
}

func TestWhatALookupKnowsIsNotLostWithTheServersOrGroups(t *testing.T) {
	for _, full := range []bool{false, true} {
		for name, tt := range map[string]struct {
			call string
			err  error
			exit int
		}{
			"groups refused":      {"address_groups", refusal(403, "VPC.2701"), exit.Permission},
			"no such extension":   {"address_groups", refusal(404, "HTTPNotFound"), exit.OK},
			"servers unreachable": {map[bool]string{false: "server", true: "servers"}[full], refusal(500, ""), exit.Failure},
		} {
			t.Run(fmt.Sprint(name, ", full ", full), func(t *testing.T) {
				p := newFake(config.OTC)
				p.fail[tt.call] = tt.err
				w := newFakeEnv(t, p)
				o := lookupOptions{Addresses: []string{"10.20.0.3"}, Servers: true, AddressGroups: true, Full: full, Output: table.Output{Format: "json"}}
				wantExit(t, runLookup(t.Context(), w.Env, o), tt.exit)
				rows := lookupRows(t, w)
				if len(rows) != 1 || rows[0]["held"] != true || rows[0]["port_id"] != portDB || rows[0]["subnet_name"] != "app-a" {
					t.Errorf("rows: %v", rows)
				}
			})
		}
	}
}

// ownIDs is a project whose private IPs have other ids than their ports.
type ownIDs struct{ *fakeProject }

func (p ownIDs) PrivateIPs(ctx context.Context, subnet string) iter.Seq2[inventory.PrivateIP, error] {
	return func(yield func(inventory.PrivateIP, error) bool) {
		for ip, err := range p.fakeProject.PrivateIPs(ctx, subnet) {
			ip.ID = id("own-" + ip.ID.String())
			if !yield(ip, err) {
				return
			}
		}
	}
}

func TestAPrivateIPIsFoundByNetworkAndAddressWhateverItsID(t *testing.T) {
	for name, tt := range map[string]struct {
		pageSize int
		id       string
		calls    []string
	}{
		"one page": {0, "own-" + portDB, []string{"subnets", "ports_by_address", "private_ips"}},
		"more":     {15, "", []string{"subnets", "ports_by_address"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newFake(config.OTC)
			p.cfg.Limits.PageSize = tt.pageSize
			w := newFakeEnv(t, p)
			w.Clouds = []command.Cloud{cloudOf(ownIDs{p})}
			wantExit(t, runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.3"}, Output: table.Output{Format: "json"}}), exit.OK)
			if rows := lookupRows(t, w); len(rows) != 1 || rows[0]["port_id"] != portDB || rows[0]["private_ip_id"] != tt.id {
				t.Errorf("rows: %v", rows)
			}
			if !slices.Equal(p.calls, tt.calls) {
				t.Errorf("calls %v, want %v", p.calls, tt.calls)
			}
		})
	}
}

func TestAPrivateIPWithoutPortHoldsItsAddress(t *testing.T) {
	for _, provider := range []string{config.OTC, config.HuaweiCloud} {
		p := newFake(provider)
		p.tells = true // which leaves a call to look for it
		w := newFakeEnv(t, p)
		w.Clouds = []command.Cloud{cloudOf(blindProject{p})}
		wantExit(t, runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.4"}, Output: table.Output{Format: "json"}}), exit.OK)
		rows := lookupRows(t, w)
		if len(rows) != 1 || rows[0]["held"] != true || rows[0]["private_ip_id"] != p.ips[2].ID.String() || rows[0]["subnet_name"] != "app-a" || rows[0]["free"] != 7.0 {
			t.Errorf("%s: rows %v", provider, rows)
		}
		w.out.Reset()
		wantExit(t, runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.4"}}), exit.OK)
		wantText(t, "stdout", w.out.String(), "  private IP  "+p.ips[2].ID.String()+"  DOWN\n")
		if strings.Contains(w.out.String(), "  port ") {
			t.Errorf("%s: it has no port:\n%s", provider, w.out)
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
				p := newFake(config.HuaweiCloud)
				p.tells, p.cfg.APIs.Ports = true, ports
				p.fail["private_ips"] = tt.err
				w := newFakeEnv(t, p)
				o := lookupOptions{Addresses: []string{"10.20.0.9", "10.20.0.3"}, Output: table.Output{Format: "json"}}
				wantExit(t, runLookup(t.Context(), w.Env, o), want)
				rows := lookupRows(t, w)
				if len(rows) != 2 || rows[1]["held"] != true {
					t.Fatalf("rows: %v", rows)
				}
				held := map[bool]any{true: false, false: nil}[want == exit.NotFound]
				if rows[0]["held"] != held || rows[0]["subnet_name"] != "app-a" || rows[0]["free"] != 7.0 {
					t.Errorf("want held %v of row %v", held, rows[0])
				}
				if got := strings.Contains(w.err.String(), "warning: the private IPs of subnet "+subnetA); got != (tt.warns && want == exit.NotFound) {
					t.Errorf("stderr %s", w.err)
				}
				if want == exit.NotFound {
					return
				}
				w.out.Reset()
				o.Format = ""
				_ = runLookup(t.Context(), w.Env, o)
				wantText(t, "stdout", w.out.String(), "10.20.0.9  not known")
			})
		}
	}
}

func TestThatAnAddressIsHeldIsKnownWithoutItsPrivateIP(t *testing.T) {
	p := newFake(config.OTC)
	p.fail["private_ips"] = refusal(503, "")
	w := newFakeEnv(t, p)
	wantExit(t, runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.3"}, Output: table.Output{Format: "json"}}), exit.OK)
	if rows := lookupRows(t, w); len(rows) != 1 || rows[0]["held"] != true || rows[0]["port_id"] != portDB {
		t.Errorf("rows: %v", rows)
	}
	wantText(t, "stderr", w.err.String(), "warning: the private IPs")
}

// paired is a project whose server db-01 names addresses in allowed_address_pairs.
type paired struct {
	*fakeProject
	pairs []netip.Prefix
}

func (p paired) ports() []inventory.Port {
	ports := p.fakeProject.ports()
	for i := range ports {
		if ports[i].ID == id(portDB) {
			ports[i].Pairs = p.pairs
		}
	}
	return ports
}

func (p paired) Ports(context.Context) iter.Seq2[inventory.Port, error] {
	return list(p.called("ports"), p.ports()...)
}

func (p paired) PortsOfNetwork(context.Context, inventory.ID) iter.Seq2[inventory.Port, error] {
	return list(p.called("ports_of_network"), p.ports()...)
}

func TestLookupNamesThePortWhoseAddressPairsNameAnAddress(t *testing.T) {
	for _, tt := range []struct{ address, pair, port, holder string }{
		{"10.20.0.9", "10.20.0.9/32", portDB, "baremetal"},
		{"10.20.0.4", "10.20.0.4/32", "7a10c0de-0004-4000-8000-000000000002", "vip"}, // a port without owner has it
		{"10.20.0.9", "10.20.0.8/29", "", ""},                                        // a prefix names nobody
	} {
		for _, asked := range []string{tt.address, tt.address + "/31"} {
			p := newFake(config.OpenStack)
			w := newFakeEnv(t, p)
			w.Clouds = []command.Cloud{cloudOf(paired{p, []netip.Prefix{netip.MustParsePrefix(tt.pair)}})}
			err := runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{asked}, Servers: true, Output: table.Output{Format: "json"}})
			wantExit(t, err, map[bool]int{true: exit.OK, false: exit.NotFound}[tt.port != ""])
			if rows := lookupRows(t, w); len(rows) != 1 || rows[0]["port_id"] != tt.port || rows[0]["holder"] != tt.holder || rows[0]["subnet_name"] != "app-a" {
				t.Errorf("%s of %s: rows %v", asked, tt.pair, rows)
			}
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
		p := newFake(config.OTC)
		w := newFakeEnv(t, p)
		asked, err := withStdin([]string{tt.asked}, strings.NewReader(tt.stdin))
		if err != nil {
			t.Fatal(err)
		}
		err = runLookup(t.Context(), w.Env, lookupOptions{Addresses: asked, Output: table.Output{Format: "json"}})
		wantExit(t, err, tt.exit)
		rows := lookupRows(t, w)
		var held []string
		for _, r := range rows {
			if r["held"] == true {
				held = append(held, r["address"].(string))
			}
		}
		if len(rows) != tt.rows || strings.Join(held, " ") != tt.held {
			t.Errorf("%s: rows %v", tt.asked, rows)
		}
		if tt.asked == "10.20.0.8/29" && (rows[0]["address"] != tt.asked || rows[0]["subnet_name"] != "app-a") {
			t.Errorf("row %v", rows[0])
		}
		if tt.stdin == "" && slices.Contains(p.calls, "ports") || len(tt.stdin) > 100 && slices.Contains(p.calls, "ports_by_address") {
			t.Errorf("%s: calls %v", tt.asked, p.calls)
		}
	}
}

func TestABroadLookupListsPublicIPsOnce(t *testing.T) {
	p := newFake(config.OTC)
	p.fail["public_ips"] = refusal(403, "VPC.0010")
	w := newFakeEnv(t, p)
	o := lookupOptions{PublicIPs: true}
	for i := range askedAlone + 1 {
		o.Addresses = append(o.Addresses, fmt.Sprintf("10.20.0.%d", i))
	}
	wantExit(t, runLookup(t.Context(), w.Env, o), exit.NotFound)
	calls := slices.DeleteFunc(slices.Clone(p.calls), func(c string) bool { return c != "public_ips" })
	if said := strings.Count(w.err.String(), "does not list its public IPs"); len(calls) != 1 || said != 1 {
		t.Errorf("%d calls and %d warnings, want one of each:\n%s", len(calls), said, w.err)
	}
}
