package page

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cloudip_exporter/cloudapi/wire/apierr"
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

// nextByNumber: after a full page the next one is asked for, whatever "count"
// says. A server may serve smaller pages than asked for, so a short page is the
// last only when all items that "count" announces were there, each counted once, and
// none is where "count" is no number.
func nextByNumber(p *envelope, _ string, _ url.Values) (string, error) {
	complete := p.total == nil || float64(p.items()) >= *p.total
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
