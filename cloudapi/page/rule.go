package page

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

// Rule is one family's way of paging.
type Rule struct {
	param  string // query key of the cursor; "" when the API has one page only
	first  string // cursor of the first page
	max    int    // the largest page size that the API allows
	counts bool   // the rule compares the number of items with a total
	// next returns the cursor of the page after p, "" after the last. The query
	// is the one that p was asked for with.
	next func(p *envelope, resource string, query url.Values) (string, error)
}

// ByMarker is the rule of VPC v1 and Workspace v2: the marker is the id of the
// last item. max is the largest page, here and in the other rules.
func ByMarker(max int) Rule { return Rule{param: "marker", max: max, next: nextByMarker} }

// ByLink is the rule of Neutron v2.0 and Nova: the answer has a link.
func ByLink(max int) Rule { return Rule{param: "marker", max: max, next: nextByLink} }

// ByPageInfo is the rule of VPC v3: the answer has the marker.
func ByPageInfo(max int) Rule { return Rule{param: "marker", max: max, next: nextByPageInfo} }

// ByPageNumber is the rule of BMS v1: pages have numbers, and "count" is the
// number of all items.
func ByPageNumber(max int) Rule {
	return Rule{param: "offset", first: "1", max: max, counts: true, next: nextByNumber}
}

// OnePage is the rule of lists without pages.
func OnePage() Rule {
	return Rule{next: func(*envelope, string, url.Values) (string, error) { return "", nil }}
}

// From returns the rule for a listing that begins behind a cursor; "" is the
// beginning.
func (r Rule) From(cursor string) Rule {
	if cursor != "" {
		r.first = cursor
	}
	return r
}

// nextByMarker: neither link nor total; the list ends with a page that is empty
// or short. A server that shows a page of a length like that of a cap again has
// no more and knows no markers.
func nextByMarker(p *envelope, _ string, _ url.Values) (string, error) {
	switch {
	case p.count == 0, p.short(), p.afterShortPage && p.last.String() == p.cursor:
		return "", nil
	case p.last.IsZero():
		return "", errors.New("no id in a full page could be read, so the next page cannot be asked for")
	case p.repeats():
		return "", errRepeated
	}
	return p.last.String(), nil
}

// nextByPageInfo: next_marker is absent on the last page.
func nextByPageInfo(p *envelope, _ string, _ url.Values) (string, error) {
	if p.repeats() {
		return "", errRepeated
	}
	return p.nextMarker, nil
}

// nextByLink: the list ends with a page that has no link with rel "next",
// however full it is. Servers write links with whatever host they believe to
// have, an internal one or that before a proxy, so of a link only the marker is
// taken and the page is asked of the own host. A link to anything but the next
// page of this very listing is an error.
func nextByLink(p *envelope, resource string, query url.Values) (string, error) {
	if p.repeats() {
		return "", errRepeated
	}
	if !p.hasNext {
		return "", nil
	}
	if p.nextHref == "" { // OTC has links that are a bare marker
		if p.nextMarker == "" {
			return "", errors.New("the link to the next page is empty")
		}
		return p.nextMarker, nil
	}
	link, err := url.Parse(p.nextHref)
	if err != nil {
		return "", errors.New("the link to the next page is not a URL")
	}
	if path := strings.TrimSuffix(strings.TrimSuffix(link.Path, "/"), ".json"); path != "" && path != resource && !strings.HasSuffix(path, "/"+resource) {
		return "", fmt.Errorf("the link to the next page leads elsewhere, to host %s, path %s: not followed", apierr.QuoteValue(link.Host), apierr.QuoteValue(link.Path))
	}
	given, err := url.ParseQuery(link.RawQuery)
	if err != nil {
		return "", errors.New("the link to the next page has a malformed query")
	}
	// These stand in links whatever was asked for: they only say in what order and size the
	// list is shown.
	always := []string{"marker", "limit", "page_reverse", "sort_key", "sort_dir"}
	for key := range given {
		if _, asked := query[key]; !asked && !slices.Contains(always, key) {
			return "", fmt.Errorf("the link to the next page asks for %s, which this listing did not: not followed", apierr.QuoteValue(key))
		}
	}
	marker := given["marker"]
	if len(marker) != 1 || marker[0] == "" {
		return "", errors.New("the link to the next page has no marker")
	}
	return marker[0], nil
}

