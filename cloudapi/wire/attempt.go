package wire

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Attempt is what the stages of the transport know of a request beyond HTTP.
type Attempt struct {
	Service, Operation string
	// BeforeSend is asked when the request's turn has come; its error ends the
	// request unsent. nil: send it.
	BeforeSend func() error
	// HintRefused says what to do when the service refuses the credential; "" for
	// the usual advice.
	HintRefused string

	base   *url.URL // the configured address: no credential goes elsewhere
	labels func() (cloud, project string)
	tries  *int // how often the call was sent; nil: a POST
	resent bool // after a 401, with another credential
}

type attemptKey struct{}

// AttemptOf returns what is known of a request that a Client made.
func AttemptOf(req *http.Request) *Attempt { return req.Context().Value(attemptKey{}).(*Attempt) }

// ResendOnce reports whether a request that was refused may be sent once more
// with another credential, and counts it among the tries of its call.
func (x *Attempt) ResendOnce() bool {
	if x.resent {
		return false
	}
	x.resent = true
	if x.tries != nil {
		*x.tries++
	}
	return true
}

// checkOrigin refuses a request to another origin than the configured one.
func (x *Attempt) checkOrigin(u *url.URL) error {
	if u.Scheme == x.base.Scheme && u.Host == x.base.Host {
		return nil
	}
	return fmt.Errorf("credentials of %s://%s are not sent to %s://%s", x.base.Scheme, x.base.Host, u.Scheme, u.Host)
}

// Rewound returns a copy of a request with its body at the beginning, to put a
// credential on.
func Rewound(req *http.Request) (*http.Request, error) {
	c := req.Clone(req.Context())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		c.Body = body
	}
	return c, nil
}

type requestIDKey struct{}

// WithRequestID returns a context under which each answer of a cloud writes its
// request id to id, so that a journal can name it. Use it for one call at a time.
func WithRequestID(ctx context.Context, id *string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}
