package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

// lookup answers who holds an address, from what was collected last: 404 when
// nobody does, with what is known of its subnet and groups, and 503 where no
// ports are known, so that nobody can say.
func (s *server) lookup(w http.ResponseWriter, r *http.Request) {
	query, err := parseQuery(r)
	if err != nil {
		plain(w, http.StatusBadRequest, err.Error())
		return
	}
	addr, err := addressParameter(query)
	if err != nil {
		plain(w, http.StatusBadRequest, err.Error())
		return
	}
	snaps := s.Runner.Snapshots()
	var all []rows.Row
	status := http.StatusNotFound
	for _, result := range lookIn(snaps, addr) {
		if result.Held() {
			status = http.StatusOK
		}
		for _, row := range rows.Found(&result) {
			all = append(all, row.Values())
		}
	}
	if status == http.StatusNotFound && unknown(snaps, "ports") {
		status = http.StatusServiceUnavailable
	}
	startJSON(w, status)
	_ = writeRows(w, snaps, rows.AddressKeys(), slices.Values(all)) // an error means that the client has gone
}

// lookIn returns the results of the targets that know anything of the address.
func lookIn(snaps []*inventory.Snapshot, addr netip.Addr) []inventory.LookupResult {
	var all []inventory.LookupResult
	for _, snap := range snaps {
		if result := snap.Lookup(addr); result.Known() {
			all = append(all, result)
		}
	}
	return all
}

func addressParameter(query url.Values) (netip.Addr, error) {
	text, err := one(query, "ip")
	if err != nil {
		return netip.Addr{}, err
	}
	if text == "" {
		return netip.Addr{}, errors.New("the parameter ip is missing: ask /api/v1/lookup?ip=ADDRESS")
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("the parameter ip is no IP address: %q", text)
	}
	return addr.Unmap(), nil
}
