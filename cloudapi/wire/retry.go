package wire

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
)

const (
	maxTries  = 3
	retryBase = 200 * time.Millisecond
	retryCap  = 5 * time.Second
)

// retrier is the outermost stage of the transport: it tries a GET again where
// that can help, within the deadline of its context. It lets no credential out
// of the origin that was configured.
type retrier struct {
	limiter    *Limiter
	metrics    *Metrics
	credential Credential
	next       http.RoundTripper
}

// RoundTrip sends a request until it succeeds or trying again cannot help.
func (r retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	x := AttemptOf(req)
	if err := x.checkOrigin(req.URL); err != nil {
		return nil, err
	}
	if req.Method != http.MethodGet {
		return r.credential.Send(req, r.next) // it may have taken effect
	}
	if x.tries == nil {
		x.tries = new(int)
	}
	if *x.tries > 0 {
		r.metrics.retry(x, reasonBody)
	}
	for try := 1; ; try++ {
		*x.tries++
		resp, err := r.credential.Send(req, r.next)
		if err == nil && resp.StatusCode < 400 {
			r.limiter.succeeded(try)
			return resp, nil
		}
		wait, reason := retryReason(resp, err)
		if reason == "" || *x.tries >= maxTries || passes(req, wait) {
			return resp, err
		}
		if reason != reasonThrottled && !r.limiter.takeRetry() {
			return resp, err
		}
		if resp != nil {
			resp.Body.Close()
		}
		r.metrics.retry(x, reason)
		// After a 429 the limiter holds back this request like all others.
		if reason == reasonThrottled {
			continue
		}
		if err := Sleep(req.Context(), max(wait, jitter(try))); err != nil {
			return nil, err
		}
	}
}

// Values of the label reason of cloudip_api_retries_total.
const (
	reasonThrottled    = "throttled"
	reasonServer       = "server_error"
	reasonConnection   = "connection"
	reasonTimeout      = "timeout"
	reasonUnauthorized = "unauthorized"
	reasonBody         = "body" // it broke off; who read it asked again
)

// retryReason says why a failed attempt should be tried again, "" where it should
// not, and how long the cloud asked to wait.
func retryReason(resp *http.Response, err error) (wait time.Duration, reason string) {
	if err != nil {
		return 0, retryReasonOf(err)
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		wait, _ = throttleWait(resp)
		return wait, reasonThrottled
	case transientStatus(resp.StatusCode):
		// By this code the next try will end alike, although the VPC API sends it with status
		// 500: the address is in use, the id is unknown.
		if strings.HasPrefix(apierr.ParseFault(Peek(resp)).Code, "VPC.07") {
			return 0, ""
		}
		wait, _ = apierr.RetryAfter(resp.Header, time.Now())
		return wait, reasonServer
	}
	return 0, ""
}

func retryReasonOf(err error) string {
	// It is the login that was refused or broke off, a POST, which is sent once: the next
	// collection tries again.
	if apierr.Is[*apierr.NotSentError](err) || answeredOrBroke(err) {
		return ""
	}
	switch apierr.ClassOf(err) {
	case apierr.ClassConnection, apierr.ClassDNS:
		return reasonConnection
	case apierr.ClassTimeout:
		return reasonTimeout
	}
	return ""
}

func transientStatus(status int) bool {
	return status >= 500 && status != http.StatusNotImplemented && status != http.StatusHTTPVersionNotSupported
}

// passes reports whether a wait would end after the deadline of the request.
func passes(req *http.Request, wait time.Duration) bool {
	if req.Context().Err() != nil {
		return true
	}
	deadline, ok := req.Context().Deadline()
	return ok && time.Now().Add(wait).After(deadline)
}

// jitter is a random wait, so that those who failed together do not come back
// together.
func jitter(try int) time.Duration {
	return time.Duration(rand.Int64N(int64(min(retryCap, retryBase<<(try-1)))))
}
