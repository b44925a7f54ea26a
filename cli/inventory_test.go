package cli

import (
	"context"
	"encoding/json"
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

// blindProject shows no ports when it is asked for some, and of all not those of others,
// which Workspace does not show.
type blindProject struct{ *fakeProject }

func (p blindProject) PortsByAddress(context.Context, netip.Addr) iter.Seq2[inventory.Port, error] {
	return list[inventory.Port](nil)
}

func (p blindProject) PortsOfNetwork(context.Context, inventory.ID) iter.Seq2[inventory.Port, error] {
	return list[inventory.Port](nil)
}

func (p blindProject) PortsInParts(ctx context.Context, last *inventory.Ports) iter.Seq2[inventory.Port, error] {
	return func(yield func(inventory.Port, error) bool) {
		for port, err := range p.fakeProject.PortsInParts(ctx, last) {
			if port.Owner != "compute:x" && !yield(port, err) {
				return
			}
		}
	}
}

func TestInventoryPrintsEachResourceWithTheLabelNamesAsKeys(t *testing.T) {
	for resource, want := range map[string]struct {
		rows int
		keys string
	}{
		"subnets":        {2, "subnet_id ip_version subnet_name cidr vpc_id vpc_name network_id capacity_source capacity used free reserved"},
		"ports":          {3, "port_id network_id subnet_id address status device_id device_owner"},
		"servers":        {1, "server_id server_name kind status flavor availability_zone addresses"},
		"address-groups": {1, "address_group_id address_group_name ip_version status entries entries_max entries_redundant"},
		"private-ips":    {3, "subnet_id address private_ip_id status holder"},
	} {
		t.Run(resource, func(t *testing.T) {
			w := newFakeEnv(t, newFake(config.OTC))
			wantExit(t, runInventory(t.Context(), w.Env, inventoryOptions{Resource: resource, Output: table.Output{Format: "json"}}), exit.OK)
			var rows []map[string]any
			if err := json.Unmarshal(w.out.Bytes(), &rows); err != nil || len(rows) != want.rows {
				t.Fatalf("%d rows, want %d: %v\n%s", len(rows), want.rows, err, w.out)
			}
			for _, key := range append(strings.Fields(want.keys), "cloud", "project") {
				if _, ok := rows[0][key]; !ok {
					t.Errorf("key %q is missing in %v", key, rows[0])
				}
			}
			w.out.Reset()
			wantExit(t, runInventory(t.Context(), w.Env, inventoryOptions{Resource: resource, Output: table.Output{Format: "csv"}}), exit.OK)
			if got := strings.Count(w.out.String(), "\n"); got != want.rows+1 {
				t.Errorf("%d lines of CSV, want a header and %d", got, want.rows)
			}
		})
	}
}

func TestInventoryOfSubnetsAsATable(t *testing.T) {
	w := newFakeEnv(t, newFake(config.OTC))
	wantExit(t, runInventory(t.Context(), w.Env, inventoryOptions{Resource: "subnets"}), exit.OK)
	want := "" +
		"SUBNET_NAME  CIDR              USED %  FREE  USED  CAPACITY  SUBNET_ID\n" +
		"app-a        10.20.0.0/28          20     8     2        10  " + subnetA + "\n" +
		"app-a        2001:db8:20::/64       -     -     0         -  " + subnetA + "\n"
	if got := w.out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestInventoryRefusesWhatItDoesNotHave(t *testing.T) {
	p := newFake(config.OTC)
	w := newFakeEnv(t, p)
	wantExit(t, runInventory(t.Context(), w.Env, inventoryOptions{Resource: "subnets", Output: table.Output{Filter: []string{"nope=1"}}}), exit.Usage)
	if len(p.calls) > 0 {
		t.Errorf("the cloud was asked: %v", p.calls)
	}
}

func TestAResourceThatACloudLacksIsToldAndNoFailure(t *testing.T) {
	w := newFakeEnv(t, newFake(config.OpenStack))
	wantExit(t, runInventory(t.Context(), w.Env, inventoryOptions{Resource: "private-ips", Output: table.Output{Format: "json"}}), exit.OK)
	wantText(t, "stderr", w.err.String(), "has no private ips")
	if got := w.out.String(); got != "[]\n" {
		t.Errorf("stdout: %q", got)
	}
}

func TestInventoryPrintsNothingHalfReadAndTheOtherTargets(t *testing.T) {
	a, b := newFake(config.OTC), newFake(config.OTC)
	b.cloud, b.cfg.Name = "test", "test"
	b.fail["ports"] = refusal(500, "")
	w := newFakeEnv(t, a, b)
	err := runInventory(t.Context(), w.Env, inventoryOptions{Resource: "ports", Output: table.Output{Format: "csv"}})
	wantExit(t, err, exit.Failure)
	wantText(t, "error", errText(err), `cloud "test"`, "ports")
	if got := w.out.String(); strings.Contains(got, "test,") || strings.Count(got, "prod,") != 3 {
		t.Errorf("stdout:\n%s", got)
	}
}

// holderOfServer is what inventory ports says of the port of the fake's
// bare-metal server, and the calls that it made.
func holderOfServer(t *testing.T, p *fakeProject) (holder string, w *fakeEnv) {
	t.Helper()
	w = newFakeEnv(t, p)
	wantExit(t, runInventory(t.Context(), w.Env, inventoryOptions{Resource: "ports", Output: table.Output{Format: "json", Filter: []string{"address=10.20.0.3"}}}), exit.OK)
	var rows []map[string]string
	if err := json.Unmarshal(w.out.Bytes(), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%d rows: %v\n%s", len(rows), err, w.out)
	}
	return rows[0]["holder"], w
}

func TestInventoryOfPortsKnowsBareMetalForOneListingOfServers(t *testing.T) {
	p := newFake(config.OTC)
	p.cfg.Collectors = []string{"ports", "servers"}
	p.cfg.APIs.ServerAddresses = "ips"
	holder, _ := holderOfServer(t, p)
	if holder != "baremetal" {
		t.Errorf("holder %q", holder)
	}
	if got := slices.Sorted(slices.Values(p.calls)); !slices.Equal(got, []string{"ports", "projects", "servers", "sub_interfaces", "subnets"}) {
		t.Errorf("calls: %v", got)
	}
}

func TestInventoryOfPortsAsksForNoServersWhereNoneAreCollected(t *testing.T) {
	p := newFake(config.OTC)
	p.cfg.Collectors = []string{"ports"}
	if holder, _ := holderOfServer(t, p); holder != "server" || slices.Contains(p.calls, "servers") {
		t.Errorf("holder %q after %v", holder, p.calls)
	}
}

func TestInventoryOfPortsOutlivesAFailureOfServers(t *testing.T) {
	p := newFake(config.OTC)
	p.cfg.Collectors = []string{"ports", "servers"}
	p.fail["servers"] = refusal(500, "")
	holder, w := holderOfServer(t, p)
	if holder != "server" {
		t.Errorf("holder %q", holder)
	}
	wantText(t, "stderr", w.err.String(), "warning: ports of prod/eu-de", "servers")
}

// ownerless is a cloud that tells the devices of ports, but no owners, as
// Workspace does.
type ownerless struct{ *fakeProject }

func (c ownerless) PortsInParts(ctx context.Context, last *inventory.Ports) iter.Seq2[inventory.Port, error] {
	return func(yield func(inventory.Port, error) bool) {
		for port, err := range c.fakeProject.PortsInParts(ctx, last) {
			port.Owner = ""
			if !yield(port, err) {
				return
			}
		}
	}
}

func (c ownerless) PortsByAddress(ctx context.Context, _ netip.Addr) iter.Seq2[inventory.Port, error] {
	return c.PortsInParts(ctx, nil)
}

func TestAPortWithADeviceIsNotFreeThoughNoOwnerIsTold(t *testing.T) {
	p := newFake(config.HuaweiCloud)
	p.cfg.APIs.Ports = "workspace"
	w := newFakeEnv(t, p)
	w.Clouds = []command.Cloud{cloudOf(ownerless{p})}
	wantExit(t, runInventory(t.Context(), w.Env, inventoryOptions{Resource: "ports", Output: table.Output{Format: "csv"}}), exit.OK)
	wantText(t, "stdout", w.out.String(), "10.20.0.3,app-a,ACTIVE,other,"+serverDB, "10.20.0.4,app-a,DOWN,none,,")
	w.out.Reset()
	wantExit(t, runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.3"}}), exit.OK)
	wantText(t, "stdout", w.out.String(), "10.20.0.3  held by something unknown")
}

func TestTagsOfSubnetsAreColumnsToFilterBy(t *testing.T) {
	for filter, want := range map[string]int{"tag_cost_centre=4001": 2, "tag_cost_centre=4002": 0} {
		p := newFake(config.OTC)
		p.cfg.Tags = []string{"cost-centre"}
		w := newFakeEnv(t, p)
		o := inventoryOptions{Resource: "subnets", Output: table.Output{Format: "json", Filter: []string{filter}}}
		wantExit(t, runInventory(t.Context(), w.Env, o), exit.OK)
		if rows := lookupRows(t, w); len(rows) != want || want > 0 && rows[0]["tag_cost_centre"] != "4001" {
			t.Errorf("%s: rows %v, want %d", filter, rows, want)
		}
	}
}

func TestWhatACloudDoesNotShowIsTold(t *testing.T) {
	show := func(resource string) func(*fakeEnv) error {
		return func(w *fakeEnv) error { return runInventory(t.Context(), w.Env, inventoryOptions{Resource: resource}) }
	}
	overlaps := func(w *fakeEnv) error {
		return runOverlaps(t.Context(), w.Env, nil, command.Target{}, table.Output{})
	}
	const refused, unread = "of prod/eu-de are shown without vpc prefixes: ", "of prod/eu-de are shown without 1 items that could not be read; the first: "
	for name, tt := range map[string]struct {
		run         func(*fakeEnv) error
		refuse, bad string
		want        []string // of which each is a line
	}{
		"VPCs without secondary CIDRs":     {show("vpcs"), "vpc_prefixes", "", []string{"warning: vpcs " + refused}},
		"overlaps without secondary CIDRs": {overlaps, "vpc_prefixes", "", []string{"warning: overlaps " + refused}},
		"a subnet cannot be read":          {show("subnets"), "", "subnets", []string{"warning: subnets " + unread}},
		"nor its overlaps be seen":         {overlaps, "", "subnets", []string{"warning: overlaps " + unread}},
		"nor what it leaves free": {show("free-prefixes"), "", "subnets", []string{
			"warning: free-prefixes " + unread, "warning: in prod/eu-de it is not known what is free in main: not all its subnets can be seen",
		}},
		"nor who has its addresses": {func(w *fakeEnv) error {
			return runLookup(t.Context(), w.Env, lookupOptions{Addresses: []string{"10.20.0.3"}, Full: true})
		}, "", "subnets", []string{"warning: addresses " + unread}},
		"all is seen": {show("free-prefixes"), "", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := newFake(config.HuaweiCloud)
			p.Bad = map[string]int{tt.bad: 1}
			if tt.refuse != "" {
				p.fail[tt.refuse] = refusal(403, "VPC.0010")
			}
			w := newFakeEnv(t, p)
			wantExit(t, tt.run(w), exit.OK)
			wantText(t, "stderr", w.err.String(), tt.want...)
			if got := strings.Count(w.err.String(), "warning:"); got != len(tt.want) {
				t.Errorf("%d warnings, want %d:\n%s", got, len(tt.want), w.err)
			}
		})
	}
}
