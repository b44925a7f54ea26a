package apierr

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// EndpointError says that the catalogue has a service, and has it elsewhere than where
// it was looked for.
type EndpointError struct {
	Wrong string // what was chosen wrongly: region or interface
	Err   error
}

func (e *EndpointError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
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
