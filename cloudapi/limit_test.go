package cloudapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
)

func TestCloudsWithOneCredentialShareItsLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiters := &wire.Limiters{}
		var inFlight, most atomic.Int32
		w := &world{Valid: func(string) bool { return true }, Answer: func(int, *http.Request) fakeAnswer {
			return fakeAnswer{Status: 200, Body: "{}", After: 250 * time.Millisecond}
		}}
		counting := roundTripper(func(req *http.Request) (*http.Response, error) {
			for n := inFlight.Add(1); ; {
				if old := most.Load(); n <= old || most.CompareAndSwap(old, n) {
					break
				}
			}
			defer inFlight.Add(-1)
			return w.RoundTrip(req)
		})
		var wg sync.WaitGroup
		start := time.Now()
		for _, name := range []string{"a", "b"} {
			cfg := passwordConfig()
			cfg.Name, cfg.Limits.RequestsPerSecond, cfg.Limits.Concurrency = name, 10, 2
			c := check.Get(open(cfg, Options{Limiters: limiters}, counting, &http.Transport{}))(t)
			defer c.Close()
			s := &session{cloud: c, project: c.fixed[0]}
			for range 20 {
				wg.Go(func() {
					if err := s.get(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		// 40 requests and 2 logins, two at a time of a quarter second each.
		if got := time.Since(start); got < 41*100*time.Millisecond {
			t.Errorf("42 requests took %v, faster than 10 a second", got)
		}
		if most.Load() != 2 {
			t.Errorf("%d requests were in flight, want 2", most.Load())
		}
	})
}

func TestTheRateHasNoBurst(t *testing.T) {
	cfg := passwordConfig()
	cfg.Limits.RequestsPerSecond = 5
	bubble(cfg, &world{}, func(t *testing.T, s *session) {
		time.Sleep(time.Minute) // saves nothing up
		for range 10 {
			check.OK(t, s.get(t.Context()))
		}
		for i := range s.Times[1:] {
			if gap := s.Times[i+1].Sub(s.Times[i]); gap < 199*time.Millisecond {
				t.Errorf("request %d came %v after the one before", i+2, gap)
			}
		}
	})(t)
}

func TestATurnAfterTheDeadlineFailsAtOnceAndIsNotTriedAgain(t *testing.T) {
	cfg := passwordConfig()
	cfg.Limits.RequestsPerSecond = 0.1
	bubble(cfg, &world{}, func(t *testing.T, s *session) {
		check.OK(t, s.get(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if err := s.get(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 0 || s.Asked() != 1 {
			t.Errorf("got %v after %v and %d requests", err, time.Since(start), s.Asked())
		}
	})(t)
}

func TestAPlaceIsFreeWhenTheBodyWasRead(t *testing.T) {
	cfg := passwordConfig()
	cfg.Limits.Concurrency = 1
	bubble(cfg, &world{Answer: inTurn(status(404), ok(), status(404), ok())}, func(t *testing.T, s *session) {
		for range 6 {
			_ = s.get(t.Context()) // would stand still if a place were lost
		}
		c := check.Get(s.project.service(t.Context(), "network"))(t)
		for range 2 { // read to the end is as good as closed
			resp := check.Get(c.Do(t.Context(), wire.Call{Operation: "list_ports", Path: testPath}))(t)
			_, _ = io.Copy(io.Discard, resp.Body)
			defer resp.Body.Close()
		}
		check.Equal(t, "requests", 8, s.Asked())
	})(t)
}

func TestMetricsOfAProjectBeginAtZeroAndCanBeForgotten(t *testing.T) {
	s := newSession(t, passwordConfig(), &world{})
	s.cloud.counts.Begin("test", "alpha", "network")
	check.Equal(t, "families at first", []string{"cloudip_api_throttled_total", "cloudip_auth_failures_total", "cloudip_auth_logins_total"}, s.names(t))
	check.OK(t, s.get(t.Context()))
	for name, values := range map[string][]string{
		"cloudip_api_requests_total":                  {"test", "alpha", "network", "list_ports", "200"},
		"cloudip_api_request_duration_seconds":        {"test", "alpha", "iam", "create_token"},
		"cloudip_auth_logins_total":                   {"test", "alpha"},
		"cloudip_credential_expiry_timestamp_seconds": {"test", "alpha"},
	} {
		if got := s.metric(t, name, values...); got < 1 {
			t.Errorf("%s %v: got %v", name, values, got)
		}
	}
	if problems, err := testutil.GatherAndLint(s.registry); err != nil || len(problems) > 0 {
		t.Errorf("got %v, %v", problems, err)
	}
	s.cloud.counts.Forget("test", "alpha")
	check.Equal(t, "families when forgotten", []string(nil), s.names(t))
}

func TestNoRateIsToldOfAProjectWithoutName(t *testing.T) {
	cfg := passwordConfig()
	cfg.Provider, cfg.Projects = config.OpenStack, nil
	s := newSession(t, cfg, &world{})
	s.project = check.Get(s.cloud.Projects(t.Context()))(t)[0]
	check.OK(t, s.get(t.Context()))
	if all, named := s.count(t, "cloudip_api_rate_limit"), s.count(t, "cloudip_api_rate_limit", "test", "alpha"); all != 1 || named != 1 {
		t.Errorf("%v rates are told, %v of them of the project, want 1 and 1", all, named)
	}
}
