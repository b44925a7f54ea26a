package cloudapi

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
)

const partsPageSize = 20

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
		if apierr.Is[*apierr.ItemError](err) {
			continue
		}
		check.OK(t, err)
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

const anyPorts = "/ports$"

// TestPartsMissNothing compares the parts with a plain listing, after so many ports came
// or went since they were cut.
func TestPartsMissNothing(t *testing.T) {
	remove := func(c *simtest.Cloud, ids []inventory.ID) int {
		for _, id := range ids {
			c.RemovePort(id.String())
		}
		return -len(ids)
	}
	for name, test := range map[string]struct {
		pages  int // of a part
		change func(t *testing.T, c *simtest.Cloud, parts []portPart) int
	}{
		"and cost hardly more calls": {6, func(*testing.T, *simtest.Cloud, []portPart) int { return 0 }},
		"that was made on a network that nobody knew": {2, func(t *testing.T, c *simtest.Cloud, _ []portPart) int {
			fresh := c.AddSubnet("appeared", "10.250.0.0/24")
			for i := range 70 {
				check.Get(c.AddPort(fresh, "", "compute:az1", fmt.Sprintf("d-%d", i)))(t)
			}
			return 70
		}},
		"where a part begins at a port that is still there": {3, func(_ *testing.T, c *simtest.Cloud, parts []portPart) (n int) {
			for i, part := range parts[1:] {
				n += remove(c, part.after[:1+i%2])
			}
			return n
		}},
		"where all marks of a part are gone": {3, func(_ *testing.T, c *simtest.Cloud, parts []portPart) int { return remove(c, parts[2].after) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, api := range [][2]string{
				{config.OpenStack, "neutron"}, {config.OTC, "neutron"}, {config.HuaweiCloud, "neutron"}, {config.HuaweiCloud, "vpc"}, {config.HuaweiCloud, "workspace"},
			} {
				c, p := openAs(t, simulator.Options{Provider: api[0], Ports: 600, Subnets: 30, Skew: 0.5}, simulator.Exporter,
					"  apis: {ports: "+api[1]+"}", fmt.Sprintf("  limits: {requests_per_second: 0, page_size: %d, concurrency: 4}", partsPageSize))
				plain, _ := listedPorts(t, p.Ports(t.Context()))
				parts := partsOf(plain, test.pages)
				more, before := test.change(t, c, parts), c.Calls("GET", anyPorts)
				got, n := listedPorts(t, p.portsCutAt(t.Context(), parts))
				calls, gone := c.Calls("GET", anyPorts)-before, strings.HasSuffix(name, "gone")
				want, _ := listedPorts(t, p.Ports(t.Context()))
				check.Equal(t, "ports", plain.Len()+more, want.Len())
				check.Equal(t, "ports", idsOf(want), idsOf(got))
				if most := want.Len() + 2 + max(0, -2*more); n > most && !gone { // a part ends though its last port is gone
					t.Errorf("%s: %d ports were handed over, want at most %d", api, n, most)
				}
				if pages := (want.Len() + partsPageSize) / partsPageSize; test.pages == 6 && calls > pages*12/10 {
					t.Errorf("%s: %d calls for %d pages", api, calls, pages)
				}
				check.Equal(t, fmt.Sprint(api, ": parts are given up for ever"), false, p.onePiece.Load())
			}
		})
	}
}

// portWorld is a cloud that has nothing but 1,200 ports and lists them as Neutron does.
type portWorld struct {
	mu     sync.Mutex // ports can vanish while they are listed
	ids    []string
	items  []string                          // the ports as they are sent
	behind func(marker string) (from string) // what is done before the page behind a marker
}

// newPortWorld has random ids in the order that arrange makes of theirs.
func newPortWorld(arrange func(sorted []string)) *portWorld {
	w := &portWorld{behind: func(marker string) string { return marker }}
	random := rand.New(rand.NewPCG(1200, 1))
	for range 1200 {
		w.ids = append(w.ids, fmt.Sprintf("%08x-0000-4000-8000-%012x", random.Uint32(), random.Uint32()))
	}
	slices.Sort(w.ids)
	arrange(w.ids)
	for _, id := range w.ids {
		w.items = append(w.items, fmt.Sprintf(`{"id":%q,"network_id":"7a10c0de-0002-4000-8000-000000000001","device_owner":"compute:","status":"ACTIVE"}`, id))
	}
	return w
}

