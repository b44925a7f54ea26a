package cloudapi

import (
	"context"
	"net/http"
)

type requestIDKey struct{}

// WithRequestID returns a context under which each answer of a cloud writes its
// request id to id, so that a journal can name it. Use it for one call at a time.
func WithRequestID(ctx context.Context, id *string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

func noteRequestID(ctx context.Context, h http.Header) {
	if to, ok := ctx.Value(requestIDKey{}).(*string); ok {
		*to = requestID(h)
	}
}
