package cloudapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/test/check"
)

func TestWhatFailedAndWhatBrokeOffAreThreeTriesTogether(t *testing.T) {
	cut := fakeAnswer{Status: http.StatusOK, Body: `{"ports":[`}
	for name, test := range map[string]struct {
		answers      []fakeAnswer // the last one stays
		sent         int
		server, body float64 // retries by reason
		well         bool
	}{
		"cut once":              {[]fakeAnswer{cut, ok()}, 2, 0, 1, true},
		"cut for good":          {[]fakeAnswer{cut}, 3, 0, 2, false},
		"down, cut, down":       {[]fakeAnswer{status(503), cut, status(503)}, 3, 1, 1, false},
		"cut, down, well":       {[]fakeAnswer{cut, status(503), ok()}, 3, 1, 1, true},
		"down, down, then cut":  {[]fakeAnswer{status(503), status(503), cut, ok()}, 3, 2, 0, false},
		"refused, and for good": {[]fakeAnswer{status(403), ok()}, 1, 0, 0, false},
	} {
		t.Run(name, bubble(passwordConfig(), &world{Answer: inTurn(test.answers...)}, func(t *testing.T, s *session) {
			c := check.Get(s.project.service(t.Context(), "network"))(t)
			err := c.Read(t.Context(), wire.Call{Operation: "list_ports", Path: testPath}, func(r io.Reader) error {
				if text, err := io.ReadAll(r); err != nil || string(text) == cut.Body {
					return io.ErrUnexpectedEOF
				}
				return nil
			})
			server, body := s.metric(t, "cloudip_api_retries_total", "network", "server_error"), s.metric(t, "cloudip_api_retries_total", "network", "body")
			if (err == nil) != test.well || s.Asked() != test.sent || server != test.server || body != test.body {
				t.Errorf("error %v after %d requests, %v and %v retries; want success %v after %d", err, s.Asked(), server, body, test.well, test.sent)
			}
		}))
	}
}

func TestAnAttemptThatTheCallerEndsIsCountedForHowItEnded(t *testing.T) {
	bubble(passwordConfig(), &world{Answer: inTurn(fakeAnswer{After: time.Hour})}, func(t *testing.T, s *session) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("collection.timeout passed"))
		defer cancel()
		_ = s.get(ctx)
		gone, leave := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { leave(errors.New("reloaded")) })
		_ = s.get(gone)
		for _, code := range []string{apierr.ClassTimeout, apierr.ClassCanceled} {
			check.Equal(t, "requests of code "+code, 1.0, s.metric(t, "cloudip_api_requests_total", "list_ports", code))
		}
	})(t)
}
