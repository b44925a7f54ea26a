package auth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

func TestThirtyTwoRefusedAtOnceLogInOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := passwordConfig()
		cfg.Limits.Concurrency = 32
		s := newSession(t, cfg, &world{Slow: time.Second})
		if err := s.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Valid = func(token string) bool { return token == "token-2" } // the first was revoked
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				if err := s.get(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := s.Logins(); n != 2 {
			t.Errorf("got %d logins, want the first and one more", n)
		}
		if got := s.metric(t, "cloudip_api_retries_total", "unauthorized", "network"); got != 32 {
			t.Errorf("got %v counted repetitions, want 32", got)
		}
		if got := s.metric(t, "cloudip_auth_logins_total", "alpha"); got != 2 {
			t.Errorf("got %v counted logins, want 2", got)
		}
	})
}

func TestASecondRefusalFailsAndIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, passwordConfig(), &world{Valid: func(string) bool { return false }})
		err := s.get(t.Context())
		if !apierr.IsStatus(err, http.StatusUnauthorized) || !apierr.IsAuth(err) {
			t.Fatalf("got %v, want 401", err)
		}
		if s.Asked() != 2 || s.Logins() != 2 {
			t.Errorf("got %d requests and %d logins, want 2 and 2", s.Asked(), s.Logins())
		}
		for range 10 {
			_ = s.get(t.Context())
		}
		if s.Logins() != 2 {
			t.Errorf("got %d logins, want no more: a fresh token was refused", s.Logins())
		}
		time.Sleep(serviceHold)
		_ = s.get(t.Context())
		if s.Logins() != 3 {
			t.Errorf("got %d logins, want another try after a while", s.Logins())
		}
	})
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
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSession(t, passwordConfig(), &world{Life: test.life})
				for _, step := range []struct {
					wait time.Duration
					want int
				}{{0, 1}, {test.early, 1}, {test.due - test.early, 2}} {
					time.Sleep(step.wait)
					if err := s.get(t.Context()); err != nil {
						t.Fatal(err)
					}
					if got := s.Logins(); got != step.want {
						t.Fatalf("got %d logins after %v, want %d", got, step.wait, step.want)
					}
				}
				if got := s.Asked(); got != 3 {
					t.Errorf("got %d requests, want 3: none was refused", got)
				}
			})
		})
	}
}

func TestAFailedRenewalKeepsTheOldTokenUntilItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, passwordConfig(), &world{Valid: func(string) bool { return true }})
		if err := s.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Login = func(int) (int, string) { return http.StatusServiceUnavailable, "" }
		time.Sleep(50 * time.Minute)
		for range 5 {
			if err := s.get(t.Context()); err != nil {
				t.Fatalf("with a token that still works: %v", err)
			}
		}
		if s.Logins() != 2 {
			t.Errorf("got %d logins, want one try to renew", s.Logins())
		}
		time.Sleep(11 * time.Minute)
		if err := s.get(t.Context()); !apierr.IsStatus(err, http.StatusServiceUnavailable) {
			t.Errorf("after its end: got %v, want the failure of the login", err)
		}
	})
}

func TestAnIdentityServiceThatThrottlesLeavesTheTokenThatStillWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, passwordConfig(), &world{Valid: func(string) bool { return true }})
		get := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			return s.get(ctx)
		}
		if err := get(); err != nil {
			t.Fatal(err)
		}
		s.Login = func(int) (int, string) {
			return http.StatusTooManyRequests, `{"error":{"code":429,"message":"slow down","retryAfter":"600"}}`
		}
		time.Sleep(49 * time.Minute)
		for minute := range 9 {
			if err := get(); err != nil {
				t.Errorf("minute %d of the pause: %v", minute, err)
			}
			time.Sleep(time.Minute)
		}
		if s.Logins() != 2 {
			t.Errorf("got %d logins, want one try to renew", s.Logins())
		}
		time.Sleep(2 * time.Minute)
		if err := get(); !apierr.IsThrottled(err) {
			t.Errorf("after its end: got %v, want the refusal of the login", err)
		}
	})
}

func TestARefusedLoginIsNotRepeatedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body, code := recorded(t, "keystone-token-wrong-password-401")
		file := filepath.Join(t.TempDir(), "password")
		write := func(text string) {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("wrong horse\n")
		cfg := passwordConfig()
		cfg.Auth.Password = config.NewSecretFile(file)
		s := newSession(t, cfg, &world{})
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
		if s.Logins() != 1 || s.Asked() != 0 {
			t.Errorf("got %d logins and %d requests, want 1 and 0", s.Logins(), s.Asked())
		}
		if got := s.metric(t, "cloudip_auth_failures_total", "test", "alpha"); got != 1 {
			t.Errorf("got %v counted failures, want 1", got)
		}
		write("correct horse\n") // counts at once
		if err := s.get(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestALoginThatWasNotSentIsNoFailedLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := passwordConfig()
		cfg.Limits.RequestsPerSecond = 0.01
		s := newSession(t, cfg, &world{})
		if _, err := s.own.Catalogue(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.account.NewSession(Scope{Project: "beta"}, "beta").Catalogue(ctx); err == nil {
			t.Error("got no error, although its turn comes after the deadline")
		}
		if got := s.metric(t, "cloudip_auth_failures_total"); got != 0 || s.Logins() != 1 {
			t.Errorf("%v failures counted and %d logins, want none and the first", got, s.Logins())
		}
	})
}

func TestACallerThatLeavesDoesNotEndTheLoginOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s singleCall[int]
		release := make(chan struct{})
		work := func(ctx context.Context) (int, error) {
			select {
			case <-release:
				return 7, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		first, leave := context.WithCancel(t.Context())
		results := make(chan error, 2)
		go func() { _, err := s.do(first, work); results <- err }()
		synctest.Wait()
		go func() { _, err := s.do(t.Context(), work); results <- err }()
		synctest.Wait()
		leave()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("the one that left: got %v", err)
		}
		close(release)
		if err := <-results; err != nil {
			t.Errorf("the one that stayed: got %v", err)
		}
	})
}

func TestSharedWorkThatWouldPassTheDeadlineFailsAtOnce(t *testing.T) {
	throttled := func(req *http.Request) (fakeAnswer, bool) {
		return fakeAnswer{Status: http.StatusTooManyRequests, Header: retryAfterHeader("600")}, true
	}
	for name, ask := range map[string]func(context.Context, *session) error{
		"the id of a project": func(ctx context.Context, s *session) error { _, err := s.own.ID(ctx); return err },
		"the catalogue":       func(ctx context.Context, s *session) error { _, err := s.own.Catalogue(ctx); return err },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := keyConfig()
				cfg.Projects = []string{"alpha"}
				s := newSession(t, cfg, &world{IAM: throttled})
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				begun := time.Now()
				if err := ask(ctx, s); !apierr.IsThrottled(err) {
					t.Errorf("got %v, want 429", err)
				}
				if took := time.Since(begun); took > time.Second {
					t.Errorf("it took %v: a wait of 10 minutes passes the deadline", took)
				}
			})
		})
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
	if err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("got %v", err)
	}
}

func TestTheScopeIsThatOfTheWrittenProject(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*config.Cloud)
		want   string
	}{
		"by name": {func(*config.Cloud) {}, `{"project":{"domain":{"name":"Default"},"name":"alpha"}}`},
		"by id":   {func(c *config.Cloud) { c.Projects = []string{testProject} }, `{"project":{"id":"` + testProject + `"}}`},
		"own":     {func(c *config.Cloud) { c.Projects = nil }, ``},
		"an application credential takes none": {func(c *config.Cloud) {
			c.Auth = config.Auth{Type: config.ApplicationCredential, URL: c.Auth.URL, ApplicationCredentialID: "a", ApplicationCredentialSecret: config.NewSecret("s3cret")}
		}, ``},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := passwordConfig()
			test.change(&cfg)
			s := newSession(t, cfg, &world{})
			if err := s.get(t.Context()); err != nil {
				t.Fatal(err)
			}
			var sent struct {
				Auth struct{ Scope json.RawMessage }
			}
			if err := json.Unmarshal([]byte(s.Bodies[0]), &sent); err != nil {
				t.Fatal(err)
			}
			if got := string(sent.Auth.Scope); got != test.want {
				t.Errorf("got scope %s, want %s", got, test.want)
			}
			if id, err := s.own.ID(t.Context()); id != testProject || err != nil {
				t.Errorf("got id %s, %v", id, err)
			}
		})
	}
}

