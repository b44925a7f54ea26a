package auth

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
)

const requests = 100_000

// TestSignaturesEqualTheVendors signs random requests by both, which hold what
// can go wrong: odd characters, repeated and empty values, bodies.
func TestSignaturesEqualTheVendors(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2)) // the same requests each time
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range requests {
		s := randomRequest(r)
		ours, err := s.ours(now)
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		theirs, err := s.theirs(now)
		if err != nil {
			t.Fatalf("request %d: the vendor's signer: %v", i, err)
		}
		if ours != theirs {
			t.Fatalf("request %d, %+v:\n got %s\nwant %s", i, s, ours, theirs)
		}
	}
}

type sample struct {
	method, host, path string
	query              url.Values
	body               map[string]string
	project            string
	key                keyPair
}

func randomRequest(r *rand.Rand) sample {
	s := sample{
		method: []string{"GET", "POST", "DELETE", "PUT"}[r.IntN(4)],
		host:   []string{"vpc.eu-de.otc.t-systems.com", "127.0.0.1:9878", "[::1]:80"}[r.IntN(3)],
		query:  url.Values{},
		key:    keyPair{access: "AK" + word(r, plain), secret: word(r, plain) + "x"},
	}
	for range r.IntN(5) {
		s.path += "/" + word(r, odd)
	}
	for range r.IntN(5) {
		key := word(r, odd) + "k"
		for range 1 + r.IntN(3) {
			s.query.Add(key, word(r, odd))
		}
	}
	if s.method == "POST" {
		s.body = map[string]string{"a": word(r, odd)}
	}
	if r.IntN(2) == 0 {
		s.project = "0123456789abcdef0123456789abcdef"
	}
	if r.IntN(2) == 0 {
		s.key.token = word(r, plain) + "t"
	}
	return s
}

const (
	plain = "abcXYZ019"
	odd   = plain + " -_.~+&=?!#%*()[]{}<>@:;,'\"\\|$^`éß一\u00a0"
)

func word(r *rand.Rand, letters string) string {
	all := []rune(letters)
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteRune(all[r.IntN(len(all))])
	}
	return b.String()
}

func (s sample) ours(now time.Time) (string, error) {
	u := &url.URL{Scheme: "https", Host: s.host, Path: s.path, RawQuery: s.query.Encode()}
	var content bytes.Buffer
	if s.body != nil { // as the vendor writes it, with a newline at the end
		e := json.NewEncoder(&content)
		e.SetEscapeHTML(false)
		if err := e.Encode(s.body); err != nil {
			return "", err
		}
	}
	req, err := http.NewRequest(s.method, u.String(), &content)
	if err != nil {
		return "", err
	}
	if err := sign(req, s.key, s.project, now); err != nil {
		return "", err
	}
	return req.Header.Get("Authorization"), nil
}

func (s sample) theirs(now time.Time) (string, error) {
	b := request.NewHttpRequestBuilder().WithMethod(s.method).WithEndpoint("https://" + s.host).WithPath(s.path)
	for key, values := range s.query {
		b.AddQueryParam(key, reflect.ValueOf(values))
	}
	b.AddHeaderParam("host", s.host)
	b.AddHeaderParam("X-Sdk-Date", now.Format(signTime))
	b.AddHeaderParam("Content-Type", "application/json")
	if s.project != "" {
		b.AddHeaderParam("X-Project-Id", s.project)
	}
	if s.key.token != "" {
		b.AddHeaderParam("X-Security-Token", s.key.token)
	}
	if s.body != nil {
		b.WithBody("body", s.body)
	}
	signed, err := signer.Signer{}.Sign(b.Build(), s.key.access, s.key.secret)
	return signed["Authorization"], err
}
