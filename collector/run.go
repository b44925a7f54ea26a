package collector

import (
	"context"
	"fmt"
	"runtime/debug"

	"cloudip_exporter/inventory"
)

// PanicError is a panic while collecting. It is a bug of this program, but it
// costs no more than that collector's answer.
type PanicError struct {
	Value any
	Stack []byte // for logs only
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("collecting panicked, please report it: %v", e.Value)
}

// Run fetches one complete answer of a collector. A panic becomes a *PanicError.
func Run(ctx context.Context, c Collector, src *Source) (part *inventory.Part, err error) {
	defer catch(&err)
	return c.Fetch(ctx, src)
}

// catch, deferred, turns a panic into an error. Each goroutine needs its own.
func catch(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Value: v, Stack: debug.Stack()}
	}
}
