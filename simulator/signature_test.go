package simulator

import (
	"net/url"
	"testing"

	"cloudip_exporter/test/check"
)

// The vector is that of the vendor's SDK. All else of a signature the conformance suite of
// the client holds, which signs by the published vectors.
func TestQueriesAreEscapedAsTheVectorSays(t *testing.T) {
	q := url.Values{"enable": {"true"}, "limit": {"1"}, "multi": {"3", "1", "2"}, "path": {"/tmp/123"}, "test": {"一 (&=?!#%.*)"}}
	check.Equal(t, "query", "enable=true&limit=1&multi=1&multi=2&multi=3&path=%2Ftmp%2F123&test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29", canonicalQuery(q))
}
