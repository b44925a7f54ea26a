package cli

import (
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

// inventory prints a resource.
func (w *fakeEnv) inventory(t *testing.T, want int, resource, format string, filter ...string) string {
	t.Helper()
	w.out.Reset()
	wantExit(t, runInventory(t.Context(), w.Env, inventoryOptions{Resource: resource, Output: table.Output{Format: format, Filter: filter}}), want)
	return w.out.String()
}

func TestNoCloudIsAskedWhatCannotBeUnderstood(t *testing.T) {
	p, w := faked(t, config.OTC)
	w.inventory(t, exit.Usage, "subnets", "", "nope=1")
	w.lookupText(t, exit.Usage, lookupOptions{}, "10.20.0.3", "10.20.0.0/33")
	check.Equal(t, "calls", 0, len(p.calls))
}

func TestInventoryPrintsNothingHalfReadAndTheOtherTargets(t *testing.T) {
	a, b := newFake(config.OTC), named("test", config.OTC)
	b.fail["ports"] = refusal(500, "")
	w := newFakeEnv(t, a, b)
	err := runInventory(t.Context(), w.Env, inventoryOptions{Resource: "ports", Output: table.Output{Format: "csv"}})
	wantExit(t, err, exit.Failure, `cloud "test"`, "ports")
	check.Equal(t, "rows of prod", 3, strings.Count(w.out.String(), "prod,"))
	check.Equal(t, "rows of test", 0, strings.Count(w.out.String(), "test,"))
}

func TestInventoryOfPortsKnowsBareMetalForOneListingOfServers(t *testing.T) {
	for name, tt := range map[string]struct {
		collectors, calls []string
		fail              error // of the servers
		holder            string
	}{
		"servers are collected": {[]string{"ports", "servers"}, []string{"ports", "projects", "servers", "sub_interfaces", "subnets"}, nil, "baremetal"},
		"they are not":          {[]string{"ports"}, []string{"ports", "projects", "sub_interfaces", "subnets"}, nil, "server"},
		"they fail":             {[]string{"ports", "servers"}, []string{"ports", "projects", "servers", "sub_interfaces", "subnets"}, refusal(500, ""), "server"},
	} {
		p := newFake(config.OTC)
		p.cfg.Collectors, p.cfg.APIs.ServerAddresses, p.fail["servers"] = tt.collectors, "ips", tt.fail
		w := newFakeEnv(t, p)
		w.inventory(t, exit.OK, "ports", "json", "address=10.20.0.3")
		check.Equal(t, name, tt.holder, values(w.rows(t), "holder"))
		check.Equal(t, name, tt.calls, slices.Sorted(slices.Values(p.calls)))
		if tt.fail != nil {
			check.Has(t, "stderr", w.err.String(), "warning: ports of prod/eu-de", "servers")
		}
	}
}

func TestAPortWithADeviceIsNotFreeThoughNoOwnerIsTold(t *testing.T) {
	p, w := faked(t, config.HuaweiCloud)
	p.cfg.APIs.Ports = "workspace"
	p.shows = func(port *inventory.Port) bool { port.Owner = ""; return true }
	check.Has(t, "stdout", w.inventory(t, exit.OK, "ports", "csv"), "10.20.0.3,app-a,ACTIVE,other,"+serverDB, "10.20.0.4,app-a,DOWN,none,,")
	check.Has(t, "stdout", w.lookupText(t, exit.OK, lookupOptions{}, "10.20.0.3"), "10.20.0.3  held by something unknown")
}

func TestAPortThatADeviceOrAServiceUsesIsNotSaidToBeUnused(t *testing.T) {
	const unused, used = "10.20.0.4  reserved, used by nothing", "10.20.0.4  held by something unknown"
	for name, tt := range map[string]struct {
		device   string
		instance bool
		want     string
	}{
		"nothing":    {"", false, unused},
		"a device":   {"some-device", false, used},
		"a database": {"", true, used},
	} {
		p, w := faked(t, config.HuaweiCloud)
		p.shows = func(port *inventory.Port) bool {
			if port.Owner == "" {
				port.DeviceID, port.Instance = id(tt.device), tt.instance
			}
			return true
		}
		check.Has(t, name, w.lookupText(t, exit.OK, lookupOptions{}, "10.20.0.4"), tt.want)
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
			p, w := faked(t, config.HuaweiCloud)
			p.Bad = map[string]int{tt.bad: 1}
			if tt.refuse != "" {
				p.fail[tt.refuse] = refusal(403, "VPC.0010")
			}
			wantExit(t, tt.run(w), exit.OK)
			check.Has(t, "stderr", w.err.String(), tt.want...)
			check.Equal(t, "warnings", len(tt.want), strings.Count(w.err.String(), "warning:"))
		})
	}
}
