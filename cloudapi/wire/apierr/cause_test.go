package apierr

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"cloudip_exporter/test/check"
)

func TestErrorsOfOneOutageHaveOneCause(t *testing.T) {
	status := func(operation string, status int, code, request string) error {
		return &StatusError{Operation: operation, Status: status, Code: code, RequestID: request}
	}
	broken := func(operation, class string) error {
		return fmt.Errorf("count: %w", &TransportError{Operation: operation, Class: class, Err: errors.New(operation)})
	}
	region := func(service string) error { return &EndpointError{"region", errors.New(service + " is elsewhere")} }
	for _, test := range []struct {
		name string
		a, b error
		same bool
	}{
		{"one wrong region", region("network"), fmt.Errorf("list: %w", region("compute")), true},
		{"a wrong region and a wrong interface", region("network"), &EndpointError{"interface", errors.New("network is elsewhere")}, false},
		{"no connection", broken("list_ports", ClassConnection), broken("list_servers", ClassConnection), true},
		{"no connection and no name", broken("list_ports", ClassConnection), broken("list_servers", ClassDNS), false},
		{"two bodies that break off", broken("list_ports", ClassBody), broken("list_servers", ClassBody), false},
		{"a gateway that is down", status("list_ports", 503, "", "1"), status("list_servers", 503, "", "2"), true},
		{"a refused login", &AuthError{status("create_token", 401, "", "1")}, &AuthError{status("create_token", 401, "", "2")}, true},
		{"two extensions that are not there", status("list_quotas", 404, "", "1"), status("list_address_groups", 404, "", "2"), false},
		{"one listing, asked twice", status("list_ports", 404, "X", "1"), fmt.Errorf("count: %w", status("list_ports", 404, "X", "2")), true},
		{"two permissions", status("list_ports", 403, "", ""), status("list_servers", 403, "", ""), false},
		{"a pause", &NotSentError{errors.New("1 s")}, &NotSentError{errors.New("2 s")}, true},
		{"other errors", errors.New("a"), errors.New("b"), false},
	} {
		a, b := CauseOf(test.a), CauseOf(test.b)
		check.Equal(t, fmt.Sprintf("%s: %q and %q are one", test.name, a, b), test.same, a == b)
	}
}

func TestRetryAfterIsReadWithCare(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"1.5": 1500 * time.Millisecond, "1e30": MaxWait, "Inf": MaxWait, "NaN": -1, "-5": -1, "": -1,
		"Fri, 02 Jan 2026 03:05:05 GMT": time.Minute, "Fri, 02 Jan 2026 03:00:00 GMT": 0, "Fri, 01 Jan 2100 00:00:00 GMT": MaxWait,
	} {
		got, ok := RetryAfter(http.Header{"Retry-After": {text}}, now)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: got %v %v, want %v", text, got, ok, want)
		}
	}
}

// The one before stays a secret for a while: an answer to it may still be on its way.
func TestAPasswordThatBeginsAsTheOneBeforeIsTakenOutWhole(t *testing.T) {
	for range 20 { // the order of a map must not matter
		var r Redactor
		r.Know("password", "Sommer2024")
		r.Know("password", "Sommer2024!x9")
		check.Equal(t, "both passwords", "refused [redacted] after [redacted]", r.Clean("refused Sommer2024!x9 after Sommer2024"))
	}
}
