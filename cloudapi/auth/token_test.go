package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

func TestThirtyTwoRefusedAtOnceLogInOnce(t *testing.T) {
	bubble(limitedConfig(0, 32), &world{Slow: time.Second}, func(t *testing.T, s *session) {
		check.OK(t, s.get(t.Context()))
		s.Valid = func(token string) bool { return token == "token-2" } // the first was revoked
		check.OK(t, s.getAtOnce(t, 32))
		check.Equal(t, "logins, the first and one more", 2, s.Logins())
		check.Equal(t, "counted repetitions", 32.0, s.metric(t, "cloudip_api_retries_total", "unauthorized", "network"))
		check.Equal(t, "counted logins", 2.0, s.metric(t, "cloudip_auth_logins_total", "alpha"))
	})(t)
}

func TestASecondRefusalFailsAndIsRemembered(t *testing.T) {
	bubble(passwordConfig(), &world{Valid: func(string) bool { return false }}, func(t *testing.T, s *session) {
		if err := s.get(t.Context()); !apierr.IsStatus(err, http.StatusUnauthorized) || !apierr.IsAuth(err) {
			t.Fatalf("got %v, want 401", err)
		}
		s.wantSent(t, "after two refusals", 2, 2)
		for range 10 {
			_ = s.get(t.Context())
		}
		check.Equal(t, "logins though a fresh token was refused", 2, s.Logins())
		time.Sleep(serviceHold)
		_ = s.get(t.Context())
		check.Equal(t, "logins after a while", 3, s.Logins())
	})(t)
}

func TestATokenIsRenewedBeforeItsEnd(t *testing.T) {
	for name, test := range map[string]struct {
		life, early, due time.Duration
	}{
		"a day":          {24 * time.Hour, 22*time.Hour + 59*time.Minute, 23*time.Hour + time.Second},
		"an hour":        {time.Hour, 47 * time.Minute, 48*time.Minute + time.Second},
		"four minutes":   {4 * time.Minute, 179 * time.Second, 181 * time.Second},
		"twenty seconds": {20 * time.Second, 15 * time.Second, 16*time.Second + time.Millisecond},
	} {
		t.Run(name, bubble(passwordConfig(), &world{Life: test.life}, func(t *testing.T, s *session) {
			for i, step := range []struct {
				wait   time.Duration
				logins int
			}{{0, 1}, {test.early, 1}, {test.due - test.early, 2}} {
				time.Sleep(step.wait)
				check.OK(t, s.get(t.Context()))
				s.wantSent(t, "none is refused", i+1, step.logins)
			}
		}))
	}
}

func TestAFailedRenewalKeepsTheOldTokenUntilItsEnd(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		every  time.Duration // between requests
	}{
		"an outage": {http.StatusServiceUnavailable, "", 0},
		"a pause":   {http.StatusTooManyRequests, `{"error":{"code":429,"message":"slow down","retryAfter":"600"}}`, time.Minute},
	} {
		t.Run(name, bubble(passwordConfig(), &world{Valid: func(string) bool { return true }}, func(t *testing.T, s *session) {
			get := func() error { return s.get(check.Within(t, 10*time.Second)) }
			check.OK(t, get())
			s.Login = func(int) (int, string) { return test.status, test.body }
			time.Sleep(49 * time.Minute)
			for range 9 {
				check.OK(t, get()) // with a token that still works
				time.Sleep(test.every)
			}
			check.Equal(t, "logins, with one try to renew", 2, s.Logins())
			time.Sleep(11*time.Minute - 9*test.every)
			if err := get(); !apierr.IsStatus(err, test.status) {
				t.Errorf("after its end: got %v, want the failure of the login", err)
			}
		}))
	}
}

func TestARefusedTokenIsNotSentAgainWhereTheLoginFails(t *testing.T) {
	bubble(passwordConfig(), &world{}, func(t *testing.T, s *session) {
		check.OK(t, s.get(t.Context()))
		s.Valid = func(string) bool { return false } // it was revoked
		s.Login = func(int) (int, string) { return http.StatusServiceUnavailable, "" }
		if err := s.get(t.Context()); !apierr.IsStatus(err, http.StatusServiceUnavailable) {
			t.Errorf("got %v, want the failure of the login", err)
		}
		s.wantSent(t, "one served, one refused", 2, 2)
	})(t)
}

func TestARefusedLoginIsNotRepeatedAtOnce(t *testing.T) {
	body, code := golden.Recorded(t, "../testdata/openstack", "keystone-token-wrong-password-401")
	cfg, write := changingPassword(t, "alpha")
	write("wrong horse\n")
	bubble(cfg, &world{}, func(t *testing.T, s *session) {
		s.Login = func(int) (int, string) {
			if strings.Contains(s.Bodies[len(s.Bodies)-1], "wrong horse") {
				return code, body
			}
			return 0, ""
		}
		for range 6 {
			err := s.get(t.Context())
			if !apierr.IsAuth(err) || !strings.Contains(err.Error(), `"alpha"`) || !strings.Contains(err.Error(), "does not say which") {
				t.Fatalf("got %v, want both reasons", err)
			}
		}
		s.wantSent(t, "refused", 0, 1)
		check.Equal(t, "counted failures", 1.0, s.metric(t, "cloudip_auth_failures_total", "test", "alpha"))
		write("correct horse\n") // counts at once
		check.OK(t, s.get(t.Context()))
	})(t)
}

