package apierr

import (
	"errors"
	"fmt"
	"testing"
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
		if got := CauseOf(test.a) == CauseOf(test.b); got != test.same {
			t.Errorf("%s: %q and %q", test.name, CauseOf(test.a), CauseOf(test.b))
		}
	}
}
