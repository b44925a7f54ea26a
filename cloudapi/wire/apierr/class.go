package apierr

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
)

// Classes of failed requests: values of the label code beside the HTTP statuses.
const (
	ClassTimeout    = "timeout"
	ClassCanceled   = "canceled"
	ClassDNS        = "dns"
	ClassTLS        = "tls"
	ClassConnection = "connection"
	ClassBody       = "body"
	ClassOther      = "other"
)

// ErrTooLarge is a body that grows beyond what is read.
var ErrTooLarge = errors.New("body of more than 64 MiB: lower limits.page_size")

// ErrTimeout is the end of http.timeout, as opposed to the caller's deadline.
var ErrTimeout error = timeoutError{}

type timeoutError struct{}

func (timeoutError) Error() string        { return "no complete answer within http.timeout" }
func (timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// ClassOf sorts an error by what broke.
func ClassOf(err error) string {
	network, ofNetwork := errors.AsType[net.Error](err)
	transport, described := errors.AsType[*TransportError](err)
	switch {
	case described:
		return transport.Class
	case errors.Is(err, context.Canceled):
		return ClassCanceled
	case Is[*net.DNSError](err):
		return ClassDNS
	case errors.Is(err, context.DeadlineExceeded), ofNetwork && network.Timeout():
		return ClassTimeout
	case isTLS(err):
		return ClassTLS
	case errors.Is(err, ErrTooLarge), errors.Is(err, io.ErrUnexpectedEOF):
		return ClassBody
	case isConnection(err):
		return ClassConnection
	}
	return ClassOther
}

func isTLS(err error) bool {
	return isStranger(err) || Is[tls.AlertError](err) || isOperation(err, "remote error", "local error") ||
		strings.Contains(err.Error(), "tls: ") || strings.Contains(err.Error(), "HTTP response to HTTPS client")
}

// isStranger reports whether the server did not prove who it is.
func isStranger(err error) bool {
	return Is[*tls.CertificateVerificationError](err) || Is[tls.RecordHeaderError](err) ||
		Is[x509.UnknownAuthorityError](err) || Is[x509.HostnameError](err) || Is[x509.CertificateInvalidError](err)
}

func isOperation(err error, names ...string) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && slices.Contains(names, op.Op)
}

// neverSent reports whether a request did not leave this machine: it waited in
// vain for its turn, or there was no name, no route, or a server that is not who
// it should be.
func neverSent(err error) bool {
	return Is[*NotSentError](err) || Is[*net.DNSError](err) || isOperation(err, "dial", "proxyconnect") || isStranger(err)
}

func isConnection(err error) bool {
	return Is[*net.OpError](err) || Is[syscall.Errno](err) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		// net/http has no type for the end of an idle connection.
		strings.Contains(err.Error(), "server closed idle connection") || strings.Contains(err.Error(), "http2: ")
}

// EndpointError says that the catalogue has a service, and has it elsewhere than where
// it was looked for.
type EndpointError struct {
	Wrong string // what was chosen wrongly: region or interface
	Err   error
}

func (e *EndpointError) Error() string { return e.Err.Error() }

func (e *EndpointError) Unwrap() error { return e.Err }

// CauseOf returns a text that errors of several requests share where one fault, such as
// an outage, is behind them.
func CauseOf(err error) string {
	if e, ok := errors.AsType[*EndpointError](err); ok {
		return e.Wrong
	}
	if _, ok := errors.AsType[*NotSentError](err); ok {
		return "not sent"
	}
	if e, ok := errors.AsType[*TransportError](err); ok {
		if e.Class == ClassBody || e.Class == ClassOther {
			return e.Class + " " + e.Operation
		}
		return e.Class
	}
	if e, ok := errors.AsType[*StatusError](err); ok {
		if e.Status >= 500 || e.Status == http.StatusUnauthorized || e.Status == http.StatusTooManyRequests {
			return fmt.Sprint(e.Status, " ", e.Code)
		}
		return fmt.Sprint(e.Status, " ", e.Code, " ", e.Operation) // the request id differs
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return ClassTimeout
	}
	return err.Error()
}
