package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/test/check"
)

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// The first two vectors are those of the vendor's SDK, the third is the first
// with the host signed.
func TestPublishedSignatures(t *testing.T) {
	bodySum := sha256.Sum256([]byte("{\"Name\":\"test\",\"Id\":1}\n"))
	for name, test := range map[string]struct {
		method, url, headers, names, body string
		hash, signature                   string
	}{
		"GET": {"GET", "https://x/path?limit=1", "x-sdk-date:20060102T150405Z\n", "x-sdk-date", emptyHash,
			"85c3b7730f308aee452b16138a42a914397e43a8f0d732dfa521c0ef2afa98a4", "5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624"},
		"POST": {"POST", "https://x/path?key=value", "x-sdk-date:20060102T150405Z\n", "x-sdk-date", hex.EncodeToString(bodySum[:]),
			"13f75ff5f5216199f986c7e7f2f77834d5e160ad9e46f37319816dc72ba7eeab", "cecc2af119b18ab70b4d094c0750f3b42c02f254903179a0fc2cc72fc9db4f59"},
		"with host": {"GET", "https://x/path?limit=1", "host:example.huaweicloud.com\nx-sdk-date:20060102T150405Z\n", "host;x-sdk-date", emptyHash,
			"7531a6d6c1ae06aa61ee04ca9681db160927afa1fda722e1666d18c120e00126", "7eb88c06474c7197e670e0ae61651746453587eb5fad98074266578511cf3c01"},
	} {
		u := check.Get(url.Parse(test.url))(t)
		canonical := canonicalRequest(test.method, u, test.headers, test.names, test.body)
		check.Equal(t, name+": hash of "+canonical, test.hash, fmt.Sprintf("%x", sha256.Sum256([]byte(canonical))))
		got := authorization(keyPair{access: "AccessKey", secret: "SecretKey"}, canonical, test.names, "20060102T150405Z")
		check.Equal(t, name, "SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders="+test.names+", Signature="+test.signature, got)
	}
}

// The vendor's guide prints this one with the content type signed.
func TestTheGuidesCanonicalRequest(t *testing.T) {
	u := check.Get(url.Parse("https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0"))(t)
	headers := "content-type:application/json\nhost:service.region.example.com\nx-sdk-date:20191115T033655Z\n"
	sum := sha256.Sum256([]byte(canonicalRequest("GET", u, headers, "content-type;host;x-sdk-date", emptyHash)))
	check.Equal(t, "hash", "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a", hex.EncodeToString(sum[:]))
}

func TestSignedRequests(t *testing.T) {
	const project = "0123456789abcdef0123456789abcdef"
	for name, test := range map[string]struct {
		token, names, signature string
	}{
		"permanent key": {"", "host;x-project-id;x-sdk-date", "2a4c417f850288a50b0a018e5359d1d6bf6308b2d4613d6ead580a2371d7aebd"},
		"temporary key": {"TOKEN", "host;x-project-id;x-sdk-date;x-security-token", "f91dcc79106a95d5a648af42c29c187fea057357e15088739ae79b45a303d4e6"},
	} {
		req := check.Get(http.NewRequest(http.MethodGet, "https://vpc.eu-de.otc.t-systems.com/v1/"+project+
			"/subnets?limit=2&marker=11111111-2222-3333-4444-555555555555&vpc_id=99999999-8888-7777-6666-555555555555", nil))(t)
		req.Header.Set("X-Auth-Token", "must go")
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Sdk-Date", "of an earlier try")
		key := keyPair{access: "AKEXAMPLE", secret: "SKEXAMPLE", token: test.token}
		check.OK(t, sign(req, key, project, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
		want := "SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=" + test.names + ", Signature=" + test.signature
		check.Equal(t, name, want, req.Header.Get("Authorization"))
		got := []string{req.Header.Get("X-Auth-Token"), req.Header.Get("X-Security-Token")}
		check.Equal(t, name+": tokens", []string{"", test.token}, got)
	}
}

func TestQueriesAreEscapedAsTheVendorDoes(t *testing.T) {
	query := url.Values{"enable": {"true"}, "limit": {"1"}, "multi": {"3", "1", "2"}, "path": {"/tmp/123"}, "test": {"一 (&=?!#%.*)"}, "a~b": {""}}
	want := "a~b=&enable=true&limit=1&multi=1&multi=2&multi=3&path=%2Ftmp%2F123&test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29"
	check.Equal(t, "query", want, canonicalQuery(query))
}

func TestPathsEndInASlashWhereTheyAreSigned(t *testing.T) {
	for path, want := range map[string]string{
		"/": "/", "": "/", "/path": "/path/", "/path/": "/path/", "/a b/c+d~e": "/a%20b/c%2Bd~e/", "/é": "/%C3%A9/",
	} {
		check.Equal(t, path, want, canonicalPath(&url.URL{Path: path}))
	}
}

func TestBodiesAreSignedAndSentWhole(t *testing.T) {
	req := check.Get(http.NewRequest(http.MethodPost, "https://x/y", strings.NewReader(`{"a":1}`)))(t)
	hash := check.Get(bodyHash(req))(t)
	check.Equal(t, "hash", fmt.Sprintf("%x", sha256.Sum256([]byte(`{"a":1}`))), hash)
	rest := make([]byte, 16)
	n, _ := req.Body.Read(rest)
	check.Equal(t, "bytes of the body that signing left", 7, n)
}