func TestRecordedTokensAreRead(t *testing.T) {
	for name, test := range map[string]struct {
		life    time.Duration
		project string
		admin   bool
		known   int // services of the catalogue, at least; lists were cut when recording
	}{
		"keystone-token-201":         {time.Hour, "admin", true, 2},
		"keystone-appcred-token-201": {10 * time.Second, "admin", true, 0},
	} {
		body, _ := recorded(t, name)
		body = regexp.MustCompile(`,\s*"\.\.\. \d+ more"`).ReplaceAllString(body, "")
		l := &login{Identity: &Identity{}}
		got, err := l.read("text", tokenAnswerOf(t, body), wantedProject{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		life := time.Until(got.endsAt).Round(time.Second)
		if life != test.life || got.value.project != test.project || got.value.admin != test.admin || got.value.expires.IsZero() {
			t.Errorf("%s: got %v %q %v %v", name, life, got.value.project, got.value.admin, got.value.expires)
		}
		if len(got.value.catalogue) < test.known {
			t.Errorf("%s: got a catalogue of %d", name, len(got.value.catalogue))
		}
	}
}

func TestAnAnswerThatIsNoTokenIsAnError(t *testing.T) {
	for _, body := range []string{``, `<html>login</html>`, `[]`, `{"token":`, `{"token":[]}`, `{"token":{"catalog":[`, `{"token":{"roles":[{]}}`} {
		s := newSession(t, passwordConfig(), &world{Token: body, Bare: true})
		if err := s.get(t.Context()); err == nil || s.Asked() != 0 {
			t.Errorf("%s: got %v and %d requests, want an error and none", body, err, s.Asked())
		}
	}
}

func TestWhatATokenDoesNotSayIsNotNeeded(t *testing.T) {
	for _, body := range []string{`{}`, `{"token":{}}`, `{"token":null}`, `{"token":{"roles":null,"catalog":null,"project":null,"expires_at":"soon"}}`,
		`{"token":{"roles":["member"],"catalog":{},"expires_at":1767225600,"issued_at":false,"project":"alpha"}}`,
		`{"token":{"roles":{},"catalog":"none","expires_at":"soon","project":{"id":5,"name":["alpha"]}}}`,
		`{"token":{"roles":[5,{"name":{}}],"catalog":[5,{"type":{},"endpoints":7},{"type":"network","endpoints":[5,{"url":5}]}]}}`,
	} {
		cfg := passwordConfig()
		cfg.Projects = []string{testProject}
		s := newSession(t, cfg, &world{Token: body})
		if err := s.get(t.Context()); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		if id, err := s.own.ID(t.Context()); id != testProject || err != nil {
			t.Errorf("%s: got the project %q, %v", body, id, err)
		}
	}
}

func TestTheMessageOfAMissingTokenIsWhole(t *testing.T) {
	s := newSession(t, passwordConfig(), &world{Login: func(int) (int, string) { return http.StatusCreated, `{}` }})
	err := s.get(t.Context())
	if err == nil || !strings.Contains(err.Error(), "X-Subject-Token") || !strings.HasSuffix(err.Error(), "is auth.url the identity service?") ||
		strings.Contains(err.Error(), "[redacted]") {
		t.Errorf("got %v", err)
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
		} {
			answer := &tokenAnswer{}
			answer.Token.IssuedAt.value, answer.Token.ExpiresAt.value = test.issued.Format(time.RFC3339), test.expires.Format(time.RFC3339)
			answer.Token.Project.value = tokenProject{optional[string]{testProject}, optional[string]{"alpha"}}
			got, err := l.read("text", answer, wantedProject{})
			if err != nil {
				t.Fatal(err)
			}
			if !got.valid(now.Add(test.alive-2*time.Second)) || got.valid(now.Add(test.alive+2*time.Second)) {
				t.Errorf("%s: dies after %v, want %v", name, got.endsAt.Sub(now), test.alive)
			}
		}
	})
}

// recorded returns the body of a recorded answer of a real OpenStack. Long
// lists were cut when recording: a text stands for what was left out.
func recorded(t testing.TB, name string) (body string, status int) {
	t.Helper()
	var r struct {
		Response struct {
			Status int
			Body   json.RawMessage
		}
	}
	file, err := os.ReadFile(filepath.Join("../testdata/openstack", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file, &r); err != nil {
		t.Fatal(err)
	}
	return string(r.Response.Body), r.Response.Status
}
