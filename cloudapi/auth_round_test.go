package cloudapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/config"
)

func TestAFailedLoginIsEverybodysForTheCollectionAndNoLonger(t *testing.T) {
	for name, failing := range map[string]func(w *world, fails bool){
		"500":              func(w *world, fails bool) { w.login = failingLogin(fails, 500, "") },
		"429":              func(w *world, fails bool) { w.login = failingLogin(fails, 429, `{"error":{"retryAfter":"1"}}`) },
		"401":              func(w *world, fails bool) { w.login = failingLogin(fails, 401, "") },
		"200 and no token": func(w *world, fails bool) { w.login = failingLogin(fails, 200, "{}") },
		"broken connection": func(w *world, fails bool) {
			if w.broken = nil; fails {
				w.broken = syscall.ECONNRESET
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSession(t, passwordConfig(), &world{})
				failing(s.world, true)
				for n := 1; n <= 2; n++ {
					s.collection(t, func(ctx context.Context) {
						var all sync.WaitGroup
						for i := range 6 {
							all.Go(func() {
								time.Sleep(time.Duration(i%2) * time.Second) // some come late
								if err := s.get(ctx); err == nil {
									t.Error("got no error")
								}
							})
						}
						all.Wait()
					})
					if s.logins() != n || s.asked() != 0 {
						t.Errorf("got %d logins and %d requests after %d collections", s.logins(), s.asked(), n)
					}
					if got := s.metric(t, "cloudip_auth_failures_total"); got != float64(n) {
						t.Errorf("got %v counted failures after %d collections", got, n)
					}
				}
				if got := s.metric(t, "cloudip_api_retries_total"); got != 0 {
					t.Errorf("got %v counted retries, want 0", got)
				}
				failing(s.world, false)
				time.Sleep(time.Second) // the pause after a 429 is over
				s.collection(t, func(ctx context.Context) {
					if err := s.get(ctx); err != nil {
						t.Errorf("the next collection: %v", err)
					}
				})
			})
		})
	}
}

func failingLogin(fails bool, status int, body string) func(int) (int, string) {
	if !fails {
		return nil
	}
	return func(int) (int, string) { return status, body }
}

func TestALoginThatFailsIsNotRepeatedByAPOST(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, passwordConfig(), &world{login: failingLogin(true, 500, "")})
		if err := s.post(t.Context()); !IsStatus(err, 500) || s.logins() != 1 || s.asked() != 0 {
			t.Errorf("got %v, %d logins and %d requests", err, s.logins(), s.asked())
		}
	})
}

func TestARevokedTokenIsNotSentAgainWhileNoLoginSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, passwordConfig(), &world{})
		s.collection(t, func(ctx context.Context) { _ = s.get(ctx) })
		s.valid = func(token string) bool { return token != "token-1" }
		s.login = failingLogin(true, 500, "")
		for n := range 3 {
			s.collection(t, func(ctx context.Context) {
				for range 5 {
					if err := s.get(ctx); !IsStatus(err, 500) {
						t.Errorf("got %v, want the failure of the login", err)
					}
				}
			})
			if s.asked() != 2 || s.logins() != n+2 {
				t.Errorf("got %d requests and %d logins after %d collections, want one with the dead token, and a login each", s.asked(), s.logins(), n+1)
			}
		}
		s.login = nil
		s.collection(t, func(ctx context.Context) {
			if err := s.get(ctx); err != nil {
				t.Error(err)
			}
		})
	})
}

func TestATokenRefusedToOneOperationServesTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		every := func(string) bool { return true }
		s := newSession(t, passwordConfig(), &world{valid: every, answer: func(_ int, req *http.Request) fakeAnswer {
			return map[bool]fakeAnswer{true: status(401), false: ok()}[req.URL.Path == testPath]
		}})
		s.collection(t, func(ctx context.Context) { _ = s.get(ctx) })
		s.login = failingLogin(true, 500, "")
		s.collection(t, func(ctx context.Context) {
			if err := s.get(ctx); err == nil {
				t.Error("the refused operation: got no error")
			}
			c, err := s.project.service(ctx, "network")
			if err != nil {
				t.Fatal(err)
			}
			if err := drain(c.get(ctx, call{operation: "list_subnets", path: "/v2.0/subnets"})); err != nil {
				t.Errorf("another: %v", err)
			}
		})
	})
}

func TestAServiceThatRecoversIsLoggedInToByTheNextCollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, passwordConfig(), &world{valid: func(string) bool { return false }})
		s.collection(t, func(ctx context.Context) {
			if err := s.get(ctx); !IsStatus(err, 401) {
				t.Fatalf("got %v, want 401", err)
			}
		})
		s.valid = func(token string) bool { return token != "token-1" && token != "token-2" } // all old ones were revoked
		s.collection(t, func(ctx context.Context) {
			if err := s.get(ctx); err != nil {
				t.Error(err)
			}
		})
	})
}

func TestAPartOfACollectionBelongsToIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, passwordConfig(), &world{login: failingLogin(true, 500, "")})
		s.collection(t, func(ctx context.Context) {
			_ = s.get(ctx)
			part, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			_ = s.get(part)
			_ = s.get(ctx)
		})
		if s.logins() != 1 {
			t.Errorf("got %d logins, want 1", s.logins())
		}
	})
}

func TestALoginThatNobodyWaitedForIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, passwordConfig(), &world{})
		s.collection(t, func(ctx context.Context) {
			gone, leave := context.WithCancel(ctx)
			s.loginTakes = time.Second
			time.AfterFunc(time.Millisecond, leave)
			if err := s.get(gone); !errors.Is(err, context.Canceled) {
				t.Errorf("the one that left: got %v", err)
			}
			if err := s.get(ctx); err != nil {
				t.Errorf("another: %v", err)
			}
		})
	})
}

// withPasswordFile is a session whose cloud takes the password in good alone.
func withPasswordFile(t *testing.T, logger *slog.Logger) (s *session, write func(string), good *string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	write = func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("first horse")
	cfg := passwordConfig()
	cfg.Auth.Password = config.NewSecretFile(file)
	s = newSession(t, cfg, &world{valid: func(string) bool { return true }})
	s.cloud.log = logger
	good = new("first horse")
	s.login = func(int) (int, string) {
		if strings.Contains(s.bodies[len(s.bodies)-1], *good) {
			return 0, ""
		}
		return http.StatusUnauthorized, ""
	}
	return s, write, good
}

func TestAChangedSecretCountsFromTheNextCollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, write, good := withPasswordFile(t, slog.New(slog.DiscardHandler))
		collect := func(logins int, why string) {
			t.Helper()
			s.collection(t, func(ctx context.Context) {
				for range 3 {
					if err := s.get(ctx); err != nil {
						t.Errorf("%s: %v", why, err)
					}
				}
			})
			if s.logins() != logins {
				t.Errorf("%s: got %d logins, want %d", why, s.logins(), logins)
			}
		}
		collect(1, "the first")
		collect(1, "nothing changed")
		write("first horse\n")
		collect(1, "written again")
		*good = "other horse"
		write("other horse")
		collect(2, "changed")
		collect(2, "nothing changed since")
	})
}

func TestASecretThatIsRefusedLeavesTheTokenThatLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		s, write, good := withPasswordFile(t, slog.New(slog.NewTextHandler(&log, nil)))
		collect := func() {
			t.Helper()
			s.collection(t, func(ctx context.Context) {
				for range 5 {
					if err := s.get(ctx); err != nil {
						t.Error(err)
					}
				}
			})
		}
		collect()
		write("wrong horse")
		collect()
		if warned := strings.Count(log.String(), "level=WARN"); s.logins() != 2 || warned != 1 {
			t.Errorf("got %d logins and %d warnings, want 2 and 1:\n%s", s.logins(), warned, &log)
		}
		collect() // a few in a row lock the account on some clouds
		if s.logins() != 2 {
			t.Errorf("got %d logins, want none with the same wrong secret at once", s.logins())
		}
		*good = "third horse"
		write("third horse")
		collect()
		if s.logins() != 3 {
			t.Errorf("got %d logins, want one with another secret at once", s.logins())
		}
		if err := os.Remove(s.cloud.cfg.Auth.Password.File()); err != nil {
			t.Fatal(err)
		}
		collect()
		if warned := strings.Count(log.String(), "level=WARN"); s.logins() != 3 || warned != 1 {
			t.Errorf("got %d logins and %d warnings, want none without a secret", s.logins(), warned)
		}
		if strings.Contains(log.String(), "horse") {
			t.Errorf("the log tells a secret: %s", &log)
		}
	})
}

func TestASecretThatTheCloudTakesLaterIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, write, good := withPasswordFile(t, slog.New(slog.DiscardHandler))
		s.collection(t, func(ctx context.Context) { _ = s.get(ctx) })
		write("other horse") // before the cloud has it
		s.collection(t, func(ctx context.Context) { _ = s.get(ctx) })
		*good = "other horse"
		time.Sleep(renewPause)
		s.collection(t, func(ctx context.Context) { _ = s.get(ctx) })
		if s.logins() != 3 {
			t.Errorf("got %d logins, want 3", s.logins())
		}
	})
}
