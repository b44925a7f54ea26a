package api

import (
	"errors"
	"net/http"
	"slices"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/web/query"
)

// lookup answers who holds an address: 404 when nobody does, with what is known of
// its subnet and groups, and 503 where nobody can say: no holder is known, and the
// ports of a target are not.
func (a *API) lookup(w http.ResponseWriter, q *question) error {
	if !q.ip.IsValid() {
		return errors.New("the parameter ip is missing: ask /api/v1/lookup?ip=ADDRESS")
	}
	status := http.StatusNotFound
	if len(query.Unknown(q.snaps, inventory.PortData{}.Collector())) > 0 {
		status = http.StatusServiceUnavailable
	}
	var found []rows.Row
	for _, snap := range q.snaps {
		result := snap.Lookup(q.ip)
		if !result.Known() {
			continue
		}
		if result.Held() {
			status = http.StatusOK
		}
		for _, row := range rows.Found(&result) {
			found = append(found, row.Values())
		}
	}
	start(w, status, "application/json; charset=utf-8")
	_ = writeJSON(w, q.snaps, rows.AddressKeys(), slices.Values(found), nil) // an error means that the client has gone
	return nil
}
