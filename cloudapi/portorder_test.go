package cloudapi

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

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