func (w *portWorld) answer(_ int, req *http.Request) fakeAnswer {
	w.mu.Lock()
	defer w.mu.Unlock()
	query := req.URL.Query()
	limit, _ := strconv.Atoi(query.Get("limit"))
	from := 0
	if marker := w.behind(query.Get("marker")); marker != "" {
		i := slices.Index(w.ids, marker)
		if i < 0 {
			return fakeAnswer{Status: http.StatusNotFound, Body: `{}`}
		}
		from = i + 1
	}
	to := min(from+limit, len(w.ids))
	text := `{"ports":[` + strings.Join(w.items[from:to], ",") + "]"
	if to-from == limit {
		next := url.Values{"marker": {w.ids[to-1]}, "limit": {query.Get("limit")}}
		text += fmt.Sprintf(`,"ports_links":[{"rel":"next","href":"http://elsewhere/v2.0/ports?%s"}]`, next.Encode())
	}
	return fakeAnswer{Status: http.StatusOK, Body: text + "}"}
}

// withPorts is a test in virtual time of who watches the world, and of what was listed before.
func withPorts(w *portWorld, test func(t *testing.T, s *session, whole *inventory.Ports)) func(*testing.T) {
	cfg := passwordConfig()
	cfg.APIs.Ports, cfg.Limits = "neutron", config.Limits{PageSize: partsPageSize, Concurrency: 4}
	return bubble(cfg, &world{Answer: w.answer}, func(t *testing.T, s *session) {
		whole, _ := listedPorts(t, s.project.Ports(t.Context()))
		test(t, s, whole)
	})
}

func sorted([]string) {}

// TestPartsMissNothingWhateverTheOrder lists ports in orders in which each part,
// by itself, looks as if all were well, and by a cloud that forgets markers.
func TestPartsMissNothingWhateverTheOrder(t *testing.T) {
	upper := func(every int) func([]string) {
		return func(ids []string) {
			for i := every; i < len(ids); i += every {
				ids[i] = strings.ToUpper(ids[i])
			}
		}
	}
	network := func(id string) string { return id[len(id)-1:] }
	// once does something at the first page behind the port.
	once := func(at int, do func(w *portWorld, marker string) string) func(*portWorld) {
		return func(w *portWorld) {
			id, done := w.ids[at], false
			w.behind = func(marker string) string {
				if done || marker != id {
					return marker
				}
				done = true
				return do(w, marker)
			}
		}
	}
	for name, test := range map[string]struct {
		arrange  func(sorted []string)
		then     func(*portWorld) // after the listing at which parts are cut
		onePiece bool             // from then on
	}{
		"by id": {arrange: sorted},
		"by network and id": {arrange: func(ids []string) {
			slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(network(a), network(b)) })
		}, onePiece: true},
		"one id in upper case": {arrange: upper(1000)},
		"some in upper case":   {arrange: upper(9), onePiece: true},
		"the last ones first":  {arrange: func(ids []string) { slices.Reverse(ids[:40]) }, onePiece: true},
		"by chance": {arrange: func(ids []string) {
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		}, onePiece: true},
		"in descending order": {arrange: slices.Reverse[[]string], onePiece: true},
		"two halves in between": {arrange: func(ids []string) {
			for i, id := range slices.Clone(ids) {
				ids[i/2+i%2*600] = id
			}
		}},
		"a marker that is ignored": {arrange: sorted, then: once(119, func(*portWorld, string) string { return "" }), onePiece: true},
		"a marker that is gone within a part": {arrange: sorted, then: once(59, func(w *portWorld, marker string) string {
			i := slices.Index(w.ids, marker)
			w.ids, w.items = slices.Delete(w.ids, i, i+1), slices.Delete(w.items, i, i+1)
			return marker
		})}, // it was seen before
	} {
		w := newPortWorld(test.arrange)
		t.Run(name, withPorts(w, func(t *testing.T, s *session, plain *inventory.Ports) {
			check.Equal(t, "ports", 1200, plain.Len())
			if test.then != nil {
				test.then(w)
			}
			for _, pages := range []int{6, 1} {
				s.project.onePiece.Store(false)
				got, _ := listedPorts(t, s.project.portsCutAt(t.Context(), partsOf(plain, pages)))
				check.Equal(t, fmt.Sprintf("%d pages a part: given up", pages), test.onePiece, s.project.onePiece.Load())
				check.Equal(t, "ports", idsOf(plain), idsOf(got))
				if test.then != nil {
					return
				}
			}
			before := s.Asked()
			listedPorts(t, s.project.portsCutAt(t.Context(), partsOf(plain, 3)))
			if calls := s.Asked() - before; test.onePiece && calls > len(w.ids)/partsPageSize+1 {
				t.Errorf("%d calls: parts were tried again", calls)
			}
		}))
	}
}