// nextByNumber: after a full page the next one is asked for, whatever "count"
// says. A server may serve smaller pages than asked for, so a short page is the
// last only when all items that "count" announces were there, each counted once, and
// none is where "count" is no number.
func nextByNumber(p *envelope, _ string, _ url.Values) (string, error) {
	complete := p.total == nil || float64(len(p.distinct)+p.nameless) >= *p.total
	switch {
	case p.prevTotal != nil && p.total != nil && *p.prevTotal != *p.total: // what moved up a page was not seen
		return "", errShifted
	case complete && (p.fresh == 0 || p.short() && !p.doubtful):
		return "", nil
	case p.fresh == 0: // empty, or a page that was there before
		return "", errShifted
	}
	number, err := strconv.Atoi(p.cursor)
	if err != nil {
		return "", fmt.Errorf("count page %s: %w", apierr.QuoteValue(p.cursor), err)
	}
	return strconv.Itoa(number + 1), nil
}

// envelope is a page's paging metadata and its position in the listing.
type envelope struct {
	count      int          // items in this page, unreadable ones too
	first      inventory.ID // of the first item whose id could be read
	last       inventory.ID // of the last such item
	total      *float64     // "count" of the answer: all items that there are
	doubtful   bool         // "count" is there and is no number of items
	nextHref   string       // link with rel "next"
	nextMarker string       // bare "marker" of that link, or page_info.next_marker
	hasNext    bool         // there is a link with rel "next"

	cursor         string       // with which this page was asked for
	size           int          // page size asked for
	afterShortPage bool         // the page before this one was shorter than asked for
	prevFirst      inventory.ID // of the page before this one
	// prevTotal is the total of the page before; nil where a change must be put up with.
	prevTotal *float64
	// distinct are the items of this page and those before it, by id, and how many
	// have none. Only the rule by page number counts them.
	distinct map[inventory.ID]struct{}
	nameless int
	fresh    int // items of this page that no page before it had
}

// following is the position of the page after p.
func (p *envelope) following(cursor string, again bool) envelope {
	next := envelope{
		cursor: cursor, size: p.size, afterShortPage: p.count < p.size, prevFirst: p.first,
		prevTotal: p.total, distinct: p.distinct, nameless: p.nameless,
	}
	if again {
		next.prevTotal = nil
	}
	return next
}

// merge takes note of the ids on a page that was read whole; the zero ID is one that
// could not be read.
func (p *envelope) merge(ids []inventory.ID) {
	if p.distinct == nil {
		p.distinct = make(map[inventory.ID]struct{})
	}
	for _, id := range ids {
		if id.IsZero() {
			p.nameless++
			p.fresh++
		} else if _, known := p.distinct[id]; !known {
			p.distinct[id] = struct{}{}
			p.fresh++
		}
	}
}

func (p *envelope) repeats() bool { return !p.first.IsZero() && p.first == p.prevFirst }

// short reports whether the page is shorter than asked for and does not look as
// if a gateway had cut it. A cap must not halve a listing, and one call too many
// for a list that happens to be as long is the cheaper mistake.
func (p *envelope) short() bool { return p.count < p.size && p.count%50 != 0 }

// errShifted says that a listing changed so much while it was read that it has
// to be read again.
var errShifted = errors.New("the list changed while it was read")

var errRepeated = errors.New("the cloud sends the same page again: it pages in a circle")

const (
	maxPages      = 10_000 // of one listing; 20 million items at 2,000 a page
	maxEmptyPages = 3      // in a row, with more announced after each
	maxMarkerLen  = 512
)

// cursors remembers which pages were asked for, so that no listing goes in a circle.
type cursors struct {
	used  map[string]struct{}
	empty int
}

// check refuses a cursor that would not bring the listing to an end.
func (c *cursors) check(p *envelope, next string) error {
	if p.count > 0 {
		c.empty = 0
	} else if c.empty++; c.empty > maxEmptyPages {
		return fmt.Errorf("%d empty pages in a row, and more announced", c.empty)
	}
	if len(next) > maxMarkerLen {
		return fmt.Errorf("the marker of the next page has %d bytes", len(next))
	}
	if c.used == nil {
		c.used = make(map[string]struct{})
	}
	c.used[p.cursor] = struct{}{}
	if _, again := c.used[next]; again {
		return fmt.Errorf("the cloud sends page %s again: it pages in a circle", apierr.QuoteValue(next))
	}
	if len(c.used) >= maxPages {
		return fmt.Errorf("more than %d pages", maxPages)
	}
	return nil
}
