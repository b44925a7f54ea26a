package page

import (
	"errors"
	"fmt"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

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

// items is how many distinct items there were so far.
func (p *envelope) items() int { return len(p.distinct) + p.nameless }

// repeats reports whether the page begins as the one before it did.
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
