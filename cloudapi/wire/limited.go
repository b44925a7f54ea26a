package wire

import (
	"net/http"
	"time"
)

// limited is the stage of the transport that asks the limiter.
type limited struct {
	limiter *Limiter
	metrics *Metrics
	next    http.RoundTripper
}

// RoundTrip sends a request when its turn has come.
func (s limited) RoundTrip(req *http.Request) (*http.Response, error) {
	l, x := s.limiter, AttemptOf(req)
	if err := l.enter(req.Context(), x.Service, x.Operation); err != nil {
		return nil, err
	}
	if x.BeforeSend != nil {
		if err := x.BeforeSend(); err != nil {
			l.leave()
			return nil, err
		}
	}
	sent := l.sends()
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		l.leave()
		return nil, err
	}
	var wait, reported time.Duration
	if resp.StatusCode == http.StatusTooManyRequests {
		wait, reported = throttleWait(resp)
		l.pause(x.Operation, time.Now().Add(wait))
	}
	s.metrics.allowed(x, l.observe(sent, resp.StatusCode, wait, reported))
	// A refused credential is noted before the next request gets the place.
	early := resp.StatusCode != http.StatusUnauthorized
	resp.Body = &hookedBody{ReadCloser: resp.Body, done: func(error) { l.leave() }, early: early}
	return resp, nil
}
