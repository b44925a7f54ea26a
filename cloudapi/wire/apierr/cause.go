package apierr

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// RegionError says that a service of a cloud is not in the region that was chosen,
// or that none was chosen of several.
type RegionError struct{ Err error }

func (e *RegionError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *RegionError) Unwrap() error { return e.Err }

// CauseOf returns a text that errors of several requests share where one fault, such as
// an outage, is behind them.
func CauseOf(err error) string {
	if _, ok := errors.AsType[*RegionError](err); ok {
		return "region"
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
