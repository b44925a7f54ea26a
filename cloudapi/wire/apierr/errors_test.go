package apierr

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

func statusErrorOf(r *Redactor, code int, header http.Header, body string) *StatusError {
	resp := &http.Response{StatusCode: code, Header: header, Body: io.NopCloser(strings.NewReader(body))}
	return FromResponse("vpc", "list_ports", resp, r.Clean)
}

// TestAnErrorIsReadAsInTheFile reads answers: a status and headers, or the name of a recorded
// one, and the body.
func TestAnErrorIsReadAsInTheFile(t *testing.T) {
	golden.Cases(t, "testdata/errors.txt", func(in string) string {
		head, body, _ := strings.Cut(in, "\n")
		code, header := 0, http.Header{}
		if name, recorded := strings.CutPrefix(head, "recorded "); recorded {
			body, code = golden.Recorded(t, "../../testdata/openstack", name)
		} else {
			for i, field := range strings.Fields(head) {
				if name, value, _ := strings.Cut(field, "="); i == 0 {
					code, _ = strconv.Atoi(name)
				} else {
					header.Set(name, value)
				}
			}
		}
		e := statusErrorOf(&Redactor{}, code, header, body)
		err := fmt.Errorf("collect: %w", e)
		return fmt.Sprintf("%v\nstatus %d, code %q, message %q\nabsence %v, auth %v, page %v", e, e.Status, e.Code, e.Message,
			AbsenceOf(err), IsAuth(err), e.Page)
	})
}

func TestMessagesHoldNoCredential(t *testing.T) {
	const secret = "p&ss wörd/+=1"
	r := &Redactor{}
	r.Know("password", secret)
	signature := strings.Repeat("0123456789abcdef", 4)
	for _, text := range []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"X-Auth-Token: abcdef123", `"X-Auth-Token":"abcdef123"`, "x-security-token=abcdef123&a=b", "Authorization: Bearer abcdef123",
		"Signature=" + signature, "a hash " + signature, "token expired: " + strings.Repeat("gAAAAAB_", 30),
		"verify aksk signature fail, canonicalRequest:GET|/v1|host:abcdef123", "stringToSign: abcdef123", "password=abcdef123",
		`{"auth":{"identity":{"user":"abcdef123"}}}`, `{\"auth\": {"abcdef123"`, `{u'auth': {u'identity': u'abcdef123'}}`,
		url.QueryEscape(`{"privateips":[{"subnet_id":"abcdef123"}]}`), html.EscapeString(`{"port":{"network_id":"abcdef123"}}`), html.EscapeString(secret),
	} {
		e := statusErrorOf(r, 401, nil, `{"error_code":"APIGW.0301","error_msg":`+fmt.Sprintf("%q", "refused: "+text)+`}`)
		check.Lacks(t, "the error of "+text, e.Error(), append(formsOf(secret), "wörd", "abcdef123", signature, "gAAAAAB")...)
		check.Has(t, "what is left of "+text, e.Message, "refused")
	}
	keep := "Subnet 7a10c0de-0002-4000-8000-000000000010 of project " + "5f0c1d2e3a4b4c5d8e9f001122334455" + " was not found"
	check.Equal(t, "what is no secret", keep, r.Clean(keep))
}

func TestMessagesAreShortValidAndOnOneLine(t *testing.T) {
	e := statusErrorOf(&Redactor{}, 500, http.Header{"X-Request-Id": {"evil\nid"}}, `{"code":"x","message":"`+strings.Repeat(`é\n\u0007 `, 1000)+`"}`)
	if len(e.Message) > 256 || !utf8.ValidString(e.Error()) || strings.ContainsAny(e.Error(), "\n\r\a") || e.RequestID != "" {
		t.Errorf("got %d bytes: %q", len(e.Message), e.Error())
	}
	deep := strings.Repeat(`{"a":`, 1000) + `1` + strings.Repeat(`}`, 1000)
	check.Fails(t, "deep JSON", statusErrorOf(&Redactor{}, 500, nil, deep), "JSON without an error in it")
	if e := statusErrorOf(&Redactor{}, 500, nil, "\xff\xfe bad"); !utf8.ValidString(e.Error()) {
		t.Errorf("got %q", e.Error())
	}
	check.Equal(t, "a value of a megabyte, of which the end is not read", `"[redacted]"`, QuoteValue(strings.Repeat("a", 1<<20)+" end"))
}

func TestAFailureHasAClassAndSaysWhetherTheRequestWasSent(t *testing.T) {
	untrusted := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	for _, test := range []struct {
		err   error
		class string
		sent  bool
	}{
		{context.DeadlineExceeded, ClassTimeout, true},
		{ErrTimeout, ClassTimeout, true},
		{&net.OpError{Op: "dial", Err: timeoutError{}}, ClassTimeout, false},
		{&NotSentError{Err: context.DeadlineExceeded}, ClassTimeout, false},
		{context.Canceled, ClassCanceled, true},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host"}}, ClassDNS, false},
		{&net.DNSError{IsTimeout: true}, ClassDNS, false},
		{untrusted, ClassTLS, false},
		{x509.HostnameError{Certificate: &x509.Certificate{}}, ClassTLS, false},
		{tls.RecordHeaderError{}, ClassTLS, false},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")}, ClassTLS, true}, // TLS 1.3: after the request
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, ClassConnection, false},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, ClassConnection, true},
		{io.EOF, ClassConnection, true},
		{errors.New("http: server closed idle connection"), ClassConnection, true},
		{io.ErrUnexpectedEOF, ClassBody, true},
		{ErrTooLarge, ClassBody, true},
		{errors.New("malformed HTTP response"), ClassOther, true},
	} {
		class := ClassOf(fmt.Errorf("get: %w", test.err))
		e := NewTransportError("vpc", "assign_private_ip", class, fmt.Errorf("post: %w", test.err), (&Redactor{}).Clean)
		check.Equal(t, fmt.Sprint("class of ", test.err), test.class, class)
		check.Equal(t, fmt.Sprint("sent in spite of ", test.err), test.sent, e.Sent)
	}
}
