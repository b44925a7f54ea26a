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
	var dns *net.DNSError
	var network net.Error
	var transport *TransportError
	switch {
	case errors.As(err, &transport):
		return transport.Class
	case errors.Is(err, context.Canceled):
		return ClassCanceled
	case errors.As(err, &dns):
		return ClassDNS
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
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
	var alert tls.AlertError
	var op *net.OpError
	return isStranger(err) || errors.As(err, &alert) ||
		errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") ||
		strings.Contains(err.Error(), "tls: ") || strings.Contains(err.Error(), "HTTP response to HTTPS client")
}

// isStranger reports whether the server did not prove who it is.
func isStranger(err error) bool {
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &record) ||
		errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid)
}

// neverSent reports whether a request did not leave this machine: it waited in
// vain for its turn, or there was no name, no route, or a server that is not who
// it should be.
func neverSent(err error) bool {
	var waited *NotSentError
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &waited) || errors.As(err, &dns) ||
		errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || isStranger(err)
}

func isConnection(err error) bool {
	var op *net.OpError
	var errno syscall.Errno
	return errors.As(err, &op) || errors.As(err, &errno) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
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
