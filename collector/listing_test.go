package collector

import (
	"iter"
	"testing"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/internal/inventory"
)

// readTwice is a listing that began again from the start after a page.
func readTwice[T any](items ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for range 2 {
			for _, item := range items {
				yield(item, nil)
			}
			for _, bad := range []string{"a", "b", "c", "d"} {
				yield(none, &cloudapi.ItemError{Kind: "item", ID: bad, Err: errUnreadable})
			}
		}
	}
}

func TestAListingReadAgainCountsItsBadItemsOnce(t *testing.T) {
	servers, err := read("servers", readTwice(inventory.Server{ID: id("s")}), func(s *inventory.Server) inventory.ID { return s.ID })
	if err != nil || len(servers.items) != 1 || servers.skipped != 4 {
		t.Errorf("servers: %d items, %d skipped, %v; want 1 and 4", len(servers.items), servers.skipped, err)
	}
	ports := inventory.NewPorts(nil, false)
	skipped, err := readPorts(readTwice(aPort("p", "n", "", "", "DOWN")), ports)
	if err != nil || ports.Len() != 1 || skipped != 4 {
		t.Errorf("ports: %d items, %d skipped, %v; want 1 and 4", ports.Len(), skipped, err)
	}
}
