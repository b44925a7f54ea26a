package cloudapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
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
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSession(t, passwordConfig(), &world{Answer: func(n int, _ *http.Request) fakeAnswer {
					return test.answers[min(n, len(test.answers))-1]
				}})
				c, err := s.project.service(t.Context(), "network")
				if err != nil {
					t.Fatal(err)
				}
				err = c.Read(t.Context(), wire.Call{Operation: "list_ports", Path: testPath}, func(r io.Reader) error {
					if text, err := io.ReadAll(r); err != nil || string(text) == cut.Body {
						return io.ErrUnexpectedEOF
					}
					return nil
				})
				if (err == nil) != test.well || s.Asked() != test.sent {
					t.Errorf("error %v after %d requests; want success %v after %d", err, s.Asked(), test.well, test.sent)
				}
				for reason, want := range map[string]float64{"server_error": test.server, "body": test.body} {
					if got := s.metric(t, "cloudip_api_retries_total", "network", reason); got != want {
						t.Errorf("%v counted retries of reason %s, want %v", got, reason, want)
					}
				}
			})
		})
	}
}

func TestAnAttemptThatTheCallerEndsIsCountedForHowItEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, passwordConfig(), &world{Answer: func(int, *http.Request) fakeAnswer { return fakeAnswer{After: time.Hour} }})
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("collection.timeout passed"))
		defer cancel()
		_ = s.get(ctx)
		gone, leave := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { leave(errors.New("reloaded")) })
		_ = s.get(gone)
		for _, code := range []string{apierr.ClassTimeout, apierr.ClassCanceled} {
			if got := s.metric(t, "cloudip_api_requests_total", "list_ports", code); got != 1 {
				t.Errorf("%v requests of code %s, want 1", got, code)
			}
		}
	})
}
