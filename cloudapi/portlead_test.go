package cloudapi

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/inventory"
)

// portWorld is a cloud that has nothing but ports, in the order given, and
// lists them as Neutron does.
type portWorld struct {
	ids      []string
	at       map[string]int // where an id stands
	networks []string
	network  []int    // of each port
	items    []string // the ports as they are sent
	latency  time.Duration

	// sample answers instead where a network is asked for; false: as it should be.
	sample func(query url.Values) (fakeAnswer, bool)

	mu      sync.Mutex // over all above but sample: ports can vanish meanwhile
	plain   int        // calls
	samples []url.Values
}

// newPortWorld spreads ports over networks by their weights.
func newPortWorld(ids []string, weights ...float64) *portWorld {
	w := &portWorld{ids: ids, at: make(map[string]int, len(ids))}
	random, sum := rand.New(rand.NewPCG(11, uint64(len(ids)))), 0.0
	var sums []float64
	for i, weight := range weights {
		sum += weight
		sums = append(sums, sum)
		w.networks = append(w.networks, fmt.Sprintf("7a10c0de-0002-4000-8000-%012d", i))
	}
	for i, id := range ids {
		w.at[id] = i
		n, _ := slices.BinarySearch(sums, random.Float64()*sum)
		w.network = append(w.network, n)
		w.items = append(w.items, fmt.Sprintf(`{"id":%q,"network_id":%q,"device_owner":"compute:","status":"ACTIVE"},`, id, w.networks[n]))
	}
	return w
}

func (w *portWorld) answer(_ int, req *http.Request) fakeAnswer {
	query := req.URL.Query()
	network := query.Get("network_id")
	w.mu.Lock()
	if network == "" {
		w.plain++
	} else {
		w.samples = append(w.samples, query)
	}
	w.mu.Unlock()
	if network != "" && w.sample != nil {
		if a, instead := w.sample(query); instead {
			return a
		}
	}
	return w.page(query, network)
}

func (w *portWorld) page(query url.Values, network string) fakeAnswer {
	w.mu.Lock()
	defer w.mu.Unlock()
	limit, _ := strconv.Atoi(query.Get("limit"))
	from := 0
	if marker := query.Get("marker"); marker != "" {
		i, known := w.at[marker]
		if !known {
			return fakeAnswer{status: http.StatusNotFound, body: `{}`, after: w.latency}
		}
		from = i + 1
	}
	var b strings.Builder
	b.WriteString(`{"ports":[`)
	n, last := 0, ""
	for i := from; i < len(w.ids) && n < limit; i++ {
		if network != "" && network != w.networks[w.network[i]] {
			continue
		}
		b.WriteString(w.items[i])
		n, last = n+1, w.ids[i]
	}
	text := strings.TrimSuffix(b.String(), ",") + "]"
	if n == limit {
		next := url.Values{"marker": {last}, "limit": {query.Get("limit")}}
		text += fmt.Sprintf(`,"ports_links":[{"rel":"next","href":"http://elsewhere/v2.0/ports?%s"}]`, next.Encode())
	}
	return fakeAnswer{status: http.StatusOK, body: text + "}", after: w.latency}
}

// project opens the world.
func (w *portWorld) project(t *testing.T, pageSize int) *session {
	t.Helper()
	cfg := passwordConfig()
	cfg.APIs.Ports = "neutron"
	cfg.Limits.PageSize = pageSize
	return newSession(t, cfg, &world{answer: w.answer})
}

// plainCalls is what one page after the other takes.
func (w *portWorld) plainCalls(pageSize int) int { return len(w.ids)/pageSize + 1 }

