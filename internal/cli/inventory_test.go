package cli

import (
	"context"
	"encoding/json"
	"iter"
	"net/netip"
	"strings"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/internal/inventory"
)

// blindCloud shows no ports, as Workspace does for those of others.
type blindCloud struct{ p *fakeProject }

func (c blindCloud) Config() config.Cloud { return c.p.cfg }

func (c blindCloud) Projects(context.Context) ([]Project, error) {
	return []Project{blindProject{c.p}}, nil
}

type blindProject struct{ *fakeProject }

func (p blindProject) PortsByAddress(context.Context, netip.Addr) iter.Seq2[inventory.Port, error] {
	return list[inventory.Port](nil)
}

func TestInventoryPrintsEachResourceWithTheLabelNamesAsKeys(t *testing.T) {
	for resource, want := range map[string]struct {
		rows int
		keys string
	}{
		"":               {2, "subnet_id ip_version subnet_name cidr vpc_id vpc_name network_id capacity_source capacity used free reserved"},
		"subnets":        {2, "subnet_id ip_version subnet_name cidr vpc_id vpc_name network_id capacity_source capacity used free reserved"},
		"ports":          {3, "port_id network_id subnet_id address status device_id device_owner"},
		"servers":        {1, "server_id server_name kind status flavor availability_zone addresses"},
		"address-groups": {1, "address_group_id address_group_name ip_version status entries entries_max entries_redundant"},
		"private-ips":    {3, "subnet_id address private_ip_id status holder"},
	} {
		t.Run(resource, func(t *testing.T) {
			w := newWorld(t, newFake(config.OTC))
			wantExit(t, w.Inventory(t.Context(), InventoryOptions{Resource: resource, Output: Output{Format: "json"}}), ExitOK)
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
			wantExit(t, w.Inventory(t.Context(), InventoryOptions{Resource: resource, Output: Output{Format: "csv"}}), ExitOK)
			if got := strings.Count(w.out.String(), "\n"); got != want.rows+1 {
				t.Errorf("%d lines of CSV, want a header and %d", got, want.rows)
			}
		})
	}
}

func TestInventoryOfSubnetsAsATable(t *testing.T) {
	w := newWorld(t, newFake(config.OTC))
	wantExit(t, w.Inventory(t.Context(), InventoryOptions{}), ExitOK)
	want := "" +
		"SUBNET_NAME  CIDR              CAPACITY  USED  FREE  SUBNET_ID\n" +
		"app-a        10.20.0.0/28            11     3     8  " + subnetA + "\n" +
		"app-a        2001:db8:20::/64         -     0     -  " + subnetA + "\n"
	if got := w.out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestInventoryRefusesWhatItDoesNotHave(t *testing.T) {
	p := newFake(config.OTC)
	w := newWorld(t, p)
	wantExit(t, w.Inventory(t.Context(), InventoryOptions{Resource: "routers"}), ExitUsage)
	wantExit(t, w.Inventory(t.Context(), InventoryOptions{Output: Output{Filter: []string{"nope=1"}}}), ExitUsage)
	wantExit(t, w.Inventory(t.Context(), InventoryOptions{Output: Output{Format: "yaml"}}), ExitUsage)
	if len(p.calls) > 0 {
		t.Errorf("the cloud was asked: %v", p.calls)
	}
}

func TestAResourceThatACloudLacksIsToldAndNoFailure(t *testing.T) {
	w := newWorld(t, newFake(config.OpenStack))
	wantExit(t, w.Inventory(t.Context(), InventoryOptions{Resource: "private-ips", Output: Output{Format: "json"}}), ExitOK)
	wantText(t, "stderr", w.err.String(), "has no private ips")
	if got := w.out.String(); got != "[]\n" {
		t.Errorf("stdout: %q", got)
	}
}

func TestInventoryPrintsNothingHalfReadAndTheOtherTargets(t *testing.T) {
	a, b := newFake(config.OTC), newFake(config.OTC)
	b.cloud, b.cfg.Name = "test", "test"
	b.fail["ports"] = refusal(500, "")
	w := newWorld(t, a, b)
	err := w.Inventory(t.Context(), InventoryOptions{Resource: "ports", Output: Output{Format: "csv"}})
	wantExit(t, err, ExitFailure)
	wantText(t, "error", errText(err), `cloud "test"`, "ports")
	if got := w.out.String(); strings.Contains(got, "test,") || strings.Count(got, "prod,") != 3 {
		t.Errorf("stdout:\n%s", got)
	}
}

func TestProgressIsShownOnATerminalAlone(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		w := newWorld(t, newFake(config.OTC))
		w.StderrTerminal = terminal
		wantExit(t, w.Inventory(t.Context(), InventoryOptions{}), ExitOK)
		if got := strings.Contains(w.err.String(), "collecting"); got != terminal {
			t.Errorf("terminal %t: progress %t: %q", terminal, got, w.err)
		}
	}
}
