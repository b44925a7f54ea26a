package apierr

import (
	"net/http"
	"strings"
	"testing"
)

func TestASecondFactorThatIsWantedIsNamed(t *testing.T) {
	for body, want := range map[string]string{
		`{}`: "second factor: use an application credential",
		`{"receipt":{"methods":["password"]},"required_auth_methods":[["password","totp"]]}`: "second factor (totp): use",
	} {
		if got := statusErrorOf(401, http.Header{"Openstack-Auth-Receipt": {"r"}}, body).Error(); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
}

func TestOfAPageTheTitleOrTheTextIsShown(t *testing.T) {
	for body, want := range map[string]string{
		`<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>no &amp; never</Message></Error>`: "an HTML or XML page: AccessDenied no & never",
		`<html><head><title>Sign in</title></head></html>`:                                                                "an HTML page: Sign in",
		`<h1>502 Bad Gateway</h1>`: "an HTML or XML page: 502 Bad Gateway",
	} {
		if e := statusErrorOf(502, nil, body); e.Message != want || !e.Page || e.Code != "" {
			t.Errorf("%s: got %+v, want %q", body, e, want)
		}
	}
}
