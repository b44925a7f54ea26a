package cloudapi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/test/check"
)

func TestALoginThatFailsIsNotRepeatedByTheRequestThatNeededIt(t *testing.T) {
	for name, w := range map[string]*world{
		"503":        {Login: func(int) (int, string) { return 503, `{}` }},
		"connection": {Broken: &net.OpError{Op: "read", Err: syscall.ECONNRESET}},
	} {
		t.Run(name, bubble(passwordConfig(), w, func(t *testing.T, s *session) {
			if err := s.get(t.Context()); err == nil || s.Logins() != 1 || s.Asked() != 0 {
				t.Errorf("%v after %d logins and %d requests, want one login", err, s.Logins(), s.Asked())
			}
			check.Equal(t, "retries counted of a service that was not asked", 0.0, s.metric(t, "cloudip_api_retries_total", "network"))
		}))
	}
}

func TestAPauseBeyondTheDeadlineHoldsBackWhatWasThrottledAlone(t *testing.T) {
	bubble(passwordConfig(), &world{Answer: inTurn(status(429), ok())}, func(t *testing.T, s *session) {
		ctx := check.Within(t, 30*time.Second)
		if err := s.get(ctx); !apierr.IsThrottled(err) {
			t.Fatalf("got %v, want 429", err)
		}
		c := check.Get(s.project.service(ctx, "network"))(t)
		start, other := time.Now(), wire.Call{Operation: "list_subnets", Path: testPath}
		if err := drain(c.Do(ctx, other)); err != nil || time.Since(start) > time.Second {
			t.Errorf("another API: got %v after %v", err, time.Since(start))
		}
		patient := check.Within(t, 5*time.Minute)
		if err := drain(c.Do(patient, other)); err != nil || time.Since(start) < 59*time.Second {
			t.Errorf("who can wait: got %v after %v, want the pause waited out", err, time.Since(start))
		}
	})(t)
}

func TestA429PausesAllAndEndsWithoutABurst(t *testing.T) {
	bubble(limitedConfig(10, 8), &world{Answer: inTurn(ok(), ok(), status(429), ok())}, func(t *testing.T, s *session) {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := s.get(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if s.Asked() != 21 {
			t.Fatalf("got %d requests, want 21", s.Asked())
		}
		for i, at := range s.Times[1:] {
			gap := at.Sub(s.Times[i])
			if i == 2 && gap < time.Minute || gap < 99*time.Millisecond {
				t.Errorf("request %d came %v after the one before", i+2, gap)
			}
		}
	})(t)
}

func TestRetriesOfAFailingCloudAreBounded(t *testing.T) {
	bubble(passwordConfig(), &world{Answer: inTurn(status(503))}, func(t *testing.T, s *session) {
		const calls = 1000
		for range calls {
			_ = s.get(t.Context())
		}
		check.Equal(t, "retries", 30, s.Asked()-calls)
	})(t)
}

func TestAThirdOfFailuresIsHiddenByRetries(t *testing.T) {
	// Of ten attempts three fail, never more than two in a row.
	w := &world{Answer: func(n int, _ *http.Request) fakeAnswer {
		if n%10 == 3 || n%10 == 6 || n%10 == 7 {
			return status(503)
		}
		return ok()
	}}
	bubble(passwordConfig(), w, func(t *testing.T, s *session) {
		for range 200 {
			check.OK(t, s.get(t.Context()))
		}
	})(t)
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
