package apierr

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
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
