package cloudapi

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

// portWorld is a cloud that has nothing but ports, in the order given, and
// lists them as Neutron does.
type portWorld struct {
	mu    sync.Mutex // ports can vanish while they are listed
	ids   []string
	items []string // the ports as they are sent
}

// newPortWorld has n ports with random ids, in order.
func newPortWorld(n int) *portWorld {
	var ids []string
	random := rand.New(rand.NewPCG(uint64(n), 1))
	for range n {
		ids = append(ids, fmt.Sprintf("%08x-0000-4000-8000-%012x", random.Uint32(), random.Uint32()))
	}
	slices.Sort(ids)
	return portWorldOf(ids)
}

// portWorldOf has the ports with these ids, in their order.
func portWorldOf(ids []string) *portWorld {
	w := &portWorld{ids: ids}
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
	if marker := query.Get("marker"); marker != "" {
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

func (w *portWorld) spoil(i int) {
	w.items[i] = strings.Replace(w.items[i], `"network_id":`, `"fixed_ips":[{"ip_address":"nonsense"}],"network_id":`, 1)
}

func (w *portWorld) remove(id string) {
	i := slices.Index(w.ids, id)
	w.ids, w.items = slices.Delete(w.ids, i, i+1), slices.Delete(w.items, i, i+1)
}

// unreadable are the items of a listing that could not be read, each once.
func unreadable(t *testing.T, seq iter.Seq2[inventory.Port, error]) int {
	t.Helper()
	seen := make(map[string]bool)
	for _, err := range seq {
		if apierr.IsItem(err) {
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
			w := newPortWorld(6000)
			cfg := passwordConfig()
			cfg.APIs.Ports, cfg.Limits.PageSize = "neutron", 100
			p := newSession(t, cfg, &world{Answer: w.answer}).project
			whole, _ := listedPorts(t, p.Ports(t.Context()))
			want := 0
			for i := range w.items {
				if spoilt(i) {
					w.spoil(i)
					want++
				}
			}
			readable, _ := listedPorts(t, p.Ports(t.Context()))
			for _, parts := range [][]portPart{nil, partsOf(whole, 600/partsPageSize), partsOf(whole, 1500/partsPageSize), partsOf(readable, 600/partsPageSize)} {
				check.Equal(t, fmt.Sprintf("%s, %d parts: ports that cannot be read", name, len(parts)), want, unreadable(t, p.portsCutAt(t.Context(), parts)))
			}
		})
	}
}

func TestAPartThatBeginsAgainIsNoOtherOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPortWorld(6000)
		vanishing := ""
		cfg := passwordConfig()
		cfg.APIs.Ports, cfg.Limits.PageSize = "neutron", 100
		p := newSession(t, cfg, &world{Answer: func(n int, req *http.Request) fakeAnswer {
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
		got, _ := listedPorts(t, p.portsCutAt(t.Context(), partsOf(list, 600/partsPageSize)))
		if len(w.ids) != 5999 || got.Len() != 6000 { // it was seen before it vanished
			t.Errorf("%d of %d ports", got.Len(), len(w.ids))
		}
		if p.onePiece.Load() {
			t.Error("parts are given up")
		}
	})
}
