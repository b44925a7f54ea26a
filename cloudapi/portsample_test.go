package cloudapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/simulator"
)

// sampleCases are the APIs of ports that can filter them by network.
var sampleCases = slices.DeleteFunc(slices.Clone(partsCases), func(p partsCase) bool { return p.api == "workspace" })

const samplePageSize = 100

// openMany is a cloud of 60 pages of ports.
func (p partsCase) openMany(t *testing.T) (*conformance, *Project) {
	t.Helper()
	c := newConformance(t, p.provider, config.Password, simulator.Options{Ports: 6000, Subnets: 200, Skew: 0.5})
	return c, c.project(t, "  apis: {ports: "+p.api+"}",
		fmt.Sprintf("  limits: {requests_per_second: 0, page_size: %d, concurrency: 4}", samplePageSize))
}

func eachSampleCase(t *testing.T, test func(t *testing.T, c *conformance, p *Project)) {
	for _, row := range sampleCases {
		t.Run(row.provider+" "+row.api, func(t *testing.T) {
			t.Parallel()
			c, p := row.openMany(t)
			test(t, c, p)
		})
	}
}

func isSample(r *http.Request) bool { return r.URL.Query().Has("network_id") }

// calls are all requests for ports, and those of them that are samples.
func (c *conformance) portCalls() (all, samples int) {
	for _, r := range c.Requests() {
		if strings.HasSuffix(r.Path, "/ports") {
			all++
			if strings.Contains(r.Query, "network_id=") {
				samples++
			}
		}
	}
	return all, samples
}

// firstListing is a listing of unknown ports, and whether it came in parts.
func firstListing(t *testing.T, p *Project) (list *inventory.Ports, n int, inParts bool) {
	t.Helper()
	end := 0.0
	list, n = listedPorts(t, func(yield func(inventory.Port, error) bool) {
		for port, err := range p.PortsInParts(t.Context(), nil) {
			if place, ok := port.ID.Place(); ok {
				inParts = inParts || place < end-0.1 // further than a port that comes twice
				end = place
			}
			if !yield(port, err) {
				return
			}
		}
	})
	return list, n, inParts
}

func TestUnknownPortsAreAllReadInParts(t *testing.T) {
	eachSampleCase(t, func(t *testing.T, c *conformance, p *Project) {
		got, n, inParts := firstListing(t, p)
		calls, samples := c.portCalls()
		want, _ := listedPorts(t, p.Ports(t.Context()))
		all, _ := c.portCalls()
		if plain := all - calls; !inParts || samples != 1 || calls*10 > plain*12 || n > got.Len()+3 {
			t.Errorf("in parts: %t; %d samples; %d calls, %d one page after the other; %d of %d ports", inParts, samples, calls, plain, n, got.Len())
		}
		if diff := cmp.Diff(portTexts(want), portTexts(got)); diff != "" {
			t.Errorf("ports (-want +got):\n%s", diff)
		}
	})
}

// portTexts are the ports with all that is known of them.
func portTexts(list *inventory.Ports) []string {
	var texts []string
	for p := range list.All() {
		texts = append(texts, fmt.Sprint(p))
	}
	return texts
}

func TestUnknownPortsMissNothingThatChangesAfterTheSample(t *testing.T) {
	eachSampleCase(t, func(t *testing.T, c *conformance, p *Project) {
		before := idsOf(mustList(listedPorts(t, p.Ports(t.Context()))))
		var once sync.Once
		sampled := false
		c.Fault(simulator.Fault{Path: anyPorts, From: 1 << 30, Match: func(r *http.Request) bool {
			if isSample(r) {
				sampled = true
			} else if sampled {
				once.Do(func() { stir(t, c, before) })
			}
			return false
		}})
		got, _, inParts := firstListing(t, p)
		after := idsOf(mustList(listedPorts(t, p.Ports(t.Context()))))
		if !inParts || len(after) < len(before) {
			t.Fatalf("in parts: %t; %d ports, then %d", inParts, len(before), len(after))
		}
		have, was := asSet(idsOf(got)), asSet(before)
		for _, id := range after {
			if !have[id] && was[id] {
				t.Errorf("port %s is missing", id)
			}
		}
		fresh, seen := 0, 0
		for _, id := range after {
			if !was[id] {
				fresh++
				if have[id] {
					seen++
				}
			}
		}
		// One in six of the new ones lies where the list was read already.
		if seen < fresh*6/10 {
			t.Errorf("%d of %d new ports are there", seen, fresh)
		}
	})
}

// stir makes a network with ports, and takes every twelfth port away.
func stir(t *testing.T, c *conformance, ids []string) {
	fresh := c.AddSubnet("appeared", "10.250.0.0/20")
	for i := range 1000 {
		if _, err := c.AddPort(fresh, "", "compute:az1", fmt.Sprintf("d-%d", i)); err != nil {
			t.Error(err)
		}
	}
	for i := 0; i < len(ids); i += 12 {
		c.RemovePort(ids[i])
	}
}

func mustList(list *inventory.Ports, _ int) *inventory.Ports { return list }

