package api

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"iter"
	"maps"
	"net"
	"net/http"
	"slices"
	"time"

	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/storage"
)

// manyRows is how many rows an answer may hold at once without waiting for others.
const manyRows = 10_000

// listing is a route that answers with a listing of rows.
type listing struct {
	rows.Listing
	help string
	own  []string                                                          // parameters that not all listings take
	find func(l *listing, a *API, q *question) (iter.Seq[rows.Row], error) // nil: what Rows of the targets are asked for
}

func listings() []listing {
	past := rows.New("history", "", "address first_seen port_id private_ip_id server_id device_id", "", nil)
	past.Keys = storage.TenureKeys()
	return []listing{
		{rows.ListingNamed("subnets"), "subnets with their use and tags, one item an IP version", []string{"subnet_id", "vpc_id"}, tagged},
		{rows.ListingNamed("ports"), "ports, one item an address", []string{"subnet_id"}, nil},
		{rows.ListingNamed("servers"), "servers with their addresses", nil, nil},
		{rows.ListingNamed("address-groups"), "address groups with their entries", nil, nil},
		{rows.ListingNamed("private-ips"), "private IPs", []string{"subnet_id"}, nil},
		{rows.ListingNamed("public-ips"), "EIPs and floating IPs, and the port and private address at which they point", nil, nil},
		{rows.ListingNamed("vpcs"), "VPCs with all CIDRs and the space that no subnet has", []string{"vpc_id"}, nil},
		{rows.ListingNamed("quotas"), "quotas", nil, nil},
		{rows.FreePrefixes(0), "free blocks of VPCs and subnet pools, lowest first", []string{"length", "vpc_id"}, free},
		{rows.OverlapListing(), "pairs of VPCs and subnets whose prefixes overlap, or that overlap the CIDR", []string{"cidr"}, overlaps},
		{rows.Idle(nil, 0, time.Time{}), "addresses on ports that nothing uses, and since when", []string{"idle_for", "subnet_id"}, idle},
		{past, "who held which address, from when to when; with `gaps` that nobody watched, and when the record `begins`; 503 without storage", []string{"ip", "subnet_id", "device_id", "since", "until", "at"}, history},
	}
}

func (l listing) params() []string {
	return slices.Concat(l.own, []string{"cloud", "project", "q", "sort", "limit", "cursor", "format"})
}

// answer writes the rows that are asked for. Without an order they go out as they come:
// a million ports need no second copy.
func (l listing) answer(a *API, w http.ResponseWriter, q *question) error {
	var found iter.Seq[rows.Row]
	var err error
	if l.find != nil {
		found, err = l.find(&l, a, q)
	}
	if err != nil {
		return err
	}
	if found == nil {
		found = l.Of(q.snaps)
	}
	found = rows.Where(found, func(row rows.Row) bool { return q.fits(&l.Listing, row) })
	order, err := l.order(q.sort)
	if err != nil {
		return err
	}
	next := (*cursor)(nil)
	if q.sort != "" || q.limit > 0 || q.cursor != nil {
		if q.limit == 0 || q.limit > manyRows {
			select {
			case a.sorting <- struct{}{}:
				defer func() { <-a.sorting }()
			case <-q.ctx.Done():
				return unavailable{q.ctx.Err()}
			}
		}
		var page []rows.Row
		if page, next, err = order.arranged(found, q); err == nil {
			err = q.broken
		}
		if err != nil {
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
		err = rows.WriteCSV(w, l.Keys, found, rows.CSVText)
	} else {
		start(w, http.StatusOK, "application/json; charset=utf-8")
		err = writeJSON(w, q, l.Keys, found, next)
	}
	if err != nil || q.broken != nil {
		abort(w)
	}
	return nil
}

// abort ends the connection of an answer that has begun and cannot say that it is not
// whole. A client of HTTP/1.0 takes all but a reset for its end.
func abort(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if secure, is := conn.(*tls.Conn); is {
			conn = secure.NetConn()
		}
		if plain, is := conn.(*net.TCPConn); is {
			_ = plain.SetLinger(0) // Close resets it
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

// tagged finds subnets with a key for each tag that is known.
func tagged(l *listing, _ *API, q *question) (iter.Seq[rows.Row], error) {
	l.Listing = rows.Subnets(rows.Tags(q.snaps))
	return nil, nil
}

// free finds where a new subnet fits, lowest first.
func free(l *listing, _ *API, q *question) (iter.Seq[rows.Row], error) {
	l.Listing, q.sort = rows.FreePrefixes(q.length), cmp.Or(q.sort, "prefix")
	return nil, nil
}

func overlaps(_ *listing, _ *API, q *question) (iter.Seq[rows.Row], error) {
	return rows.Overlaps(q.snaps, q.cidrs)
}

// after is the query of the page behind a cursor.
func (q *question) after(next *cursor) string {
	left := maps.Clone(q.values.Values)
	left.Set("cursor", next.String())
	return left.Encode()
}

// start writes the header of an answer. Nobody may keep it: it ages.
func start(w http.ResponseWriter, status int, contentType string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
}