func TestOneFailingPartFailsTheListingOnce(t *testing.T) {
	w := newPortWorld(sorted)
	withPorts(w, func(t *testing.T, s *session, plain *inventory.Ports) {
		s.Answer = func(n int, req *http.Request) fakeAnswer {
			if req.URL.Query().Get("marker") == w.ids[179] {
				return status(http.StatusForbidden)
			}
			return w.answer(n, req)
		}
		var errs []error
		for _, err := range s.project.portsCutAt(t.Context(), partsOf(plain, 3)) {
			if err != nil && !apierr.Is[*apierr.ItemError](err) {
				errs = append(errs, err)
			}
		}
		if len(errs) != 1 || !apierr.IsStatus(errs[0], http.StatusForbidden) {
			t.Errorf("errors %v, want one 403", errs)
		}
	})(t)
}

func TestPartsEndWhenTheCallerHasEnough(t *testing.T) {
	withPorts(newPortWorld(sorted), func(t *testing.T, s *session, plain *inventory.Ports) {
		before := s.Asked()
		for range s.project.portsCutAt(t.Context(), partsOf(plain, 1)) {
			break
		}
		if calls := s.Asked() - before; calls > 12 {
			t.Errorf("%d calls after the caller stopped at the first port", calls)
		}
	})(t)
}

func TestPartsTellOfEveryPortThatCannotBeRead(t *testing.T) {
	for name, spoilt := range map[string]func(int) bool{
		"one a page":      func(i int) bool { return i%partsPageSize == 10 },
		"two whole pages": func(i int) bool { return 600 <= i && i < 640 },
		"ends of pages":   func(i int) bool { return i%partsPageSize == 19 },
	} {
		w := newPortWorld(sorted)
		t.Run(name, withPorts(w, func(t *testing.T, s *session, whole *inventory.Ports) {
			want := 0
			for i := range w.items {
				if spoilt(i) {
					w.items[i] = strings.Replace(w.items[i], `"network_id":`, `"fixed_ips":[{"ip_address":"nonsense"}],"network_id":`, 1)
					want++
				}
			}
			readable, _ := listedPorts(t, s.project.Ports(t.Context()))
			for _, parts := range [][]portPart{nil, partsOf(whole, 6), partsOf(whole, 15), partsOf(readable, 6)} {
				seen := make(map[string]bool)
				for _, err := range s.project.portsCutAt(t.Context(), parts) {
					if apierr.Is[*apierr.ItemError](err) {
						seen[err.Error()] = true
					} else {
						check.OK(t, err)
					}
				}
				check.Equal(t, fmt.Sprintf("%d parts: ports that cannot be read", len(parts)), want, len(seen))
			}
		}))
	}
}

func TestPartsAreWholePagesThatFollowEachOther(t *testing.T) {
	for _, tt := range []struct{ ports, size, concurrency, parts int }{
		{0, 100, 8, 0}, {1199, 100, 8, 0}, // few pages stay together
		{1200, 100, 8, 2}, {1201, 100, 8, 3}, {10_000, 100, 8, 17}, {50_000, 100, 8, 63}, {10_000, 10, 1, 8},
	} {
		list := &inventory.Ports{}
		for i := range tt.ports {
			list.Append(inventory.Port{ID: inventory.ParseID(portID(i))})
		}
		list.Freeze()
		parts := cutPorts(list, config.Limits{PageSize: tt.size, Concurrency: tt.concurrency})
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
