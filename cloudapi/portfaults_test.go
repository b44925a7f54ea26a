package cloudapi

import (
	"iter"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/inventory"
)

// cutEvery cuts what was listed into parts of so many ports.
func cutEvery(list *inventory.Ports, n int) []PortPart {
	parts := []PortPart{{}}
	for _, mark := range list.Marks(n, 4) {
		parts[len(parts)-1].Until = mark[0]
		parts = append(parts, PortPart{After: mark})
	}
	return parts
}

// spoil makes a port unreadable.
func (w *portWorld) spoil(i int) {
	w.items[i] = strings.Replace(w.items[i], `"network_id":`, `"fixed_ips":[{"ip_address":"nonsense"}],"network_id":`, 1)
}

func (w *portWorld) remove(id string) {
	i := slices.Index(w.ids, id)
	w.ids, w.items, w.network = slices.Delete(w.ids, i, i+1), slices.Delete(w.items, i, i+1), slices.Delete(w.network, i, i+1)
	clear(w.at)
	for i, id := range w.ids {
		w.at[id] = i
	}
}

// unreadable are the items of a listing that could not be read, each once.
func unreadable(t *testing.T, seq iter.Seq2[inventory.Port, error]) int {
	t.Helper()
	seen := make(map[string]bool)
	for _, err := range seq {
		if isItem(err) {
			seen[err.Error()] = true
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return len(seen)
}

func TestPartsTellOfEveryPortThatCannotBeRead(t *testing.T) {
	for name, spoilt := range map[string]func(int) bool{
		"one a page":      func(i int) bool { return i%100 == 50 },
		"two whole pages": func(i int) bool { return 3000 <= i && i < 3200 },
		"ends of pages":   func(i int) bool { return i%100 == 99 },
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newPortWorld(randomTexts(6000), equal(30)...)
			p := w.project(t, 100).project
			whole, _ := listedPorts(t, p.Ports(t.Context()))
			want := 0
			for i := range w.items {
				if spoilt(i) {
					w.spoil(i)
					want++
				}
			}
			readable, _ := listedPorts(t, p.Ports(t.Context()))
			for _, parts := range [][]PortPart{nil, cutEvery(whole, 600), cutEvery(whole, 1500), cutEvery(readable, 600)} {
				if got := unreadable(t, p.PortsInParts(t.Context(), parts)); got != want {
					t.Errorf("%s, %d parts: %d ports could not be read, want %d", name, len(parts), got, want)
				}
			}
		})
	}
}

func TestAPartThatBeginsAgainIsNoOtherOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPortWorld(randomTexts(6000), equal(30)...)
		vanishing := ""
		cfg := passwordConfig()
		cfg.APIs.Ports, cfg.Limits.PageSize = "neutron", 100
		p := newSession(t, cfg, &world{answer: func(n int, req *http.Request) fakeAnswer {
			w.mu.Lock()
			if marker := req.URL.Query().Get("marker"); marker != "" && marker == vanishing {
				vanishing = ""
				w.remove(marker)
			}
			w.mu.Unlock()
			return w.answer(n, req)
		}}).project
		list, _ := listedPorts(t, p.Ports(t.Context()))
		vanishing = w.ids[299] // behind it the fourth page of the first part begins
		got, _ := listedPorts(t, p.PortsInParts(t.Context(), cutEvery(list, 600)))
		if len(w.ids) != 5999 || got.Len() != 6000 { // it was seen before it vanished
			t.Errorf("%d of %d ports", got.Len(), len(w.ids))
		}
		if p.onePiece.Load() > 0 {
			t.Errorf("parts are given up for %d listings", p.onePiece.Load())
		}
	})
}

func TestAFirstListingMissesNothingWhereOnlyItsBeginningIsInOrder(t *testing.T) {
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 9))
			ids := randomTexts(6000)
			rest := ids[1300:]
			switch seed % 3 {
			case 0:
				r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
			case 1: // two blocks change places
				a, b := r.IntN(2000), 2200+r.IntN(2000)
				for i := range 1 + r.IntN(200) {
					rest[a+i], rest[b+i] = rest[b+i], rest[a+i]
				}
			case 2: // a few ports do
				for range 3 {
					a, b := r.IntN(len(rest)), r.IntN(len(rest))
					rest[a], rest[b] = rest[b], rest[a]
				}
			}
			p := newPortWorld(ids, equal(300)...).project(t, 50).project
			got, _ := listedPorts(t, p.PortsInParts(t.Context(), nil))
			sameIDs(t, ids, idsOf(got))
		})
	}
}

func TestAFirstListingThatThePaceLimitsCostsNoExtraCall(t *testing.T) {
	for latency, extra := range map[time.Duration]bool{50 * time.Millisecond: false, time.Second: true} {
		synctest.Test(t, func(t *testing.T) {
			w := newPortWorld(randomTexts(5970), equal(30)...)
			w.latency = latency
			cfg := passwordConfig()
			cfg.APIs.Ports, cfg.Limits.PageSize, cfg.Limits.RequestsPerSecond, cfg.Limits.Concurrency = "neutron", 100, 10, 8
			p := newSession(t, cfg, &world{answer: w.answer}).project
			listedPorts(t, p.PortsInParts(t.Context(), nil))
			if calls := w.plain + len(w.samples); (calls > 60) != extra {
				t.Errorf("%v a page: %d calls for 60 pages", latency, calls)
			}
		})
	}
}
