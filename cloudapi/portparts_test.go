package cloudapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
)

const partsPageSize = 20

type partsCase struct{ provider, api string }

var partsCases = []partsCase{
	{config.OpenStack, "neutron"}, {config.OTC, "neutron"}, {config.HuaweiCloud, "neutron"}, {config.HuaweiCloud, "vpc"}, {config.HuaweiCloud, "workspace"},
}

func (p partsCase) open(t *testing.T, concurrency int) (*conformance, *Project) {
	t.Helper()
	c := newConformance(t, p.provider, config.Password, simulator.Options{Ports: 600, Subnets: 30, Skew: 0.5})
	return c, c.project(t, "  apis: {ports: "+p.api+"}",
		fmt.Sprintf("  limits: {requests_per_second: 0, page_size: %d, concurrency: %d}", partsPageSize, concurrency))
}

// listedPorts is a whole listing, read as a collector does: the last record of
// each port, and how many came in all.
func listedPorts(t *testing.T, seq func(func(inventory.Port, error) bool)) (*inventory.Ports, int) {
	t.Helper()
	list, n := &inventory.Ports{}, 0
	for port, err := range seq {
		if errors.Is(err, apierr.ErrAgain) {
			list = &inventory.Ports{}
			continue
		}
		if apierr.IsItem(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
		list.Append(port)
	}
	list.Freeze()
	return list, n
}

// partsOf cuts what was listed into parts of so many pages.
func partsOf(list *inventory.Ports, pages int) []portPart {
	parts := []portPart{{}}
	for _, mark := range list.SplitAt(pages*partsPageSize, 3) {
		parts[len(parts)-1].until = mark[0]
		parts = append(parts, portPart{after: mark})
	}
	return parts
}

func idsOf(list *inventory.Ports) []string {
	var ids []string
	for p := range list.All() {
		ids = append(ids, p.ID.String())
	}
	return ids
}

// sameIDs tells what is missing and what is too much.
func sameIDs(t *testing.T, want, got []string) {
	t.Helper()
	have := map[string]bool{}
	for _, id := range got {
		have[id] = true
	}
	for _, id := range want {
		if !have[id] {
			t.Errorf("port %s is missing", id)
		}
		delete(have, id)
	}
	if len(have) > 0 {
		t.Errorf("%d ports are too much: %v", len(have), slices.Collect(maps.Keys(have)))
	}
}

func eachPartsCase(t *testing.T, test func(t *testing.T, c *conformance, p *Project)) {
	for _, row := range partsCases {
		t.Run(row.provider+" "+row.api, func(t *testing.T) {
			t.Parallel()
			c, p := row.open(t, 4)
			test(t, c, p)
		})
	}
}

const anyPorts = "/ports$"

// TestPartsMissNothing compares the parts with a plain listing, after so many ports came
// or went since they were cut.
func TestPartsMissNothing(t *testing.T) {
	remove := func(c *conformance, ids []inventory.ID) int {
		for _, id := range ids {
			c.RemovePort(id.String())
		}
		return -len(ids)
	}
	for name, test := range map[string]struct {
		pages  int // of a part
		change func(t *testing.T, c *conformance, parts []portPart) int
	}{
		"and cost hardly more calls": {6, func(*testing.T, *conformance, []portPart) int { return 0 }},
		"that was made on a network that nobody knew": {2, func(t *testing.T, c *conformance, _ []portPart) int {
			fresh := c.AddSubnet("appeared", "10.250.0.0/24")
			for i := range 70 {
				check.Get(c.AddPort(fresh, "", "compute:az1", fmt.Sprintf("d-%d", i)))(t)
			}
			return 70
		}},
		"where a part begins at a port that is still there": {3, func(_ *testing.T, c *conformance, parts []portPart) (n int) {
			for i, part := range parts[1:] {
				n += remove(c, part.after[:1+i%2])
			}
			return n
		}},
		"where all marks of a part are gone": {3, func(_ *testing.T, c *conformance, parts []portPart) int { return remove(c, parts[2].after) }},
	} {
		t.Run(name, func(t *testing.T) {
			eachPartsCase(t, func(t *testing.T, c *conformance, p *Project) {
				plain, _ := listedPorts(t, p.Ports(t.Context()))
				parts := partsOf(plain, test.pages)
				more, before := test.change(t, c, parts), c.Calls("GET", anyPorts)
				got, n := listedPorts(t, p.portsCutAt(t.Context(), parts))
				calls, gone := c.Calls("GET", anyPorts)-before, strings.HasSuffix(name, "gone")
				want, _ := listedPorts(t, p.Ports(t.Context()))
				check.Equal(t, "ports", plain.Len()+more, want.Len())
				sameIDs(t, idsOf(want), idsOf(got))
				if most := want.Len() + 2 + max(0, -2*more); n > most && !gone { // a part ends though its last port is gone
					t.Errorf("%d ports were handed over, want at most %d", n, most)
				}
				if pages := (want.Len() + partsPageSize) / partsPageSize; test.pages == 6 && calls > pages*12/10 {
					t.Errorf("%d calls for %d pages", calls, pages)
				}
				if p.onePiece.Load() {
					t.Error("parts are given up for ever")
				}
			})
		})
	}
}

func TestPartsAreGivenUpWhereTheOrderIsAnother(t *testing.T) {
	c, p := partsCase{config.OpenStack, "neutron"}.open(t, 4)
	plain, _ := listedPorts(t, p.Ports(t.Context()))
	c.Fault(simtest.Fault{Path: anyPorts, ReplaceBody: reversedPage(t)})
	got, _ := listedPorts(t, p.portsCutAt(t.Context(), partsOf(plain, 3)))
	sameIDs(t, idsOf(plain), idsOf(got))
	before := c.Calls("GET", anyPorts)
	listedPorts(t, p.portsCutAt(t.Context(), partsOf(plain, 3)))
	if calls, pages := c.Calls("GET", anyPorts)-before, plain.Len()/partsPageSize+1; calls > pages {
		t.Errorf("%d calls for %d pages: it was tried again", calls, pages)
	}
}

func reversedPage(t *testing.T) func([]byte) []byte {
	return func(body []byte) []byte {
		var page map[string]json.RawMessage
		var ports []json.RawMessage
		if json.Unmarshal(body, &page) != nil || json.Unmarshal(page["ports"], &ports) != nil {
			t.Error("no page of ports")
			return body
		}
		slices.Reverse(ports)
		page["ports"], _ = json.Marshal(ports)
		out, _ := json.Marshal(page)
		return bytes.TrimSpace(out)
	}
}

func TestPartsWhoseMarkerIsIgnoredAreGivenUp(t *testing.T) {
	c, p := partsCase{config.HuaweiCloud, "vpc"}.open(t, 2)
	plain, _ := listedPorts(t, p.Ports(t.Context()))
	parts := partsOf(plain, 3)
	c.Fault(simtest.Fault{Path: anyPorts, RepeatMarker: true, Count: 1, Query: url.QueryEscape(parts[1].after[0].String())})
	got, _ := listedPorts(t, p.portsCutAt(t.Context(), parts))
	sameIDs(t, idsOf(plain), idsOf(got))
	if !p.onePiece.Load() {
		t.Error("a listing that begins anywhere is taken for ordered")
	}
}

func TestOneFailingPartFailsTheListingOnce(t *testing.T) {
	eachPartsCase(t, func(t *testing.T, c *conformance, p *Project) {
		plain, _ := listedPorts(t, p.Ports(t.Context()))
		parts := partsOf(plain, 3)
		c.Fault(simtest.Fault{Path: anyPorts, Query: url.QueryEscape(parts[3].after[0].String()), Status: http.StatusForbidden, Body: `{}`})
		var errs []error
		for _, err := range p.portsCutAt(t.Context(), parts) {
			if err != nil && !apierr.IsItem(err) {
				errs = append(errs, err)
			}
		}
		if len(errs) != 1 || !apierr.IsStatus(errs[0], http.StatusForbidden) {
			t.Errorf("errors %v, want one 403", errs)
		}
	})
}

func TestPartsEndWhenTheCallerHasEnough(t *testing.T) {
	c, p := partsCase{config.OpenStack, "neutron"}.open(t, 4)
	plain, _ := listedPorts(t, p.Ports(t.Context()))
	before := c.Calls("GET", anyPorts)
	for range p.portsCutAt(t.Context(), partsOf(plain, 1)) {
		break
	}
	if calls := c.Calls("GET", anyPorts) - before; calls > 12 {
		t.Errorf("%d calls after the caller stopped at the first port", calls)
	}
}

func manyPorts(n int) *inventory.Ports {
	list := &inventory.Ports{}
	for i := range n {
		list.Append(inventory.Port{ID: inventory.ParseID(fmt.Sprintf("7a10c0de-0004-4000-8000-%012d", i))})
	}
	list.Freeze()
	return list
}

func TestPartsAreWholePagesThatFollowEachOther(t *testing.T) {
	for _, tt := range []struct{ ports, size, concurrency, parts int }{
		{0, 100, 8, 0}, {1199, 100, 8, 0}, // few pages stay together
		{1200, 100, 8, 2}, {1201, 100, 8, 3}, {100_000, 1000, 8, 17}, {1_000_000, 2000, 8, 63}, {100_000, 100, 1, 8},
	} {
		parts := cutPorts(manyPorts(tt.ports), config.Limits{PageSize: tt.size, Concurrency: tt.concurrency})
		if len(parts) != tt.parts {
			t.Errorf("%+v: %d parts", tt, len(parts))
			continue
		}
		for i := range parts {
			if i+1 < len(parts) && (parts[i].until != parts[i+1].after[0] || len(parts[i+1].after) != marksPerPart) {
				t.Errorf("%+v: part %d ends with %v, the next begins behind %v", tt, i, parts[i].until, parts[i+1].after)
			}
		}
		if n := len(parts); n > 0 && (len(parts[0].after) > 0 || !parts[n-1].until.IsZero()) {
			t.Errorf("%+v: the first or the last part has no open end", tt)
		}
		if n := len(parts); n > 0 && (n-1)*5 > tt.ports/tt.size {
			t.Errorf("%+v: %d parts may cost more than a fifth more calls", tt, n)
		}
	}
}

// TestPartsMissNothingWhateverTheOrder lists ports in orders in which each part,
// by itself, looks as if all were well.
func TestPartsMissNothingWhateverTheOrder(t *testing.T) {
	upper := func(every int) func([]string) {
		return func(ids []string) {
			for i := every; i < len(ids); i += every {
				ids[i] = strings.ToUpper(ids[i])
			}
		}
	}
	network := func(id string) string { return id[len(id)-1:] }
	for name, arrange := range map[string]func(sorted []string){
		"by id": func([]string) {},
		"by network and id": func(ids []string) {
			slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(network(a), network(b)) })
		},
		"one id in upper case": upper(1000),
		"some in upper case":   upper(9),
		"the last ones first":  func(ids []string) { slices.Reverse(ids[:40]) },
		"by chance": func(ids []string) {
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		},
		"in descending order": func(ids []string) { slices.Reverse(ids) },
		"two halves in between": func(ids []string) {
			for i, id := range slices.Clone(ids) {
				ids[i/2+i%2*600] = id
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			ids := newPortWorld(1200).ids
			arrange(ids)
			cfg := passwordConfig()
			cfg.APIs.Ports, cfg.Limits = "neutron", config.Limits{PageSize: partsPageSize, Concurrency: 4}
			p := newSession(t, cfg, &world{Answer: portWorldOf(ids).answer}).project
			want := make([]string, len(ids))
			for i, id := range ids {
				want[i] = inventory.ParseID(id).String()
			}
			plain, _ := listedPorts(t, p.Ports(t.Context()))
			sameIDs(t, want, idsOf(plain))
			for _, pages := range []int{1, 6} {
				p.onePiece.Store(false)
				got, _ := listedPorts(t, p.portsCutAt(t.Context(), partsOf(plain, pages)))
				sameIDs(t, want, idsOf(got))
			}
		})
	}
}
