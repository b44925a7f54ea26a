package api

import (
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"

	"cloudip_exporter/inventory/rows"
)

// manyRows is how many rows an answer may hold at once without waiting for others.
const manyRows = 10_000

// listing is a route that answers with a listing of rows.
type listing struct {
	rows.Listing
	help string
	ids  []string // the keys that identify an item of a target
	own  []string // parameters that not all listings take
}

// listings are all listings of the API.
func listings() []listing {
	return []listing{
		{rows.ListingNamed("subnets"), "subnets with their use and `tag_NAME` for `series.tags`, one item an IP version", []string{"subnet_id", "ip_version"}, []string{"vpc_id"}},
		{rows.ListingNamed("ports"), "ports, one item an address", []string{"port_id", "address"}, []string{"subnet_id"}},
		{rows.ListingNamed("servers"), "servers with their addresses", []string{"server_id"}, nil},
		{rows.ListingNamed("address-groups"), "address groups with their entries", []string{"address_group_id"}, nil},
		{rows.ListingNamed("private-ips"), "private IPs", []string{"private_ip_id"}, []string{"subnet_id"}},
		{rows.ListingNamed("public-ips"), "EIPs and floating IPs, with the private address and the port at which they point", []string{"public_ip_id"}, nil},
		{rows.ListingNamed("vpcs"), "VPCs with all their CIDRs and the space that no subnet has", []string{"vpc_id"}, []string{"vpc_id"}},
		{rows.ListingNamed("quotas"), "quotas", []string{"resource"}, nil},
	}
}

func (l listing) params() []string {
	return slices.Concat(l.own, []string{"cloud", "project", "q", "sort", "limit", "cursor", "format"})
}

// answer writes the rows that are asked for. Without an order they go out as they come:
// a million ports need no second copy.
func (l listing) answer(a *API, w http.ResponseWriter, q *question) error {
	if l.Name == "subnets" {
		l.Listing = rows.Subnets(rows.Tags(q.snaps))
	}
	return l.write(a, w, q, q.all(&l.Listing))
}

func (l listing) write(a *API, w http.ResponseWriter, q *question, found iter.Seq[rows.Row]) error {
	order, err := l.order(q.sort)
	if err != nil {
		return err
	}
	next := (*cursor)(nil)
	if q.sort != "" || q.limit > 0 || q.cursor != nil {
		if q.limit == 0 || q.limit > manyRows {
			a.sorting <- struct{}{}
			defer func() { <-a.sorting }()
		}
		var page []rows.Row
		if page, next, err = order.arranged(found, q); err != nil {
			return err
		}
		found = slices.Values(page)
	}
	if next != nil {
		w.Header().Set("Link", fmt.Sprintf(`<?%s>; rel="next"`, q.after(next)))
	}
	if q.csv {
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", l.Name+".csv"))
		start(w, http.StatusOK, "text/csv; charset=utf-8; header=present")
		_ = rows.WriteCSV(w, l.Keys, found) // an error means that the client has gone
		return nil
	}
	start(w, http.StatusOK, "application/json; charset=utf-8")
	_ = writeJSON(w, q, l.Keys, found, next)
	return nil
}

// free answers where a new subnet fits, lowest first.
func (l listing) free(a *API, w http.ResponseWriter, q *question) error {
	l.Listing = rows.FreePrefixes(q.length)
	if q.sort == "" {
		q.sort = "prefix"
	}
	return l.write(a, w, q, q.all(&l.Listing))
}

// overlaps answers what overlaps in the chosen targets.
func (l listing) overlaps(a *API, w http.ResponseWriter, q *question) error {
	found, err := rows.Overlaps(q.snaps, q.cidrs)
	if err != nil {
		return err
	}
	return l.write(a, w, q, func(yield func(rows.Row) bool) {
		for _, row := range found {
			if q.fits(&l.Listing, row) && !yield(row) {
				return
			}
		}
	})
}

// after is the query of the page behind a cursor.
func (q *question) after(next *cursor) string {
	left := url.Values{}
	for name, values := range q.values.Values {
		left[name] = values
	}
	left.Set("cursor", next.String())
	return left.Encode()
}

// start writes the header of an answer. Nobody may keep it: it ages.
func start(w http.ResponseWriter, status int, contentType string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
}
