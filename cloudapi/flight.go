package cloudapi

import (
	"context"
	"fmt"
)

// guarded makes a panic an error: nobody stands above this goroutine.
func guarded[T any](ctx context.Context, call func(context.Context) (T, error)) (value T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return call(ctx)
}
