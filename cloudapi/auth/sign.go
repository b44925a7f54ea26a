package auth

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Signing of requests in the form "SDK-HMAC-SHA256 Access=…", from Huawei
// Cloud's guide "API Request Signing" (algorithm). OTC takes the same form.

const (
	signAlgorithm = "SDK-HMAC-SHA256"
	signTime      = "20060102T150405Z"
	headerDate    = "X-Sdk-Date"
)

// keyPair is an access key. A temporary one has a token, and an end where the
// cloud says so.
type keyPair struct {
	access, secret, token string
	expires               time.Time
}

// sign sets the headers of a signed request, for the time given. The request
// must not have been sent before, and its headers are its own.
func sign(req *http.Request, key keyPair, projectID string, now time.Time) error {
	for _, name := range []string{"X-Auth-Token", "Authorization", "X-Security-Token", "X-Project-Id", "X-Domain-Id"} {
		req.Header.Del(name)
	}
	req.Header.Set(headerDate, now.UTC().Format(signTime))
	if projectID != "" {
		req.Header.Set("X-Project-Id", projectID)
	}
	if key.token != "" {
		req.Header.Set("X-Security-Token", key.token)
	}
	hash, err := bodyHash(req)
	if err != nil {
		return err
	}
	signed, names := signedHeaders(req)
	canonical := canonicalRequest(req.Method, req.URL, signed, names, hash)
	req.Header.Set("Authorization", authorization(key, canonical, names, req.Header.Get(headerDate)))
	return nil
}

func authorization(key keyPair, canonical, names, date string) string {
	sum := sha256.Sum256([]byte(canonical))
	mac := hmac.New(sha256.New, []byte(key.secret))
	_, _ = io.WriteString(mac, signAlgorithm+"\n"+date+"\n"+hex.EncodeToString(sum[:]))
	return signAlgorithm + " Access=" + key.access + ", SignedHeaders=" + names + ", Signature=" + hex.EncodeToString(mac.Sum(nil))
}

// canonicalRequest is the text that stands for a request; headers is its block
// of name:value lines.
func canonicalRequest(method string, u *url.URL, headers, names, bodyHash string) string {
	return strings.Join([]string{method, canonicalPath(u), canonicalQuery(u.Query()), headers, names, bodyHash}, "\n")
}

// signedHeaders are the host and all headers of our own that carry meaning.
func signedHeaders(req *http.Request) (block, names string) {
	values := map[string]string{"host": cmp.Or(req.Host, req.URL.Host)}
	for _, name := range []string{headerDate, "X-Project-Id", "X-Security-Token"} {
		if v := req.Header.Get(name); v != "" {
			values[strings.ToLower(name)] = strings.TrimSpace(v)
		}
	}
	var b strings.Builder
	sorted := slices.Sorted(maps.Keys(values))
	for _, name := range sorted {
		b.WriteString(name + ":" + values[name] + "\n")
	}
	return b.String(), strings.Join(sorted, ";")
}

// canonicalPath ends in a slash, which the path on the wire does not.
func canonicalPath(u *url.URL) string {
	segments := strings.Split(u.Path, "/")
	for i, s := range segments {
		segments[i] = escapeSigned(s)
	}
	path := strings.Join(segments, "/")
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	return path
}

func canonicalQuery(query url.Values) string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(query)) {
		for _, v := range slices.Sorted(slices.Values(query[key])) {
			pairs = append(pairs, escapeSigned(key)+"="+escapeSigned(v))
		}
	}
	return strings.Join(pairs, "&")
}

// escapeSigned escapes all bytes but A-Z a-z 0-9 - _ . ~.
func escapeSigned(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

func bodyHash(req *http.Request) (string, error) {
	h := sha256.New()
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return "", err
		}
		defer body.Close()
		if _, err := io.Copy(h, body); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
