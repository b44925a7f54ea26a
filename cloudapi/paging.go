package cloudapi

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

const (
	maxPages      = 10_000 // of one listing; 20 million items at 2,000 a page
	maxEmptyPages = 3      // in a row, with more announced after each
	maxMarkerLen  = 512
)

// envelope is what stands around the list of one page, and what came before it.
type envelope struct {
	count      int          // items in this page, unreadable ones too
	last       inventory.ID // of the last item whose id could be read
	total      *float64     // "count" of the answer: all items that there are
	nextHref   string       // link with rel "next"
	nextMarker string       // bare "marker" of that link, or page_info.next_marker
	linked     bool         // there is a link with rel "next"

	cursor string // with which this page was asked for
	size   int    // page size asked for
	before int    // items in the pages before this one
	beyond bool   // the page before this one was shorter than asked for
	// was is the total that the page before told; nil where a change must be put up with.
	was *float64
}

// pageRule is one family's way of paging.
type pageRule struct {
	param string // query key of the cursor; "" when the API has one page only
	first string // cursor of the first page
	max   int    // the largest page size that the API allows
	// next returns the cursor of the page after p, "" after the last. The query
	// is the one that p was asked for with.
	next func(p *envelope, resource string, query url.Values) (string, error)
}

// The page rules of the APIs: VPC v1 and Workspace v2 (marker), Neutron v2.0 and
// Nova (links), VPC v3 (page_info), BMS v1 (page number), and lists without pages.
func byMarker(max int) pageRule   { return pageRule{param: "marker", max: max, next: nextByMarker} }
func byLink(max int) pageRule     { return pageRule{param: "marker", max: max, next: nextByLink} }
func byPageInfo(max int) pageRule { return pageRule{param: "marker", max: max, next: nextByPageInfo} }
func byPageNumber(max int) pageRule {
	return pageRule{param: "offset", first: "1", max: max, next: nextByNumber}
}
func onePage() pageRule {
	return pageRule{next: func(*envelope, string, url.Values) (string, error) { return "", nil }}
}

// from is the rule for a listing that begins behind a cursor; "" is the beginning.
func (r pageRule) from(cursor string) pageRule {
	if cursor != "" {
		r.first = cursor
	}
	return r
}

// nextByMarker: neither link nor total; the list ends with a page that is empty
// or shorter than asked for, unless it looks as if the server had cut it. A
// server that shows the same page again then has no more and knows no markers.
func nextByMarker(p *envelope, _ string, _ url.Values) (string, error) {
	if p.count == 0 || p.count < p.size && !looksCut(p.count) || p.beyond && p.last.String() == p.cursor {
		return "", nil
	}
	if p.last.IsZero() {
		return "", errors.New("no id in a full page could be read, so the next page cannot be asked for")
	}
	return p.last.String(), nil
}

// looksCut tells a page that is as long as a server's own limit would be: a
// gateway that caps pages without a word must not halve a listing. One call too
// many for a list that happens to be that long is the cheaper mistake.
func looksCut(count int) bool { return count%50 == 0 }

// nextByPageInfo: next_marker is absent on the last page.
func nextByPageInfo(p *envelope, _ string, _ url.Values) (string, error) { return p.nextMarker, nil }

// nextByLink: the list ends with a page that has no link with rel "next",
// however full it is. Servers write links with whatever host they believe to
// have, an internal one or that before a proxy, so of a link only the marker is
// taken and the page is asked of the own host. A link to anything but the next
// page of this very listing is an error.
func nextByLink(p *envelope, resource string, query url.Values) (string, error) {
	if !p.linked {
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
	for key := range given {
		if _, asked := query[key]; !asked && !slices.Contains(linkKeys(), key) {
			return "", fmt.Errorf("the link to the next page asks for %s, which this listing did not: not followed", apierr.QuoteValue(key))
		}
	}
	marker := given["marker"]
	if len(marker) != 1 || marker[0] == "" {
		return "", errors.New("the link to the next page has no marker")
	}
	return marker[0], nil
}

// linkKeys stand in links whatever was asked for: they only say in what order
// and size the list is shown.
func linkKeys() []string { return []string{"marker", "limit", "page_reverse", "sort_key", "sort_dir"} }

// nextByNumber: the cursor is a page number; "count" says how many items there
// are. A server may serve smaller pages than asked for, so items are counted.
func nextByNumber(p *envelope, _ string, _ url.Values) (string, error) {
	got := p.before + p.count
	switch {
	case p.was != nil && p.total != nil && *p.was != *p.total: // what moved up a page was not seen
		return "", errShifted
	case p.total == nil && p.count < p.size, p.total != nil && float64(got) >= *p.total:
		return "", nil
	case p.count == 0:
		return "", errShifted
	}
	var number int
	if _, err := fmt.Sscanf(p.cursor, "%d", &number); err != nil {
		return "", fmt.Errorf("count page %s: %w", apierr.QuoteValue(p.cursor), err)
	}
	return fmt.Sprint(number + 1), nil
}

// errShifted says that a listing changed so much while it was read that it has
// to be read again.
var errShifted = errors.New("the list changed its length while it was read")

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
