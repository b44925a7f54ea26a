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
func Run(ctx context.Context, c Collector, src *Source) (*inventory.Part, error) {
	var part *inventory.Part
	err := guard(func() (err error) {
		part, err = c.Fetch(ctx, src)
		return err
	})
	return part, err
}

// guard turns a panic of f into an error; each goroutine needs one of its own.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return f()
}
