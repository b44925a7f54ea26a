package simulator

import (
	"net/http"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

// The vectors are the vendor SDK's and recomputed ones; they hold the
// simulator to the published rules, not to the exporter's client.
func TestSignaturesAgreeWithThePublishedVectors(t *testing.T) {
	const pid = "0123456789abcdef0123456789abcdef"
	own := "http://vpc.eu-de.otc.t-systems.com/v1/" + pid + "/subnets?limit=2&marker=11111111-2222-3333-4444-555555555555&vpc_id=99999999-8888-7777-6666-555555555555"
	for _, v := range []struct {
		name, method, url, body, headers string
		secret, date                     string
		canonical, signature             string
	}{
		{"query", "GET", "http://h/path?limit=1", "", "x-sdk-date", "SecretKey", "20060102T150405Z",
			"85c3b7730f308aee452b16138a42a914397e43a8f0d732dfa521c0ef2afa98a4", "5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624"},
		{"body", "POST", "http://h/path?key=value", "{\"Name\":\"test\",\"Id\":1}\n", "x-sdk-date", "SecretKey", "20060102T150405Z",
			"13f75ff5f5216199f986c7e7f2f77834d5e160ad9e46f37319816dc72ba7eeab", "cecc2af119b18ab70b4d094c0750f3b42c02f254903179a0fc2cc72fc9db4f59"},
		{"host", "GET", "http://example.huaweicloud.com/path?limit=1", "", "host;x-sdk-date", "SecretKey", "20060102T150405Z",
			"7531a6d6c1ae06aa61ee04ca9681db160927afa1fda722e1666d18c120e00126", "7eb88c06474c7197e670e0ae61651746453587eb5fad98074266578511cf3c01"},
		{"project", "GET", own, "", "host;x-project-id;x-sdk-date", "SKEXAMPLE", "20260101T000000Z",
			"b59488d4e0efe1cbd9ee66c3cf1bc3b5a0d2034135029627397309fc56982de4", "2a4c417f850288a50b0a018e5359d1d6bf6308b2d4613d6ead580a2371d7aebd"},
		{"security token", "GET", own, "", "host;x-project-id;x-sdk-date;x-security-token", "SKEXAMPLE", "20260101T000000Z",
			"25e331d3cb4551c3ffc131133c8b836923e099444c1cb1d691bb2747c80c5bae", "f91dcc79106a95d5a648af42c29c187fea057357e15088739ae79b45a303d4e6"},
	} {
		t.Run(v.name, func(t *testing.T) {
			r := check.Get(http.NewRequest(v.method, v.url, nil))(t)
			r.Header.Set("X-Sdk-Date", v.date)
			r.Header.Set("X-Project-Id", pid)
			r.Header.Set("X-Security-Token", "TOKEN")
			c := canonicalRequest(r, strings.Split(v.headers, ";"), []byte(v.body))
			if got := hash([]byte(c)); got != v.canonical {
				t.Errorf("canonical request hashes to %s, want %s:\n%s", got, v.canonical, c)
			}
			if got := sign(v.secret, v.date, c); got != v.signature {
				t.Errorf("signature %s, want %s", got, v.signature)
			}
		})
	}
}

func TestQueriesAreEscapedAsTheVectorSays(t *testing.T) {
	r, _ := http.NewRequest("GET", "http://h/", nil)
	q := r.URL.Query()
	q["enable"], q["limit"], q["multi"], q["path"] = []string{"true"}, []string{"1"}, []string{"3", "1", "2"}, []string{"/tmp/123"}
	q["test"] = []string{"一 (&=?!#%.*)"}
	want := "enable=true&limit=1&multi=1&multi=2&multi=3&path=%2Ftmp%2F123&test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29"
	if got := canonicalQuery(q); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
