package pages

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/web/query"
)

const rowsAPage = 100

// sheet is how a page shows a listing.
type sheet struct {
	rows.Listing
	id, title string
	each      iter.Seq[rows.Row]
	columns   []column
	sort      string // the key of a column, with a - before it downwards
	thing     string // what a row is
	none      string // what to say where there is none
	list      string // parameter of the page that shows it alone; "" where it is alone already
	split     bool   // on a phone a row has the name and a bar in its first line
}

type column struct {
	title string
	key   string // of the listing, or a name for value; "" where nobody sorts by it
	class string // of its cells
	label string // before its cells on a phone
	down  bool   // the first click sorts downwards
	value func(rows.Row) any
	cell  func(rows.Row) cell // nil: the value as text
}

type cell struct {
	Text, Sub, Href string
	Class, Label    string
	Icon            *kind
	Use             *share
}

// table is a sheet as templates show it.
type table struct {
	ID, Title, Caption        string
	Heads                     []head
	Lines                     [][]cell
	Known, Matching, From, To int
	Previous, Next, Last      string // links, "" where there is none
	CSV                       string
	All                       string // a link to all of it where only the first are shown
	Empty                     string // what to say instead of a table
	Split                     bool
}

type head struct {
	Title, Class, Href string
	Sorted             string // ascending, descending or ""
}

// valueOf returns what has the value of a column in a row.
func (s *sheet) valueOf(c *column) func(rows.Row) any {
	if c.value != nil {
		return c.value
	}
	at := s.Key(c.key)
	return func(row rows.Row) any { return row[at] }
}

func (s *sheet) column(key string) *column {
	i := slices.IndexFunc(s.columns, func(c column) bool { return key != "" && c.key == key })
	if i < 0 {
		return nil
	}
	return &s.columns[i]
}

// found returns the first most rows that match the words, sorted, how many match, and how
// many there are. What the sort does not tell apart is sorted as without a question.
func (s *sheet) found(v *view, sort string, most int) (found []rows.Row, matching, known int) {
	all := rows.Where(s.each, func(row rows.Row) bool {
		known++
		fits := v.words.In(&s.Listing, row)
		if fits {
			matching++
		}
		return fits
	})
	asked, own := s.comparing(sort), s.comparing(s.sort)
	found = query.First(all, most, func(a, b rows.Row) int {
		if c := asked(a, b); c != 0 {
			return c
		}
		return own(a, b)
	})
	return found, matching, known
}

func (s *sheet) comparing(sort string) func(a, b rows.Row) int {
	key, down := strings.CutPrefix(sort, "-")
	by := s.valueOf(s.column(key))
	return func(a, b rows.Row) int { return rows.CompareValues(by(a), by(b), down) }
}

func (v *view) table(s *sheet) table {
	sort := s.sort
	if asked := v.get("sort"); s.column(strings.TrimPrefix(asked, "-")) != nil {
		sort = asked
	}
	asked, _ := strconv.ParseInt(v.get("page"), 10, 24)
	page := max(int(asked), 1)
	most := page * rowsAPage
	if v.get("format") == "csv" {
		most = 0
	}
	found, matching, known := s.found(v, sort, most)
	last := max(1, (matching+rowsAPage-1)/rowsAPage)
	page = min(page, last)
	t := s.lay(found, matching, known, (page-1)*rowsAPage, rowsAPage)
	number := func(n int) string { return v.with("page", strconv.Itoa(n)) + "#" + s.id }
	if page > 1 {
		t.Previous = number(page - 1)
	}
	if page < last {
		t.Next, t.Last = number(page+1), number(last)
	}
	t.CSV = v.with("format", "csv", "page", "")
	if most == 0 {
		v.csv = &sheet{Listing: s.Listing, id: s.id, each: slices.Values(found)}
	}
	for i := range s.columns {
		h := &t.Heads[i]
		h.Href = v.sortLink(s, &s.columns[i], sort)
		if key, down := strings.CutPrefix(sort, "-"); h.Href != "" && key == s.columns[i].key {
			h.Sorted = "ascending"
			if down {
				h.Sorted = "descending"
			}
			t.Caption = s.title + ", sorted by " + strings.ToLower(h.Title) + ", " + h.Sorted
		}
	}
	return t
}

func (v *view) sortLink(s *sheet, c *column, now string) string {
	key := c.key
	if key == "" {
		return ""
	}
	if now == key || c.down && now != "-"+key {
		key = "-" + key
	}
	return v.with("sort", key, "page", "") + "#" + s.id
}

// brief shows the first rows of a sheet that another page shows whole.
func (v *view) brief(s *sheet, most int) table {
	found, matching, known := s.found(v, s.sort, most)
	t := s.lay(found, matching, known, 0, most)
	t.All = v.with("list", s.list, "sort", "", "page", "", "state", "")
	return t
}

func (s *sheet) lay(found []rows.Row, matching, known, from, most int) table {
	t := table{Split: s.split, ID: s.id, Title: s.title, Caption: s.title, Known: known, Matching: matching, From: min(from+1, matching), To: min(from+most, matching)}
	for _, c := range s.columns {
		t.Heads = append(t.Heads, head{Title: c.title, Class: c.class})
	}
	for _, row := range found[min(from, matching):t.To] {
		line := make([]cell, len(s.columns))
		for i := range s.columns {
			c := &s.columns[i]
			if c.cell != nil {
				line[i] = c.cell(row)
			} else {
				line[i] = plain(s.valueOf(c)(row))
			}
			line[i].Class, line[i].Label = strings.TrimSpace(c.class+" "+line[i].Class), c.label
		}
		t.Lines = append(t.Lines, line)
	}
	switch {
	case matching > 0:
	case known > 0:
		t.Empty = "No " + s.thing + " fits the filter."
	default:
		t.Empty = s.none
	}
	return t
}

func plain(value any) cell {
	if n, ok := rows.Number(value); ok {
		return cell{Text: figure(n)}
	}
	if text := visible(rows.ValueText(value)); text != "" {
		return cell{Text: text}
	}
	return cell{Text: unknown, Class: "hide"} // on a phone
}

// share is a bar, and what it says.
type share struct {
	Percent int // rounded down: 100 is full
	Guess   bool
}

// newShare returns a share of 0 to 1 that is never rounded up.
func newShare(part float64, guess bool) *share { return &share{int(part*100 + 1e-6), guess} }

// Width is the length of the bar in percent.
func (s *share) Width() int { return min(s.Percent, 100) }

// Level names how urgent it is: warn from where the alerts begin.
func (s *share) Level() string {
	switch {
	case s.Percent >= 95:
		return "bad"
	case s.Percent >= 85:
		return "warn"
	}
	return ""
}
