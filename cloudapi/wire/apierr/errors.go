// Package apierr has the errors of requests to a cloud: what a cloud refused, what
// got no answer, and what could not be read. Their texts hold no credential.
package apierr

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"cloudip_exporter/text"
)

// TransportError says that a request got no complete answer.
type TransportError struct {
	Class     string // timeout, canceled, dns, tls, connection, body or other
	Service   string
	Operation string
	Sent      bool // the cloud may have got the request
	Err       error

	text string // of Err, without credentials
}

// Error names the operation and what broke.
func (e *TransportError) Error() string {
	text := e.text
	if text == "" {
		text = e.Err.Error()
	}
	return fmt.Sprintf("%s: %s gave no answer (%s): %s", Spoken(e.Operation), e.Service, e.Class, text)
}

// NewTransportError describes err, without credentials: clean takes them out.
func NewTransportError(service, operation, class string, err error, clean func(string) string) *TransportError {
	shown := err.Error()
	if class == ClassOther || class == ClassBody {
		shown = quotation.ReplaceAllString(shown, redacted)
	}
	return &TransportError{Class: class, Service: service, Operation: operation, Sent: !neverSent(err), Err: err, text: text.Clip(clean(shown), 256)}
}

// quotation is how net/http repeats what it could not understand, such as a
// status line: it may be the end of the answer before, with a token in it.
var quotation = regexp.MustCompile(`"(\\.|[^"\\])*"?`)

func (e *TransportError) Unwrap() error { return e.Err }

// AuthError says that no credential could be had: a secret that cannot be
// read, a refused login, a project that the credential does not see.
type AuthError struct{ Err error }

func (e *AuthError) Error() string { return e.Err.Error() }

func (e *AuthError) Unwrap() error { return e.Err }

// NotSentError says that a request waited in vain for its turn.
type NotSentError struct{ Err error }

func (e *NotSentError) Error() string { return "not sent: " + e.Err.Error() }

func (e *NotSentError) Unwrap() error { return e.Err }

// AnswerError says that a cloud answered a call with a success status and a
// body that is not the answer: a login page, half a list, a list in a circle.
type AnswerError struct {
	Service, Operation string
	ContentType        string
	Err                error
}

// Error names the operation and what is wrong with the answer.
func (e *AnswerError) Error() string {
	text := fmt.Sprintf("%s: answer of %s: %v", Spoken(e.Operation), e.Service, e.Err)
	if e.ContentType == "" || strings.Contains(e.ContentType, "json") {
		return text
	}
	return fmt.Sprintf("%s; its content type is %s: is the endpoint right, and is there a proxy or login page before it?",
		text, QuoteValue(e.ContentType))
}

func (e *AnswerError) Unwrap() error { return e.Err }

// ItemError says that one item of a listing could not be read. The listing goes on.
type ItemError struct {
	Kind string // what the item is: port, subnet, ...
	ID   string // its id, when that much could be read
	Err  error
}

func (e *ItemError) Error() string {
	return fmt.Sprintf("%s %s: %v", e.Kind, QuoteValue(e.ID), e.Err)
}

func (e *ItemError) Unwrap() error { return e.Err }

// IDError says that a text cannot be the id of anything, so that no cloud was
// asked for it.
type IDError struct{ ID string }

func (e *IDError) Error() string { return text.Quote(e.ID) + " cannot be an id" }

// ErrForeign says that a private IP is there, but in another project.
var ErrForeign = errors.New("it belongs to another project")

// Is reports whether err is, or wraps, an E.
func Is[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}

// ErrAgain stands in a listing that changed too much while it was read: all
// items come again, from the first, and those so far should be forgotten.
var ErrAgain = errors.New("the listing begins again")

// Spoken turns list_ports into "list ports".
func Spoken(operation string) string { return strings.ReplaceAll(operation, "_", " ") }

// QuoteValue is text.Quote for a value that a cloud chose freely. What is long enough
// to be a token is not repeated: clouds echo what they were sent. Only the beginning is
// read: a value may have megabytes.
func QuoteValue(value string) string {
	return text.Quote(opaque.ReplaceAllString(value[:min(len(value), 1<<10)], redacted))
}

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
	return Is[*AuthError](err) || IsStatus(err, http.StatusUnauthorized, http.StatusForbidden)
}

// Absence says how sure it is that what was asked for does not exist.
type Absence int

// The values are in order: what holds for a likely absence holds for a proven one.
const (
	NotAbsent    Absence = iota // nothing says so
	LikelyAbsent                // 404, perhaps of a proxy
	ProvenAbsent                // by a code of the service's own
)

// codeNetworkDeleted comes with status 400.
const codeNetworkDeleted = "VPC.2302"

// AbsenceOf returns the absence that err is about.
func AbsenceOf(err error) Absence {
	if e, ok := errors.AsType[*StatusError](err); ok {
		return e.Absence()
	}
	return NotAbsent
}

// Absence returns how sure the answer makes it that the thing asked for does not
// exist. An HTML page and a gateway that does not know the API say nothing of it. A
// text alone may be a proxy's, and HTTPNotFound is Neutron's code for an unknown path:
// they are no proof.
func (e *StatusError) Absence() Absence {
	switch {
	case e.Code == codeNetworkDeleted:
		return ProvenAbsent
	case e.Status != http.StatusNotFound, e.Page, IsGatewayCode(e.Code):
		return NotAbsent
	case e.Code != "HTTPNotFound" && (serviceCode.MatchString(e.Code) || strings.HasSuffix(e.Code, "NotFound")):
		return ProvenAbsent
	}
	return LikelyAbsent
}

// IsGatewayCode reports whether a code is the API gateway's, not a service's.
func IsGatewayCode(code string) bool {
	return strings.HasPrefix(code, "APIGW.") || strings.HasPrefix(code, "APIG.") || strings.HasPrefix(code, "APIC.")
}
