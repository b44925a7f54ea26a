package cloudapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// ItemError says that one item of a listing could not be read. The listing goes on.
type ItemError struct {
	Kind string // what the item is: port, subnet, ...
	ID   string // its id, when that much could be read
	Err  error
}

func (e *ItemError) Error() string {
	return fmt.Sprintf("%s %s: %v", e.Kind, clipValue(e.ID), e.Err)
}

func (e *ItemError) Unwrap() error { return e.Err }

// IDError says that a text cannot be the id of anything, so that no cloud was
// asked for it.
type IDError struct{ ID string }

func (e *IDError) Error() string { return clip(e.ID) + " cannot be an id" }

// StatusError is an answer of a cloud other than 2xx. Its texts are cut and
// hold no credential, so that it may be shown and logged.
type StatusError struct {
	Status     int    // HTTP status
	Code       string // the cloud's own: VPC.0202, APIGW.0301, PortNotFound, itemNotFound; "" when it told none
	Message    string // the cloud's own, at most 256 bytes
	RequestID  string // to quote to the cloud's support
	Service    string // iam, vpc, network, compute, bms, workspace
	Operation  string // list_ports, ...
	RetryAfter time.Duration

	hint string // what to do, when more is known than the status tells
	page bool   // as an HTML page: by a proxy or a gateway, not by the service
}

// Error names the operation, the answer, and what to do where somebody can do
// something.
func (e *StatusError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s answered %d", spoken(e.Operation), e.Service, e.Status)
	if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " (%s)", e.Code)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " [request %s]", e.RequestID)
	}
	if advice := e.advice(); advice != "" {
		b.WriteString(": " + advice)
	}
	return b.String()
}

func (e *StatusError) advice() string {
	switch {
	case e.hint != "":
		return e.hint
	case e.Status >= 300 && e.Status < 400:
		return "redirects are not followed: write the right address of this service into endpoints (or auth.url)"
	case e.Status == http.StatusUnauthorized:
		return "the credential was refused: check it, its project and its region"
	case e.Status == http.StatusForbidden:
		return "grant this credential the permission to do so"
	case e.Status == http.StatusNotFound && strings.HasSuffix(e.Code, ".0101") && isGatewayCode(e.Code):
		return "this host does not publish that API: check region and endpoints"
	case e.Status == http.StatusTooManyRequests:
		return "lower limits.requests_per_second or collect less often"
	}
	return ""
}

// TransportError says that a request got no complete answer.
type TransportError struct {
	Class     string // timeout, canceled, dns, tls, connection, body or other
	Service   string
	Operation string
	Err       error

	text string // of Err, scrubbed
}

// Error names the operation and what broke.
func (e *TransportError) Error() string {
	text := e.text
	if text == "" {
		text = e.Err.Error()
	}
	return fmt.Sprintf("%s: %s gave no answer (%s): %s", spoken(e.Operation), e.Service, e.Class, text)
}

func (e *TransportError) Unwrap() error { return e.Err }

// AuthError says that no credential could be had: a secret that cannot be
// read, a refused login, a project that the credential does not see.
type AuthError struct{ Err error }

func (e *AuthError) Error() string { return e.Err.Error() }

func (e *AuthError) Unwrap() error { return e.Err }

// IsStatus reports whether err is an answer with one of the HTTP statuses.
func IsStatus(err error, statuses ...int) bool {
	e, ok := errors.AsType[*StatusError](err)
	return ok && slices.Contains(statuses, e.Status)
}

// IsCode reports whether err is an answer with one of the cloud's own codes,
// such as VPC.2302.
func IsCode(err error, codes ...string) bool {
	e, ok := errors.AsType[*StatusError](err)
	return ok && slices.Contains(codes, e.Code)
}

// IsAuth reports whether err is about the credential or its permissions.
func IsAuth(err error) bool {
	if _, ok := errors.AsType[*AuthError](err); ok {
		return true
	}
	return IsStatus(err, http.StatusUnauthorized, http.StatusForbidden)
}

// IsNotFound reports whether the cloud does not know what was asked for.
func IsNotFound(err error) bool { return IsStatus(err, http.StatusNotFound) }

// IsVanished is IsNotFound where nothing says that it is not the service that
// answers: an HTML page, or a gateway that does not know the API at all.
func IsVanished(err error) bool {
	e, ok := errors.AsType[*StatusError](err)
	return ok && e.Status == http.StatusNotFound && !e.page && !isGatewayCode(e.Code)
}

// IsGone is IsNotFound as proof: with a code of the service's own, VPC.0704 or
// PortNotFound. A text alone may be a proxy's, and HTTPNotFound is Neutron's for a
// path it does not know.
func IsGone(err error) bool {
	e, ok := errors.AsType[*StatusError](err)
	return ok && IsVanished(err) && e.Code != "HTTPNotFound" &&
		(serviceCode.MatchString(e.Code) || strings.HasSuffix(e.Code, "NotFound"))
}

// IsThrottled reports whether the cloud refused for the rate of requests or
// for a quota.
func IsThrottled(err error) bool {
	return IsStatus(err, http.StatusTooManyRequests) || IsCode(err, "OverQuota", "overLimit")
}

// IsConflict reports whether the state of the cloud forbids what was asked
// for: the address is taken, the object is in use.
func IsConflict(err error) bool {
	if IsThrottled(err) {
		return false
	}
	return IsStatus(err, http.StatusConflict) || IsCode(err, "VPC.0701", "VPC.0703", "VPC.0707")
}

// spoken turns list_ports into "list ports".
func spoken(operation string) string { return strings.ReplaceAll(operation, "_", " ") }

// isGatewayCode tells the API gateway's codes from those of the services.
func isGatewayCode(code string) bool {
	return strings.HasPrefix(code, "APIGW.") || strings.HasPrefix(code, "APIG.") || strings.HasPrefix(code, "APIC.")
}