// list reads all ports for the first time and tells the calls that it took.
func (w *portWorld) list(t *testing.T, ctx context.Context, p *Project) (calls int) {
	t.Helper()
	seen := make(map[string]int)
	for port, err := range p.PortsInParts(ctx, nil) {
		if err != nil {
			t.Fatal(err)
		}
		seen[port.ID.String()]++
	}
	for _, id := range w.ids {
		if seen[id] == 0 {
			t.Fatalf("port %s is missing", id)
		}
	}
	if len(seen) != len(w.ids) {
		t.Errorf("%d ports, want %d", len(seen), len(w.ids))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	calls, w.plain = w.plain+len(w.samples), 0
	return calls
}

func randomTexts(n int) []string {
	ids := make([]string, n)
	for i, id := range randomIDs(rand.New(rand.NewPCG(uint64(n), 1)), n) {
		ids[i] = id.String()
	}
	return ids
}

func equal(n int) []float64 { return slices.Repeat([]float64{1}, n) }

// halfAndHalf has one network with half of all ports, the others are alike.
func halfAndHalf(n int) []float64 { return append(equal(n-1), float64(n-1)) }

func TestAFirstListingTakesLittleLongerThanItsPagesEightAtATime(t *testing.T) {
	const pages, pageSize, latency = 500, 200, 100 * time.Millisecond
	for name, weights := range map[string][]float64{
		"alike": equal(500), "half in one": halfAndHalf(500), "large ones": equal(100), "tiny ones": equal(5000),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newPortWorld(randomTexts(pages*pageSize), weights...)
				w.latency = latency
				begun := time.Now()
				calls := w.list(t, t.Context(), w.project(t, pageSize).project)
				took, least := time.Since(begun), pages*latency/8
				t.Logf("%v, %.2f of the least; %d calls, %.3f of the pages", took, float64(took)/float64(least), calls, float64(calls)/pages)
				if took > least*13/10 {
					t.Errorf("it took %v, want at most 1.3 times %v", took, least)
				}
				if calls > pages*105/100 {
					t.Errorf("%d calls for %d pages", calls, pages)
				}
			})
		})
	}
}

func TestAFirstListingNeverCostsAFifthMoreCalls(t *testing.T) {
	for _, pageSize := range []int{50, 500} {
		for _, pages := range []int{1, 2, 3, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 25, 30, 40, 60, 100, 150, 300, 1000} {
			for networks, weights := range map[string][]float64{"alike": equal(30), "half in one": halfAndHalf(300), "one": equal(1)} {
				n := pages*pageSize - pageSize/3
				if n > 50_000 || n > 10_000 && networks != "half in one" {
					continue // it takes its time
				}
				synctest.Test(t, func(t *testing.T) {
					w := newPortWorld(randomTexts(n), weights...)
					calls := w.list(t, t.Context(), w.project(t, pageSize).project)
					if plain := w.plainCalls(pageSize); calls*10 > plain*12 || pages < 10 && calls != plain {
						t.Errorf("%d pages of %d, networks %s: %d calls, %d one page after the other", pages, pageSize, networks, calls, plain)
					}
				})
			}
		}
	}
}

func TestASmallListingIsReadInOnePiece(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPortWorld(randomTexts(900), equal(30)...)
		if calls := w.list(t, t.Context(), w.project(t, 20).project); calls != w.plainCalls(20) {
			t.Errorf("%d calls, want %d", calls, w.plainCalls(20))
		}
	})
}

func TestAListingWhoseIDsAreNotRandomIsReadInOnePiece(t *testing.T) {
	shuffled := randomTexts(6000)
	rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	numbered := func(format string, step int) []string {
		ids := make([]string, 6000)
		for i := range ids {
			ids[i] = fmt.Sprintf(format, step*(i+1))
		}
		return ids
	}
	halfByTime := slices.Concat(numbered("0197c0de-%04x-7000-8000-a5a5a5a5a5a5", 1), randomTexts(40))
	slices.Sort(halfByTime)
	for name, tt := range map[string]struct {
		ids   []string
		extra int // calls
	}{
		"in another order":     {shuffled, 0},
		"numbers at the end":   {numbered("7a10c0de-0004-4000-8000-%012d", 1), 0},
		"numbers in front":     {numbered("%08x-0004-4000-8000-000000000001", 1), 0},
		"numbers with gaps":    {numbered("%08x-0004-4000-8000-000000000001", 150_000), sampleTries}, // to a fifth of all UUIDs
		"no UUIDs":             {numbered("port-%06d", 1), 0},
		"UUIDs in upper case":  {numbered("7A10C0DE-0004-4000-8000-%012d", 1), 0},
		"by time (version 7)":  {numbered("0197c0de-%04x-7000-8000-a5a5a5a5a5a5", 1), 0},
		"half by time, random": {halfByTime, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newPortWorld(tt.ids, equal(300)...)
				calls := w.list(t, t.Context(), w.project(t, 100).project)
				if plain := w.plainCalls(100); calls > plain+tt.extra {
					t.Errorf("%d calls, %d one page after the other", calls, plain)
				}
			})
		})
	}
}

func TestAFilterThatIsIgnoredIsNotAskedForTheNextPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPortWorld(randomTexts(30_000), equal(300)...)
		w.sample = func(query url.Values) (fakeAnswer, bool) { return w.page(query, ""), true }
		calls := w.list(t, t.Context(), w.project(t, 100).project)
		if plain := w.plainCalls(100); calls > plain+sampleTries {
			t.Errorf("%d calls, %d one page after the other", calls, plain)
		}
	})
}

