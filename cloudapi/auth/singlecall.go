package auth

import (
	"context"
	"fmt"

	"golang.org/x/sync/singleflight"
)

// singleCall makes one call for all who ask for it at the same time: one login,
// one lookup of a name. The call goes on when the caller that started it
// leaves, until the deadline of that caller.
type singleCall[T any] struct{ group singleflight.Group }

func (s *singleCall[T]) do(ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	var zero T
	answer := s.group.DoChan("", func() (value any, err error) {
		defer func() { // a panic here would end the process
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v", r)
			}
		}()
		ctx, cancel := withoutCancel(ctx)
		defer cancel()
		return call(ctx)
	})
	select {
	case <-ctx.Done():
		return zero, context.Cause(ctx)
	case a := <-answer:
		if a.Err != nil {
			return zero, a.Err
		}
		return a.Val.(T), nil
	}
}

// withoutCancel returns ctx without its end but with its deadline.
func withoutCancel(ctx context.Context) (context.Context, context.CancelFunc) {
	free := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(free, deadline)
	}
	return free, func() {}
}
