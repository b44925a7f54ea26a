package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// pageOf cuts the page after marker out of items, which are in the order of
// their ids (or, when anyOrder is set, in another). found is false when the
// marker is not the id of an item.
func pageOf[T any](items []T, id func(T) string, marker string, limit int, anyOrder bool) (page []T, found bool) {
	from := 0
	found = marker == ""
	for i, item := range items {
		if marker == "" {
			break
		}
		if id(item) == marker {
			from, found = i+1, true
			break
		}
		if !anyOrder && id(item) < marker {
			from = i + 1
		}
	}
	if anyOrder && !found {
		return nil, false
	}
	rest := items[from:]
	if limit > 0 && len(rest) > limit {
		rest = rest[:limit]
	}
	return rest, found
}

// vpcLimit is the page size of VPC v1, v3 and Workspace: 2000 unless less is
// asked for; more is cut without a word.
func (k *call) vpcLimit(least int) (int, bool) {
	n := 2000
	if s := k.query.Get("limit"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil || n < least {
			return 0, false
		}
	}
	return k.cap(min(n, 2000)), true
}

func (k *call) cap(n int) int {
	if most := k.cloud.opts.PageMax; most > 0 && (n == 0 || n > most) {
		return most
	}
	return n
}

// neutronLimit is the page size of a Neutron listing; 0 is no limit.
func (k *call) neutronLimit() (int, *reply) {
	s := k.query.Get("limit")
	n, err := strconv.Atoi(s)
	if s != "" && (err != nil || n < 0) {
		bad := neutronError(http.StatusBadRequest, "BadRequest", fmt.Sprintf("Bad limit request: Limit must be an integer 0 or greater and not '%s'.", s))
		return 0, &bad
	}
	n = k.cap(n)
	if k.cloud.huawei() && (n == 0 || n > 2000) {
		n = 2000
	}
	return n, nil
}

// markerGone answers a marker that no longer is.
func (k *call) markerGone(kind, marker string) reply {
	if k.cloud.huawei() {
		return neutronError(http.StatusBadRequest, "BadRequest", fmt.Sprintf("Invalid marker '%s'.", marker))
	}
	return neutronError(http.StatusNotFound, kind+"NotFound", fmt.Sprintf("%s %s could not be found.", kindText(kind), marker))
}

func kindText(kind string) string {
	if kind == "AddressGroup" {
		return "Address group"
	}
	return kind
}

// neutronPage lists objects as Neutron does: the filters that it knows, fields and links.
func (k *call) neutronPage(key, kind string, items []object, filters ...string) reply {
	items, bad := k.wanted(items, filters...)
	if bad != nil {
		return *bad
	}
	limit, bad := k.neutronLimit()
	if bad != nil {
		return *bad
	}
	marker := k.query.Get("marker")
	reverse := strings.EqualFold(k.query.Get("page_reverse"), "true")
	if reverse {
		items = slices.Clone(items)
		slices.Reverse(items)
	}
	page, found := pageOf(items, objectID, marker, limit, true)
	if !found {
		return k.markerGone(kind, marker)
	}
	if reverse {
		page = slices.Clone(page)
		slices.Reverse(page)
	}
	list := []object{}
	for _, o := range page {
		list = append(list, o.only(k.query["fields"]))
	}
	out := object{{key, list}}
	if links := k.neutronLinks(key, limit, len(page), func(i int) string { return objectID(page[i]) }); links != nil {
		out = append(out, field{key + "_links", links})
	}
	return ok(out)
}

// neutronLinks are the links of a page of n items: a next one whenever the page
// is full, though nothing may follow. On Huawei Cloud and OTC they name an
// internal host.
func (k *call) neutronLinks(key string, limit, n int, id func(int) string) []object {
	if limit == 0 || k.cloud.huawei() && k.query.Get("limit") == "" && n < limit {
		return nil
	}
	q := url.Values{}
	for name, values := range k.query {
		if name != "marker" && name != "page_reverse" {
			q[name] = values
		}
	}
	base := k.at + "/v2.0/" + strings.ReplaceAll(key, "_", "-") + "?"
	var links []object
	link := func(rel, marker string, reverse bool) {
		own := url.Values{}
		for name, values := range q {
			own[name] = values
		}
		if marker != "" {
			own.Set("marker", marker)
		}
		if reverse {
			own.Set("page_reverse", "True")
		}
		links = append(links, object{{"rel", rel}, {"href", base + own.Encode()}})
	}
	if n == limit || n > 0 && k.query.Has("page_reverse") {
		link("next", id(n-1), false)
	}
	if !k.cloud.huawei() || k.query.Get("marker") != "" {
		first := ""
		if n > 0 {
			first = id(0)
		}
		link("previous", first, true)
	}
	return links
}

func objectID(o object) string {
	for _, key := range []string{"id", "network_id"} {
		for _, f := range o {
			if f.key == key {
				return f.value.(string)
			}
		}
	}
	return ""
}

// wanted applies Neutron's equality filters: repeated values mean or. Names
// that are neither in known nor paging are 400.
func (k *call) wanted(items []object, known ...string) ([]object, *reply) {
	for name := range k.query {
		switch name {
		case "limit", "marker", "page_reverse", "fields", "sort_key", "sort_dir":
			continue
		}
		if !slices.Contains(known, name) {
			bad := neutronError(http.StatusBadRequest, "HTTPBadRequest", fmt.Sprintf("['%s'] is invalid attribute for filtering", name))
			return nil, &bad
		}
	}
	if bad := k.badSort(); bad != nil {
		return nil, bad
	}
	kept := []object{}
	for _, o := range items {
		if k.fits(o, known) {
			kept = append(kept, o)
		}
	}
	return kept, nil
}

// badSort answers a sort key that cannot be; pages are by id here.
func (k *call) badSort() *reply {
	for _, key := range k.query["sort_key"] {
		if key != "id" {
			bad := neutronError(http.StatusBadRequest, "HTTPBadRequest", fmt.Sprintf("['%s'] is invalid attribute for sort_keys", key))
			return &bad
		}
	}
	return nil
}

func (k *call) fits(o object, known []string) bool {
	for _, name := range known {
		values := k.query[name]
		if len(values) == 0 {
			continue
		}
		for _, f := range o {
			if f.key == name && !slices.Contains(values, strings.ToLower(fmt.Sprint(f.value))) && !slices.Contains(values, fmt.Sprint(f.value)) {
				return false
			}
		}
	}
	return true
}
