package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/storage"
	"cloudip_exporter/web/query"
)

// question is a request whose parameters were read.
type question struct {
	values query.Values
	snaps  []*inventory.Snapshot // of the targets that it asks for
	words  query.Words
	equal  []equal
	sort   string
	limit  int // 0: all
	cursor *cursor
	csv    bool
	ip     netip.Addr

	ctx      context.Context // of the request
	past     bool            // it is about what is recorded
	recorded storage.Query
	idleFor  time.Duration
	length   int // of a prefix; 0: any
	cidrs    []netip.Prefix
	gaps     []storage.Gap // nil where they are no part of the answer
	begins   time.Time     // when the record does, likewise
	broken   error         // why there are no more rows
}

// equal is a key with the value that a row must have.
type equal struct{ key, value string }

type param struct {
	name, help string
	read       func(q *question, value string) error
}

// params are all parameters. Handlers check requests by this table, and docs/api.md
// is made of it.
func params() []param {
	return []param{
		{"cloud", "only this cloud", nil}, // read together, before the others
		{"project", "only this project", nil},
		{"q", "only rows with these words; an address or a CIDR finds what contains it", (*question).readWords},
		{"subnet_id", "only this subnet", equals("subnet_id")},
		{"vpc_id", "only this VPC", equals("vpc_id")},
		{"ip", "the address; of `history` also a CIDR", (*question).readIP},
		{"device_id", "only this device", nil},
		{"since", "only what lasted then or later: RFC 3339, `2006-01-02 15:04` in UTC, or how long ago, such as `7d`", func(q *question, s string) error { return readTime(&q.recorded.Since, s) }},
		{"until", "only what began by then", func(q *question, s string) error { return readTime(&q.recorded.Until, s) }},
		{"at", "only what was there then", func(q *question, s string) error { return readTime(&q.recorded.At, s) }},
		{"idle_for", "only what is known to be idle for so long", (*question).readIdleFor},
		{"length", "only blocks that hold a prefix of this length; the tightest of each VPC or pool is marked", func(q *question, s string) (err error) {
			q.length, err = rows.ParseLength(s)
			return err
		}},
		{"cidr", "only what overlaps this CIDR", func(q *question, s string) error {
			p, err := space.ParsePrefix(s)
			q.cidrs = []netip.Prefix{p}
			return err
		}},
		{"sort", "a key of the items, with `-` before it downwards", (*question).readSort},
		{"limit", "at most so many items; without it all, in no promised order", (*question).readLimit},
		{"cursor", "goes on after the last answer: its `next`", (*question).readCursor},
		{"format", "`json` (default) or `csv`; with `csv` the header `Link` has the next page", (*question).readFormat},
	}
}

// ask reads the parameters of a request for a route. Those that the route does not
// take, and those that are repeated or malformed, are errors.
func ask(r *http.Request, takes []string, snaps []*inventory.Snapshot) (*question, error) {
	values, err := query.Parse(r)
	if err != nil {
		return nil, err
	}
	for name := range values.Values {
		if !slices.Contains(takes, name) {
			return nil, fmt.Errorf("the parameter %q is unknown here: choose among %s", name, strings.Join(takes, ", "))
		}
	}
	q := &question{values: values, ctx: r.Context(), past: slices.Contains(takes, "at")}
	if q.snaps, err = values.Snapshots(snaps); err != nil && !q.past { // which also knows targets that have left
		return nil, err
	}
	for _, p := range params() {
		value, err := values.One(p.name)
		if err != nil {
			return nil, err
		}
		if values.Has(p.name) && p.read != nil {
			if err := p.read(q, value); err != nil {
				return nil, fmt.Errorf("the parameter %s: %w", p.name, err)
			}
		}
	}
	if q.recorded.Since.After(q.recorded.Until) && !q.recorded.Until.IsZero() {
		return nil, errors.New("the parameter since is later than until: exchange them")
	}
	return q, nil
}

func (q *question) readWords(text string) (err error) {
	q.words, err = query.ParseWords(text)
	return err
}

func equals(key string) func(*question, string) error {
	return func(q *question, value string) error {
		if value != "" {
			q.equal = append(q.equal, equal{key, value})
		}
		return nil
	}
}

// readIP reads an address, and for history also a CIDR.
func (q *question) readIP(text string) (err error) {
	if q.past {
		q.recorded.Addresses, err = space.ParsePrefix(text)
		return err
	}
	q.ip, err = space.ParseAddr(text)
	return err
}

func (q *question) readSort(key string) error {
	if q.sort = key; key == "" {
		return errors.New("give a key")
	}
	return nil
}

func (q *question) readLimit(text string) error {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n == 0 {
		return errors.New("give a number from 1")
	}
	q.limit = int(n)
	return nil
}

func (q *question) readCursor(text string) (err error) {
	q.cursor, err = parseCursor(text)
	return err
}

func (q *question) readFormat(text string) error {
	if text != "json" && text != "csv" {
		return errors.New("give json or csv")
	}
	q.csv = text == "csv"
	return nil
}

// fits reports whether a row of the listing is asked for.
func (q *question) fits(l *rows.Listing, row rows.Row) bool {
	for _, e := range q.equal {
		if row[l.Key(e.key)] != e.value {
			return false
		}
	}
	return q.words.In(l, row)
}