func asSet(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func TestWorkspaceIsNotAskedForASample(t *testing.T) {
	c, p := partsCase{config.HuaweiCloud, "workspace"}.openMany(t)
	firstListing(t, p)
	calls, samples := c.portCalls()
	listedPorts(t, p.Ports(t.Context()))
	if all, _ := c.portCalls(); samples > 0 || calls != all-calls {
		t.Errorf("%d samples; %d calls, %d one page after the other", samples, calls, all-calls)
	}
}

func TestASampleWhoseNetworkVanishesLeavesTheListingWhole(t *testing.T) {
	eachSampleCase(t, func(t *testing.T, c *conformance, p *Project) {
		c.Fault(simulator.Fault{Path: anyPorts, From: 1 << 30, Match: func(r *http.Request) bool {
			if isSample(r) {
				c.RemoveSubnet(r.URL.Query().Get("network_id"))
			}
			return false
		}})
		got, _, inParts := firstListing(t, p)
		want, _ := listedPorts(t, p.Ports(t.Context()))
		have := asSet(idsOf(got))
		for _, id := range idsOf(want) {
			if !have[id] {
				t.Errorf("port %s is missing", id)
			}
		}
		if inParts {
			t.Error("the listing was cut at ports of a network that is gone")
		}
	})
}

func TestABadSampleDoesNoHarm(t *testing.T) {
	body := func(text string) simulator.Fault {
		return simulator.Fault{ReplaceBody: func([]byte) []byte { return []byte(text) }}
	}
	many := func(item string, n int) simulator.Fault {
		return body(`{"ports":[` + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + `]}`)
	}
	const high = `{"id":"ffffffff-0000-4000-8000-000000000001"}`
	for name, fault := range map[string]simulator.Fault{
		"refused":            {Status: http.StatusForbidden, Body: `{}`},
		"not known":          {Status: http.StatusBadRequest, Body: `{}`},
		"broken":             {Status: http.StatusInternalServerError, Body: `{}`},
		"reset":              {Reset: true},
		"cut":                {CutAtPercent: 50},
		"empty list":         {EmptyPage: true},
		"a login page":       body(`<html>`),
		"nothing":            body(``),
		"no list":            body(`{"ports":"many"}`),
		"numbers":            many(`1`, 200),
		"nothing in it":      many(`{}`, 200),
		"ids of a kind":      many(`{"id":17}`, 200),
		"no UUIDs":           many(`{"id":"port"}`, 200),
		"one id for all":     many(high, 200),
		"huge":               many(high, 300_000),
		"a page without end": {Padding: 80 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, p := partsCase{config.HuaweiCloud, "vpc"}.openMany(t)
			fault.Path, fault.Match = anyPorts, isSample
			c.Fault(fault)
			got, _, _ := firstListing(t, p)
			all, samples := c.portCalls()
			want, _ := listedPorts(t, p.Ports(t.Context()))
			sameIDs(t, idsOf(want), idsOf(got))
			again, _ := c.portCalls()
			if plain := again - all; samples == 0 || (all-samples)*10 > plain*12 {
				t.Errorf("%d samples, %d calls, %d one page after the other", samples, all, plain)
			}
			if p.onePiece.Load() > 0 {
				t.Error("the sample decided about the order of the listing")
			}
		})
	}
}

func TestACloudThatIgnoresTheFilterIsReadInOnePiece(t *testing.T) {
	eachSampleCase(t, func(t *testing.T, c *conformance, p *Project) {
		c.Fault(simulator.Fault{Path: anyPorts, From: 1 << 30, Match: func(r *http.Request) bool {
			if isSample(r) {
				query := r.URL.Query()
				query.Del("network_id")
				query.Del("device_owner")
				query.Del("status")
				r.URL.RawQuery = query.Encode()
			}
			return false
		}})
		got, _, inParts := firstListing(t, p)
		calls, _ := c.portCalls()
		want, _ := listedPorts(t, p.Ports(t.Context()))
		all, _ := c.portCalls()
		sameIDs(t, idsOf(want), idsOf(got))
		if plain := all - calls; inParts || calls > plain+1 {
			t.Errorf("in parts: %t; %d calls, %d one page after the other", inParts, calls, plain)
		}
	})
}

func TestASampleOfPortsThatAreNotThereCostsTheListingOnce(t *testing.T) {
	c, p := partsCase{config.OpenStack, "neutron"}.openMany(t)
	var marks []string
	for i := range 90 {
		marks = append(marks, fmt.Sprintf(`{"id":"%02x000000-0000-4000-8000-000000000001"}`, 20+i*2))
	}
	c.Fault(simulator.Fault{Path: anyPorts, Match: isSample, ReplaceBody: func([]byte) []byte {
		return []byte(`{"ports":[` + strings.Join(marks, ",") + `]}`)
	}})
	got, _, _ := firstListing(t, p)
	want, _ := listedPorts(t, p.Ports(t.Context()))
	sameIDs(t, idsOf(want), idsOf(got))
	if p.onePiece.Load() > 0 {
		t.Error("parts are given up for ever")
	}
}
