package api

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/text"
	"cloudip_exporter/web/query"
)

// sortedBytes is how much of a text is sorted by: a name may have megabytes, and
// a cursor has to fit into a URL.
const sortedBytes = 256

// order is an order of rows in which no two items are equal: by the key of the
// parameter sort, then by what identifies an item.
type order struct {
	sort string // as in the question
	at   []int  // positions of the keys in a row, the first one first
	down bool   // the first one downwards
}

func (l *listing) order(sort string) (order, error) {
	o := order{sort: sort}
	keys := slices.Concat(l.IDs, []string{"cloud", "project"})
	if sort != "" {
		var key string
		key, o.down = strings.CutPrefix(sort, "-")
		if l.Key(key) < 0 {
			return order{}, fmt.Errorf("the parameter sort: there is no key %q; choose one of %s", key, strings.Join(l.Keys, ", "))
		}
		keys = append([]string{key}, keys...)
	}
	for _, key := range keys {
		o.at = append(o.at, l.Key(key))
	}
	return o, nil
}

// place is where a row stands in an order: a number, a text or nil for each key.
type place []any

func (o *order) place(row rows.Row) place {
	p := make(place, len(o.at))
	for i, at := range o.at {
		if n, ok := rows.Number(row[at]); ok {
			p[i] = n
		} else if s := rows.ValueText(row[at]); s != "" {
			p[i] = text.Clip(s, sortedBytes)
		}
	}
	return p
}

func (o *order) compare(a, b place) int {
	ids := 0
	if o.sort != "" {
		if c := rows.CompareValues(a[0], b[0], o.down); c != 0 {
			return c
		}
		ids = 1
	}
	for i := ids; i < len(a); i++ {
		if c := strings.Compare(rows.ValueText(a[i]), rows.ValueText(b[i])); c != 0 {
			return c
		}
	}
	return 0
}

// cursor says after which place an answer goes on.
type cursor struct {
	Sort  string
	After place
}

func (c *cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers and texts can be encoded
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(text string) (*cursor, error) {
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	for _, v := range c.After {
		switch v.(type) {
		case nil, float64, string:
		default:
			err = errNoCursor
		}
	}
	if err != nil {
		return nil, errNoCursor
	}
	return &c, nil
}

var errNoCursor = errors.New("it is no cursor: send what next of the last answer said, with the same sort")

// arranged returns the rows in order, from behind the cursor and at most limit, with
// the cursor of the next page, nil on the last one. It holds twice as many rows as it
// returns, but no more.
func (o *order) arranged(all iter.Seq[rows.Row], q *question) ([]rows.Row, *cursor, error) {
	if q.cursor != nil && (q.cursor.Sort != o.sort || len(q.cursor.After) != len(o.at)) {
		return nil, nil, fmt.Errorf("the parameter cursor: %w", errNoCursor)
	}
	type placed struct {
		row   rows.Row
		place place
	}
	behind := func(yield func(placed) bool) {
		for row := range all {
			if at := o.place(row); (q.cursor == nil || o.compare(at, q.cursor.After) > 0) && !yield(placed{row, at}) {
				return
			}
		}
	}
	most := 0
	if q.limit > 0 {
		most = q.limit + 1 // whether there is a next page
	}
	kept := query.First(behind, most, func(a, b placed) int { return o.compare(a.place, b.place) })
	var next *cursor
	if q.limit > 0 && len(kept) > q.limit {
		kept = kept[:q.limit]
		next = &cursor{o.sort, kept[q.limit-1].place}
	}
	found := make([]rows.Row, len(kept))
	for i := range kept {
		found[i] = kept[i].row
	}
	return found, next, nil
}