func TestASampleIsOfANetworkThatFitsInAPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const large = 7
		weights := equal(200)
		weights[large] = 200
		w := newPortWorld(randomTexts(30_000), weights...) // 75 ports each
		w.list(t, t.Context(), w.project(t, 200).project)
		if len(w.samples) != 2 || w.samples[0].Get("network_id") == w.samples[1].Get("network_id") {
			t.Fatalf("samples %v, want two of small networks", w.samples)
		}
		for _, got := range w.samples {
			if got.Get("network_id") == w.networks[large] || got.Has("status") || got.Get("fields") != "id" || len(got["fields"]) != 1 {
				t.Errorf("sample of %v", got)
			}
		}
	})
}

func TestWhereNetworksAreLargeASampleIsOfOneOwnerAndStatus(t *testing.T) {
	c := choice{200, map[portFilter]int{
		onlyNet(1): 500, onlyNet(2): 490,
		{onlyNet(1).network, "compute:a", "ACTIVE"}: 470, {onlyNet(1).network, "compute:a", "DOWN"}: 4, {onlyNet(2).network, "compute:a", "ACTIVE"}: 20,
	}}
	for _, tt := range []struct {
		end  float64
		want portFilter
		ok   bool
	}{
		{0.05, portFilter{onlyNet(1).network, "compute:a", "DOWN"}, true},   // 80 ports; the others are 400 and more
		{0.001, portFilter{onlyNet(1).network, "compute:a", "DOWN"}, false}, // 4,000
		{0.5, portFilter{onlyNet(2).network, "compute:a", "ACTIVE"}, true},  // 40
	} {
		if got, ok := c.lead(tt.end).choose(c.pageSize, 1); ok != tt.ok || ok && got != tt.want {
			t.Errorf("up to %v: %v, %t; want %v, %t", tt.end, got, ok, tt.want, tt.ok)
		}
	}
}

type choice struct {
	pageSize float64
	kinds    map[portFilter]int
}

func onlyNet(i int) portFilter {
	return portFilter{network: inventory.ParseID(fmt.Sprintf("7a10c0de-0002-4000-8000-%012d", i))}
}

func (c choice) lead(end float64) *portLead { return &portLead{places: []float64{end}, kinds: c.kinds} }

func TestNothingIsSampledForOneCallAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPortWorld(randomTexts(6000), equal(300)...)
		p := w.project(t, 100).project
		p.cloud.cfg.Limits.Concurrency = 1
		if calls := w.list(t, t.Context(), p); calls != w.plainCalls(100) {
			t.Errorf("%d calls, want %d", calls, w.plainCalls(100))
		}
	})
}

func TestASampleThatHangsCostsLittleTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPortWorld(randomTexts(20_000), equal(300)...)
		w.latency = time.Second
		w.sample = func(url.Values) (fakeAnswer, bool) { return fakeAnswer{status: http.StatusOK, after: time.Hour}, true }
		begun := time.Now()
		w.list(t, t.Context(), w.project(t, 100).project)
		if took, plain := time.Since(begun), 201*time.Second; took > plain+25*time.Second {
			t.Errorf("it took %v, %v one page after the other", took, plain)
		}
	})
}

func TestATokenThatEndsAtTheSampleIsRenewedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPortWorld(randomTexts(20_000), equal(300)...)
		w.latency = 100 * time.Millisecond
		refused := 0
		w.sample = func(url.Values) (fakeAnswer, bool) {
			refused++
			return status(http.StatusUnauthorized), refused == 1
		}
		s := w.project(t, 100)
		begun := time.Now()
		w.list(t, t.Context(), s.project)
		if took := time.Since(begun); s.logins() != 2 || took > 8*time.Second {
			t.Errorf("%d logins, %v", s.logins(), took)
		}
	})
}

func TestACloudThatThrottlesTheSampleIsLeftInPeace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPortWorld(randomTexts(6000), equal(300)...)
		w.sample = func(url.Values) (fakeAnswer, bool) {
			return fakeAnswer{status: http.StatusTooManyRequests, header: retryAfterHeader("20"), body: `{}`}, true
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		begun := time.Now()
		calls := w.list(t, ctx, w.project(t, 100).project)
		if took := time.Since(begun); took < 20*time.Second || calls > w.plainCalls(100)+1 {
			t.Errorf("%v, %d calls; want a pause of 20 s and one call more than %d", took, calls, w.plainCalls(100))
		}
	})
}
