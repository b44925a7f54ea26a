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
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
)

func statusErrorOf(code int, header http.Header, body string) *StatusError {
	return statusErrorWith(&Redactor{}, code, header, body)
}

func statusErrorWith(r *Redactor, code int, header http.Header, body string) *StatusError {
	if header == nil {
		header = http.Header{}
	}
	return FromResponse("vpc", "list_ports", &http.Response{StatusCode: code, Header: header, Body: io.NopCloser(strings.NewReader(body))}, r.Clean)
}

func TestA404IsNotAlwaysAboutTheThingAskedFor(t *testing.T) {
	for body, want := range map[string]Absence{
		"<html><title>404</title></html>":                               NotAbsent,
		`{"error_code":"APIGW.0101","error_msg":"The API is not here"}`: NotAbsent,
		"":                                  LikelyAbsent,
		"404 page not found":                LikelyAbsent,
		"{}":                                LikelyAbsent,
		`{"code":"VPC.0704","message":"m"}`: ProvenAbsent,
		`{"error":{"code":404,"message":"m","title":"Not Found"}}`:             LikelyAbsent,
		`{"fault":{"code":900901,"message":"m"}}`:                              LikelyAbsent,
		`{"message":"no Route matched with those values"}`:                     LikelyAbsent,
		`{"status":404,"error":"Not Found","message":"No handler","path":"/"}`: LikelyAbsent,
		`{"code":"404 Not Found","title":"Not Found","message":"m"}`:           LikelyAbsent,
		`{"type":"HTTPNotFound","message":"m","detail":""}`:                    LikelyAbsent,
		`{"NeutronError":{"type":"PortNotFound","message":"m"}}`:               ProvenAbsent,
		`{"itemNotFound":{"code":404,"message":"m"}}`:                          ProvenAbsent,
	} {
		err := fmt.Errorf("wrapped: %w", statusErrorOf(404, nil, body))
		check.Equal(t, body, want, AbsenceOf(err))
	}
	check.Equal(t, "a 500", NotAbsent, AbsenceOf(error(statusErrorOf(500, nil, `{"code":"VPC.0704","message":"m"}`))))
}

func TestErrorsOfAllShapesAreRead(t *testing.T) {
	for name, test := range map[string]struct {
		status        int
		body          string
		code, message string
	}{
		"VPC v1":                 {404, `{"code":"VPC.0202","message":"Query resource by id fail."}`, "VPC.0202", "Query resource by id fail."},
		"VPC v1 passing Neutron": {409, `{"code":"VPC.0602","message":"{\"NeutronError\":{\"message\":\"in use\",\"type\":\"IpAddressInUse\",\"detail\":\"\"}}"}`, "VPC.0602", "in use"},
		"gateway":                {401, `{"error_msg":"The throttling","error_code":"APIGW.0308","request_id":"r"}`, "APIGW.0308", "The throttling"},
		"Workspace":              {403, `{"error_code":"WKS.0001","error_msg":"no","error_detail":"d","encoded_authorization_message":"xxxx"}`, "WKS.0001", "no"},
		"ECS":                    {400, `{"error":{"code":"Ecs.0005","message":"bad"}}`, "Ecs.0005", "bad"},
		"ECS turned round":       {400, `{"error":{"code":"request body is illegal.","message":"Ecs.0005"}}`, "Ecs.0005", "request body is illegal."},
		"Keystone":               {401, `{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}`, "", "The request you have made requires authentication."},
		"IAM":                    {400, `{"error_msg":"no","error_code":"IAM.0001"}`, "IAM.0001", "no"},
		"IAM, a number":          {400, `{"error_msg":"no","error_code":1100}`, "1100", "no"},
		"Nova":                   {404, `{"itemNotFound":{"code":404,"message":"Instance x could not be found."}}`, "itemNotFound", "Instance x could not be found."},
		"Nova, computeFault":     {500, `{"computeFault":{"code":500,"message":"m"}}`, "computeFault", "m"},
		"Neutron":                {404, `{"NeutronError":{"type":"PortNotFound","message":"Port x could not be found.","detail":""}}`, "PortNotFound", "Port x could not be found."},
		"Neutron, a text":        {400, `{"NeutronError":"bad"}`, "NeutronError", "bad"},
		"hidden by policy":       {404, `{"type":"HTTPNotFound","message":"The resource could not be found.","detail":""}`, "HTTPNotFound", "The resource could not be found."},
		"batch":                  {500, `{"error":{},"internalError":[{"id":"x","error_code":"VPC.0001","error_message":"m"}]}`, "VPC.0001", "m"},
		"HTML":                   {502, "<html><head><title>502 Bad &amp; Gateway</title></head></html>", "", "an HTML page: 502 Bad & Gateway"},
		"HTML without title":     {502, "<!DOCTYPE html>", "", "an HTML or XML page:"},
		"empty":                  {504, "", "", ""},
		"text":                   {503, "upstream\nconnect\terror", "", "upstream connect error"},
		"null":                   {500, "null", "", "null"},
		"other JSON":             {500, `{"a":[1,2,{"b":null}]}`, "", "JSON without an error in it"},
		"cut JSON":               {500, `{"code":"VPC.01`, "", "JSON without an error in it"},
		"deep JSON":              {500, strings.Repeat(`{"a":`, 1000) + `1` + strings.Repeat(`}`, 1000), "", "JSON without an error in it"},
	} {
		e := statusErrorOf(test.status, nil, test.body)
		if e.Code != test.code || e.Message != test.message || e.Status != test.status {
			t.Errorf("%s: got code %q, message %q", name, e.Code, e.Message)
		}
	}
}

