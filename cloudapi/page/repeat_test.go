package page

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAPageThatComesTwiceIsNoNewPage(t *testing.T) {
	for name, test := range map[string]struct {
		rule  Rule
		after func(page int) string
	}{
		"page number": {ByPageNumber(50), func(int) string { return `,"count":64` }},
		"link, then none": {ByLink(50), func(page int) string {
			if page == 1 {
				return `,"ports_links":[{"rel":"next","href":"?marker=` + portID(49) + `"}]`
			}
			return ""
		}},
		"marker, then none": {ByPageInfo(50), func(page int) string {
			if page == 1 {
				return `,"page_info":{"next_marker":"` + portID(49) + `"}`
			}
			return ""
		}},
		"last item": {ByMarker(50), func(int) string { return "" }},
	} {
		cloud := &answers{}
		cloud.answer = func(call) (*http.Response, error) {
			return jsonAnswer("{" + portsJSON(0, 50) + test.after(len(cloud.calls)) + "}")
		}
		if items, _, err := collect(List(t.Context(), portListing(cloud, test.rule, 50))); err == nil {
			t.Errorf("%s: %d items of 64 and no error", name, len(items))
		}
	}
}

func TestAFullPageIsFollowedByTheNextWhateverACountSays(t *testing.T) {
	cloud := numbered(func(int) int { return 64 }, 1000)
	honest := cloud.answer
	cloud.answer = func(c call) (*http.Response, error) {
		if c.query.Get("offset") == "1" {
			return jsonAnswer(fmt.Sprintf(`{"count":%d,%s}`, 50, portsJSON(0, 50)))
		}
		return honest(c)
	}
	items, _, err := collect(List(t.Context(), portListing(cloud, ByPageNumber(1000), 50)))
	if err == nil && len(items) != 64 {
		t.Errorf("%d items of 64 and no error", len(items))
	}
}

func TestACountThatIsNoNumberCompletesNothing(t *testing.T) {
	for _, count := range []string{`-1`, `"many"`, `{}`, `[5]`, `true`, `1e999`, `"5"`, `null`} {
		for _, most := range []int{2, 10} { // the server may serve smaller pages than asked for
			cloud := numbered(func(int) int { return 5 }, most)
			honest := cloud.answer
			cloud.answer = func(c call) (*http.Response, error) {
				resp, err := honest(c)
				body, _ := io.ReadAll(resp.Body)
				resp.Body = io.NopCloser(strings.NewReader(strings.Replace(string(body), `"count":5`, `"count":`+count, 1)))
				return resp, err
			}
			size := 10
			if count == `null` { // as if there were none: a short page is the last
				size = 2
			}
			items, _, err := collect(List(t.Context(), portListing(cloud, ByPageNumber(1000), size)))
			if err == nil && len(items) != 5 {
				t.Errorf("count %s, pages of %d: %d items of 5 and no error", count, most, len(items))
			}
		}
	}
}