func TestALoginThatWasNotSentIsNoFailedLogin(t *testing.T) {
	bubble(limitedConfig(0.01, 8), &world{}, func(t *testing.T, s *session) {
		check.Get(s.own.Catalogue(t.Context()))(t)
		ctx := check.Within(t, time.Second)
		_, err := s.account.NewSession(Scope{Project: "beta"}, "beta").Catalogue(ctx)
		check.Fails(t, "a login whose turn comes after the deadline", err, "")
		s.wantSent(t, "the first login alone", 0, 1)
		check.Equal(t, "failures counted", 0.0, s.metric(t, "cloudip_auth_failures_total"))
	})(t)
}

func TestACallerThatLeavesDoesNotEndTheLoginOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s singleCall[int]
		work := func(ctx context.Context) (int, error) {
			time.Sleep(time.Minute)
			return 7, ctx.Err()
		}
		first, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		begun, left := time.Now(), make(chan string, 1)
		go func() {
			_, err := s.do(first, work)
			left <- fmt.Sprint(err, " after ", time.Since(begun))
		}()
		synctest.Wait()
		check.Equal(t, "what the one that stayed got", 7, check.Get(s.do(t.Context(), work))(t))
		check.Equal(t, "time of the work, which is done once", time.Minute, time.Since(begun))
		check.Equal(t, "the one that left", "context canceled after 1s", <-left)
	})
}

func TestSharedWorkThatWouldPassTheDeadlineFailsAtOnce(t *testing.T) {
	w := &world{IAM: func(req *http.Request) (fakeAnswer, bool) {
		return fakeAnswer{Status: http.StatusTooManyRequests, Header: retryAfterHeader("600")}, true
	}}
	for name, ask := range map[string]func(context.Context, *session) error{
		"the id of a project": func(ctx context.Context, s *session) error { _, err := s.own.ID(ctx); return err },
		"the catalogue":       func(ctx context.Context, s *session) error { _, err := s.own.Catalogue(ctx); return err },
	} {
		t.Run(name, bubble(ofProjects(keyConfig(), "alpha"), w, func(t *testing.T, s *session) {
			ctx := check.Within(t, 5*time.Minute)
			begun := time.Now()
			if err := ask(ctx, s); !apierr.IsStatus(err, http.StatusTooManyRequests) || time.Since(begun) > time.Second {
				t.Errorf("got %v after %v, want 429: a wait of 10 minutes passes the deadline", err, time.Since(begun))
			}
		}))
	}
}

func TestSharedWorkHasTheDeadlineOfItsFirstCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s singleCall[int]
		begun := time.Now()
		first, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		work := func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, ctx.Err() }
		go func() { _, _ = s.do(first, work) }()
		synctest.Wait()
		cancel()
		_, err := s.do(t.Context(), work)
		if took := time.Since(begun); !errors.Is(err, context.DeadlineExceeded) || took != time.Minute {
			t.Errorf("got %v after %v, want the end of its minute", err, took)
		}
	})
}

func TestAPanicInSharedWorkIsAnError(t *testing.T) {
	var s singleCall[int]
	_, err := s.do(t.Context(), func(context.Context) (int, error) { panic("broken") })
	check.Fails(t, "shared work", err, "broken")
}

func TestRecordedTokensAreRead(t *testing.T) {
	for name, test := range map[string]struct {
		life  time.Duration
		known int // services of the catalogue, at least; lists were cut when recording
	}{
		"keystone-token-201":         {time.Hour, 2},
		"keystone-appcred-token-201": {10 * time.Second, 0},
	} {
		body, _ := golden.Recorded(t, "../testdata/openstack", name)
		body = regexp.MustCompile(`,\s*"\.\.\. \d+ more"`).ReplaceAllString(body, "")
		got := check.Get((&login{Identity: &Identity{}}).read("text", tokenAnswerOf(t, body), wantedProject{}))(t)
		life := time.Until(got.endsAt).Round(time.Second)
		if life != test.life || got.value.project != "admin" || !got.value.admin || got.value.expires.IsZero() || len(got.value.catalogue) < test.known {
			t.Errorf("%s: got %v %+v", name, life, got.value)
		}
	}
}

func TestAnOldTokenHandedOutAgainIsRenewedBeforeItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &login{Identity: &Identity{}}
		now := time.Now()
		for name, test := range map[string]struct {
			issued, expires time.Time
			alive           time.Duration // how long it is
		}{
			"issued long ago":         {now.Add(-90 * 24 * time.Hour), now.Add(10 * time.Minute), 10 * time.Minute},
			"the clouds clock is off": {now.Add(-90 * 24 * time.Hour), now.Add(-89 * 24 * time.Hour), 24 * time.Hour},
			"ahead by a little":       {now.Add(5 * time.Minute), now.Add(65 * time.Minute), time.Hour},
			"issued after its end":    {now.Add(2 * time.Hour), now.Add(time.Hour), time.Hour},
		} {
			answer := &tokenAnswer{}
			answer.Token.IssuedAt.value, answer.Token.ExpiresAt.value = test.issued.Format(time.RFC3339), test.expires.Format(time.RFC3339)
			answer.Token.Project.value = tokenProject{optional[string]{testProject}, optional[string]{"alpha"}}
			got := check.Get(l.read("text", answer, wantedProject{}))(t)
			if !got.valid(now.Add(test.alive-2*time.Second)) || got.valid(now.Add(test.alive+2*time.Second)) {
				t.Errorf("%s: dies after %v, want %v", name, got.endsAt.Sub(now), test.alive)
			}
		}
	})
}
