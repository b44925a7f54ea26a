package wire

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/prometheus/client_golang/prometheus"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
	"cloudip_exporter/test/loopback"
)

// credential sends requests for a Client.
type credential func(req *http.Request, next http.RoundTripper) (*http.Response, error)

func (c credential) Send(req *http.Request, next http.RoundTripper) (*http.Response, error) {
	return c(req, next)
}

func TestCredentialsStayWithTheirOrigin(t *testing.T) {
	base := check.Get(url.Parse("https://network.test"))(t)
	limiter := (&Limiters{}).Join("", config.Limits{})
	used := credential(func(*http.Request, http.RoundTripper) (*http.Response, error) {
		t.Error("the credential is put on a request to another origin")
		return nil, errors.New("sent")
	})
	c := &Client{Base: base, HTTP: NewTransport(http.DefaultTransport, time.Minute, limiter, nil).With(used)}
	for _, target := range []string{"https://stranger.test/v2.0/ports", "http://network.test/v2.0/ports", "https://network.test:8443/v2.0/ports"} {
		req := check.Get(c.request(t.Context(), Call{Operation: "list_ports", Path: "/v2.0/ports"}))(t)
		req.URL = check.Get(req.URL.Parse(target))(t)
		if resp, err := c.HTTP.Do(req); err == nil {
			resp.Body.Close()
			t.Errorf("%s: got no error", target)
		}
	}
}

func TestIDsInPathsLeadNowhereElse(t *testing.T) {
	base := check.Get(url.Parse("https://network.test/prefix"))(t)
	c := &Client{Service: "vpc", Base: base}
	for path, want := range map[string]string{
		"/v1/p/subnets":          "https://network.test/prefix/v1/p/subnets",
		"/v1/p/subnets/a%2Fb":    "https://network.test/prefix/v1/p/subnets/a%2Fb",
		"/v1/p/../../other":      "",
		"/v1/p/subnets?x=1":      "",
		"/v1/p/subnets#x":        "",
		"@evil.example/v1":       "",
		"//evil.example/v1":      "https://network.test/prefix//evil.example/v1",
		"/v1/p/\\evil.example/x": "",
	} {
		got, err := c.url(Call{Path: path})
		if (err == nil) != (want != "") || err == nil && (got.String() != want || got.Host != base.Host) {
			t.Errorf("%q: got %v, %v, want %s", path, got, err, want)
		}
	}
}

func TestABodyThatIsTooLargeIsNamed(t *testing.T) {
	c := &Client{Service: "vpc", Clean: func(s string) string { return s }}
	err := c.brokenBody("list_ports", &http.MaxBytesError{Limit: maxBody})
	if !errors.Is(err, apierr.ErrTooLarge) || apierr.ClassOf(err) != apierr.ClassBody {
		t.Errorf("got %v of class %s", err, apierr.ClassOf(err))
	}
}

func TestAnAnswerInAnotherEncodingIsReadOrNamed(t *testing.T) {
	const list = `{"ports":[]}`
	var deflated, wide bytes.Buffer
	z := zlib.NewWriter(&deflated)
	_, _ = io.WriteString(z, list)
	_ = z.Close()
	_ = binary.Write(&wide, binary.LittleEndian, utf16.Encode([]rune(list)))
	none := credential(func(req *http.Request, next http.RoundTripper) (*http.Response, error) { return next.RoundTrip(req) })
	for _, test := range []struct{ encoding, body, want string }{
		{"", list, ""},
		{"identity", list, ""},
		{"", "\xef\xbb\xbf" + list, ""},
		{"", "{", ""},
		{"", "\xef\xbb\xbf", ""},
		{"deflate", deflated.String(), `"deflate"`},
		{"gzip, zstd", "\x28\xb5\x2f\xfd", `"gzip, zstd"`},
		{"", wide.String(), `"UTF-16"`},
		{"", "\xff\xfe" + wide.String(), `"UTF-16"`},
	} {
		for _, status := range []int{200, 400} {
			var sent int
			server := loopback.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				sent++
				if test.encoding != "" {
					w.Header().Set("Content-Encoding", test.encoding)
				}
				w.WriteHeader(status)
				_, _ = io.WriteString(w, test.body)
			}))
			base := check.Get(url.Parse(server))(t)
			transport := NewTransport(http.DefaultTransport, time.Minute, (&Limiters{}).Join("", config.Limits{}), NewMetrics(prometheus.NewRegistry()))
			c := &Client{Service: "network", Base: base, HTTP: transport.With(none), Clean: (&apierr.Redactor{}).Clean,
				Labels: func() (string, string) { return "", "" }}
			var read []byte
			err := c.Read(t.Context(), Call{Operation: "list_ports", Path: "/v2.0/ports"}, func(r io.Reader) (err error) {
				read, err = io.ReadAll(r)
				return err
			})
			_, answered := errors.AsType[*apierr.AnswerError](err)
			switch {
			case status == 200 && test.want == "":
				if err != nil || string(read) != strings.TrimPrefix(test.body, "\xef\xbb\xbf") {
					t.Errorf("%q: read %q, %v", test.body, read, err)
				}
			case err == nil || !strings.Contains(err.Error(), test.want) || sent != 1 || answered != (status == 200):
				t.Errorf("%q, status %d: %v after %d requests, want %q in it after one", test.body, status, err, sent, test.want)
			}
		}
	}
}

func TestBaseURLsAreNormalised(t *testing.T) {
	golden.Cases(t, "testdata/bases.txt", func(in string) string {
		base, err := ParseBase("endpoints.vpc", in)
		if err != nil {
			check.Lacks(t, "an error", err.Error(), "pass@")
			return err.Error()
		}
		return base.String()
	})
}
