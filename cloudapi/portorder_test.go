package cloudapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

type orderedPort struct {
	ID      string `json:"id"`
	Network string `json:"network_id"`
}

// portsInOrder serves ports in the order of the list, which it alone knows.
func portsInOrder(t *testing.T, ports *[]orderedPort) *Project {
	t.Helper()
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		list := *ports
		if network := q.Get("network_id"); network != "" {
			list = slices.DeleteFunc(slices.Clone(list), func(p orderedPort) bool { return p.Network != network })
		}
		if marker := q.Get("marker"); marker != "" {
			at := slices.IndexFunc(list, func(p orderedPort) bool { return p.ID == marker })
			if at < 0 {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			list = list[at+1:]
		}
		limit, err := strconv.Atoi(q.Get("limit"))
		if err != nil {
			t.Error(err)
		}
		page := map[string]any{"ports": list[:min(limit, len(list))]}
		if limit < len(list) {
			q.Set("marker", list[limit-1].ID)
			page["ports_links"] = []map[string]string{{"rel": "next", "href": "http://" + r.Host + r.URL.Path + "?" + q.Encode()}}
		}
		_ = json.NewEncoder(w).Encode(page)
	})
	return over(t, server, func(cfg *config.Cloud) {
		cfg.APIs.Ports = "neutron"
		cfg.Limits = config.Limits{PageSize: partsPageSize, Concurrency: 4}
	}).project
}

func manyOrderedPorts(n int) []orderedPort {
	random := rand.New(rand.NewPCG(1, 2))
	uuid := func() string {
		return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", random.Uint32(), random.IntN(1<<16), random.IntN(1<<12), random.IntN(1<<12), random.Uint64N(1<<48))
	}
	ports := make([]orderedPort, n)
	networks := make([]string, 10)
	for i := range networks {
		networks[i] = uuid()
	}
	for i := range ports {
		ports[i] = orderedPort{ID: uuid(), Network: networks[random.IntN(len(networks))]}
	}
	return ports
}

// TestPartsMissNothingWhateverTheOrder lists ports in orders in which each part,
// by itself, looks as if all were well.
func TestPartsMissNothingWhateverTheOrder(t *testing.T) {
	byID := func(a, b orderedPort) int { return strings.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID)) }
	upper := func(every int) func([]orderedPort) {
		return func(ports []orderedPort) {
			slices.SortFunc(ports, byID)
			for i := every; i < len(ports); i += every {
				ports[i].ID = strings.ToUpper(ports[i].ID)
			}
		}
	}
	for name, arrange := range map[string]func([]orderedPort){
		"by id": func(ports []orderedPort) { slices.SortFunc(ports, byID) },
		"by network and id": func(ports []orderedPort) {
			slices.SortFunc(ports, func(a, b orderedPort) int { return cmp.Or(strings.Compare(a.Network, b.Network), byID(a, b)) })
		},
		"one id in upper case":  upper(1000),
		"some in upper case":    upper(9),
		"the last ones first":   func(ports []orderedPort) { slices.SortFunc(ports, byID); slices.Reverse(ports[:40]) },
		"by chance":             func([]orderedPort) {},
		"in descending order":   func(ports []orderedPort) { slices.SortFunc(ports, byID); slices.Reverse(ports) },
		"two halves in between": func(ports []orderedPort) { slices.SortFunc(ports[:600], byID); slices.SortFunc(ports[600:], byID) },
	} {
		t.Run(name, func(t *testing.T) {
			ports := manyOrderedPorts(1200)
			arrange(ports)
			p := portsInOrder(t, &ports)
			want := make([]string, len(ports))
			for i, port := range ports {
				want[i] = inventory.ParseID(port.ID).String()
			}
			plain, _ := listedPorts(t, p.Ports(t.Context()))
			sameIDs(t, want, idsOf(plain))
			for _, pages := range []int{1, 6} {
				p.onePiece.Store(false)
				got, _ := listedPorts(t, p.portsCutAt(t.Context(), partsOf(plain, pages)))
				sameIDs(t, want, idsOf(got))
			}
			p.onePiece.Store(false)
			first, _ := listedPorts(t, p.portsCutAt(t.Context(), nil))
			sameIDs(t, want, idsOf(first))
		})
	}
}
