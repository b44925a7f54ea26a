package collector

import (
	"context"
	"iter"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/collector/fakecloud"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// readTwice is a listing that began again from the start after a page: the
// first item is gone by then.
func readTwice[T any](items ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for reading := range 2 {
			for _, item := range items[reading:] {
				yield(item, nil)
			}
			for _, bad := range []string{"a", "b", "c", "d"}[reading:] {
				yield(none, &apierr.ItemError{Kind: "item", ID: bad, Err: fakecloud.ErrUnreadable})
			}
			if reading == 0 {
				yield(none, apierr.ErrAgain)
			}
		}
	}
}

// portsTwice is an API whose listing of ports begins again.
type portsTwice struct {
	*fakecloud.Project
	ports iter.Seq2[inventory.Port, error]
}

func (a portsTwice) PortsInParts(context.Context, *inventory.Ports) iter.Seq2[inventory.Port, error] {
	return a.ports
}

func TestOfAListingReadAgainOnlyTheSecondReadingCounts(t *testing.T) {
	servers, err := read("servers", readTwice(inventory.Server{ID: id("gone")}, inventory.Server{ID: id("s")}), func(s *inventory.Server) inventory.ID { return s.ID })
	if err != nil || len(servers.items) != 1 || servers.items[0].ID != id("s") || servers.missing.N != 3 {
		t.Errorf("servers: %v, %d skipped, %v; want the second and 3", servers.items, servers.missing.N, err)
	}
	api := portsTwice{huaweiAPI(), readTwice(aPort("gone", "n", "", "", "DOWN"), aPort("p", "n", "", "", "DOWN"))}
	ports, err := NewSource(t.Context(), api, config.Cloud{}, nil).ports()
	if err != nil || ports.ports.Len() != 1 || ports.missing.N != 3 {
		t.Errorf("ports: %d items, %d skipped, %v; want 1 and 3", ports.ports.Len(), ports.missing.N, err)
	}
	ips, missing, err := readPrivateIPs(readTwice(inventory.PrivateIP{ID: id("gone")}, inventory.PrivateIP{ID: id("i")}))
	if err != nil || ips.Len() != 1 || missing.N != 3 {
		t.Errorf("private IPs: %d items, %d skipped, %v; want 1 and 3", ips.Len(), missing.N, err)
	}
}

func TestAnItemThatComesTwiceCountsOnceUnreadableOnesToo(t *testing.T) {
	twice := func(yield func(inventory.Server, error) bool) {
		for range 2 {
			yield(inventory.Server{ID: id("s")}, nil)
			yield(inventory.Server{}, &apierr.ItemError{Kind: "server", ID: "bad", Err: fakecloud.ErrUnreadable})
		}
	}
	servers, err := read("servers", twice, func(s *inventory.Server) inventory.ID { return s.ID })
	if err != nil || len(servers.items) != 1 || servers.missing.N != 1 {
		t.Errorf("%d items, %d skipped, %v; want 1 and 1", len(servers.items), servers.missing.N, err)
	}
}
