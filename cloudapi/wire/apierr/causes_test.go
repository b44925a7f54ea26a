package apierr

import (
	"net/http"
	"strings"
	"testing"
)

func TestASecondFactorThatIsWantedIsNamed(t *testing.T) {
	receipt := http.Header{receiptHeader: {"r"}}
	for _, test := range []struct {
		header     http.Header
		body, want string
	}{
		{receipt, `{"receipt":{"methods":["password"]},"required_auth_methods":[["totp","password"]]}`, "second factor is wanted: totp:"},
		{nil, `{"receipt":{"methods":["password"]},"required_auth_methods":[["password","totp","webauthn"]]}`, "wanted: totp and webauthn:"},
		{receipt, `{"receipt":{"methods":["password"]},"required_auth_methods":[["totp","password"],["password","mapped"]]}`, "wanted: totp, or mapped:"},
		{receipt, `{"receipt":{"methods":["totp"],"user":null},"required_auth_methods":[["totp","password"]]}`, "wanted: password:"},
		{receipt, `{}`, "use an application credential"},
		{receipt, ``, "use an application credential"},
	} {
		if got := statusErrorOf(401, test.header, test.body).Error(); !strings.Contains(got, test.want) || !strings.Contains(got, "application credential") {
			t.Errorf("%s: got %q, want %q in it", test.body, got, test.want)
		}
	}
}

func TestErrorsInXMLAreRead(t *testing.T) {
	for body, want := range map[string]Fault{
		`<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>no &amp; never</Message><RequestId>r</RequestId></Error>`: {Code: "AccessDenied", Message: "no & never", Page: true},
		`<itemNotFound code="404" xmlns="http://docs.openstack.org/compute/api/v1.1"><message>Instance gone</message></itemNotFound>`:             {Message: "Instance gone", Page: true},
		`<computeFault code="500"><message>broken</message></computeFault>`:                                                                       {Code: "computeFault", Message: "broken", Page: true},
		`<s:Envelope xmlns:s="x"><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>down</faultstring></s:Fault></s:Body></s:Envelope>`: {Code: "s:Server", Message: "down", Page: true},
		"<?xml version='1.0' encoding='GBK'?>\n<error><error_code>APIGW.0301</error_code><error_msg>cut":                                          {Code: "APIGW.0301", Message: "cut", Page: true},
		`<?xml version="1.0"?><ports/>`: {Message: "XML without an error in it", Page: true},
		`<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "y"><html><head><title>Sign in</title></head></html>`: {Message: "an HTML page: Sign in", Page: true},
		`<html><body><code>x</code></body></html>`:                                                            {Message: "an HTML page", Page: true},
		`<h1>502 Bad Gateway</h1>`: {Message: "an HTML page", Page: true},
	} {
		if got := ParseFault([]byte(body)); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", body, got, want)
		}
	}
}