func TestRecordedErrorsAreRead(t *testing.T) {
	for name, want := range map[string]string{
		"keystone-token-wrong-password-401": "",
		"neutron-bad-token-401":             "",
		"neutron-port-unknown-404":          "PortNotFound",
		"neutron-over-quota-409":            "OverQuota",
		"neutron-ip-in-use-409":             "IpAddressAlreadyAllocated",
		"nova-server-unknown-404":           "itemNotFound",
	} {
		body, code := scripted.Recorded(t, "../../testdata/openstack", name)
		if e := statusErrorOf(code, nil, body); e.Code != want || e.Message == "" || e.Status != code {
			t.Errorf("%s: got %+v", name, e)
		}
	}
}

func TestAnErrorSaysWhatWasTriedAndWhatToDo(t *testing.T) {
	e := statusErrorOf(403, http.Header{"X-Request-Id": {"req-1"}}, `{"code":"VPC.2701","message":"Policy doesn't allow <vpc:ports:list> to be performed"}`)
	want := "list ports: vpc answered 403 Forbidden (VPC.2701): Policy doesn't allow <vpc:ports:list> to be performed [request req-1]: grant this credential the permission to do so"
	check.Equal(t, "the error", want, e.Error())
	for code, advice := range map[int]string{302: "redirects are not followed", 401: "credential", 429: "limits.requests_per_second"} {
		check.Fails(t, http.StatusText(code), statusErrorOf(code, nil, ""), advice)
	}
	check.Fails(t, "no API", statusErrorOf(404, nil, `{"error_code":"APIGW.0101","error_msg":"The API does not exist"}`), "check region and endpoints")
}

func TestQuestionsAboutErrors(t *testing.T) {
	wrap := func(e error) error { return fmt.Errorf("collect: %w", e) }
	for name, test := range map[string]struct {
		err                                 error
		auth, missing, conflict, throttling bool
	}{
		"401":             {err: &StatusError{Status: 401}, auth: true},
		"403":             {err: &StatusError{Status: 403}, auth: true},
		"no secret":       {err: &AuthError{errors.New("x")}, auth: true},
		"404":             {err: &StatusError{Status: 404}, missing: true},
		"409":             {err: &StatusError{Status: 409}, conflict: true},
		"500 in use":      {err: &StatusError{Status: 500, Code: "VPC.0701"}, conflict: true},
		"429":             {err: &StatusError{Status: 429}, throttling: true},
		"quota":           {err: &StatusError{Status: 409, Code: "OverQuota"}, throttling: true},
		"503":             {err: &StatusError{Status: 503}},
		"transport error": {err: &TransportError{Class: ClassDNS, Err: errors.New("x")}},
	} {
		err := wrap(test.err)
		if IsAuth(err) != test.auth || IsStatus(err, 404) != test.missing || IsConflict(err) != test.conflict || IsThrottled(err) != test.throttling {
			t.Errorf("%s: got auth %v, not found %v, conflict %v, throttled %v", name, IsAuth(err), IsStatus(err, 404), IsConflict(err), IsThrottled(err))
		}
	}
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
		e := statusErrorWith(r, 401, nil, `{"error_code":"APIGW.0301","error_msg":`+fmt.Sprintf("%q", "refused: "+text)+`}`)
		for _, leak := range append(formsOf(secret), "wörd", "abcdef123", signature, "gAAAAAB") {
			if strings.Contains(e.Error(), leak) {
				t.Errorf("%q leaks %q: %s", text, leak, e)
			}
		}
		if !strings.Contains(e.Message, "refused") {
			t.Errorf("%q: too much was taken: %s", text, e)
		}
	}
	keep := "Subnet 7a10c0de-0002-4000-8000-000000000010 of project " + "5f0c1d2e3a4b4c5d8e9f001122334455" + " was not found"
	check.Equal(t, "what is no secret", keep, r.Clean(keep))
}

func TestASecretIsKnownAWhileAfterItsChange(t *testing.T) {
	r := &Redactor{}
	r.Know("token", "first-token")
	r.Know("token", "second-token")
	if got := r.Clean("first-token second-token"); strings.Contains(got, "-token") {
		t.Errorf("got %q", got)
	}
}

func TestMessagesAreShortValidAndOnOneLine(t *testing.T) {
	e := statusErrorOf(500, http.Header{"X-Request-Id": {"evil\nid"}}, `{"code":"x","message":"`+strings.Repeat(`é\n\u0007 `, 1000)+`"}`)
	if len(e.Message) > 256 || !utf8.ValidString(e.Error()) || strings.ContainsAny(e.Error(), "\n\r\a") || e.RequestID != "" {
		t.Errorf("got %d bytes: %q", len(e.Message), e.Error())
	}
	if e := statusErrorOf(500, nil, "\xff\xfe bad"); !utf8.ValidString(e.Error()) {
		t.Errorf("got %q", e.Error())
	}
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
		if class != test.class || e.Sent != test.sent {
			t.Errorf("%v: class %s, sent %v, want %+v", test.err, class, e.Sent, test)
		}
	}
}
