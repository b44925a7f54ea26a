package wire

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/prometheus/client_golang/prometheus"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

type noCredential struct{}

func (noCredential) Send(req *http.Request, next http.RoundTripper) (*http.Response, error) {
	return next.RoundTrip(req)
}

func inUTF16(text string, order binary.ByteOrder) string {
	var b bytes.Buffer
	_ = binary.Write(&b, order, utf16.Encode([]rune(text)))
	return b.String()
}

func TestAnAnswerInAnotherEncodingIsReadOrNamed(t *testing.T) {
	const list = `{"ports":[]}`
	var deflated bytes.Buffer
	z := zlib.NewWriter(&deflated)
	io.WriteString(z, list)
	z.Close()
	for _, test := range []struct{ name, encoding, body, want string }{
		{"plain", "", list, ""},
		{"identity", "identity", list, ""},
		{"a byte order mark", "", "\xef\xbb\xbf" + list, ""},
		{"one byte", "", "{", ""},
		{"nothing", "", "", ""},
		{"only a byte order mark", "", "\xef\xbb\xbf", ""},
		{"deflate", "deflate", deflated.String(), `"deflate"`},
		{"brotli", "br", "\x0b\x02\x80", `"br"`},
		{"twice", "gzip, zstd", "\x28\xb5\x2f\xfd", `"gzip, zstd"`},
		{"UTF-16 with a mark", "", "\xff\xfe" + inUTF16(list, binary.LittleEndian), `"UTF-16"`},
		{"UTF-16, the other order", "", "\xfe\xff" + inUTF16(list, binary.BigEndian), `"UTF-16"`},
		{"UTF-16 without a mark", "", inUTF16(list, binary.LittleEndian), `"UTF-16"`},
		{"XML", "", `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>no</Message></Error>`, "XML, not JSON: AccessDenied no"},
		{"HTML", "", `<html>`, "invalid"},
	} {
		for _, status := range []int{200, 400} {
			var sent int
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				sent++
				if test.encoding != "" {
					w.Header().Set("Content-Encoding", test.encoding)
				}
				w.WriteHeader(status)
				io.WriteString(w, test.body)
			}))
			base, err := url.Parse(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			transport := NewTransport(http.DefaultTransport, 0, (&Limiters{}).Join("", config.Limits{}), NewMetrics(prometheus.NewRegistry()))
			c := &Client{Service: "network", Base: base, HTTP: transport.With(noCredential{}), Clean: (&apierr.Redactor{}).Clean,
				Labels: func() (string, string) { return "", "" }}
			var read string
			err = c.Read(t.Context(), Call{Operation: "list_ports", Path: "/v2.0/ports"}, func(r io.Reader) error {
				body, err := io.ReadAll(r)
				if read = string(body); err == nil && strings.HasPrefix(read, "<") {
					err = errors.New("invalid")
				}
				return err
			})
			server.Close()
			switch {
			case status == 200 && test.want == "":
				if err != nil || read != strings.TrimPrefix(test.body, "\xef\xbb\xbf") {
					t.Errorf("%s: read %q, %v", test.name, read, err)
				}
			case status == 200 || strings.HasPrefix(test.want, `"`):
				if err == nil || !strings.Contains(err.Error(), test.want) || sent != 1 {
					t.Errorf("%s, status %d: %v after %d requests, want %q in it after one", test.name, status, err, sent, test.want)
				}
			}
		}
	}
}
