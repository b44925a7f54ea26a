package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/metrictest"
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
		var group errgroup.Group
		start := time.Now()
		for _, name := range []string{"a", "b"} {
			cfg := passwordConfig()
			cfg.Name, cfg.Limits.RequestsPerSecond, cfg.Limits.Concurrency = name, 10, 2
			c := check.Get(open(cfg, Options{Limiters: limiters}, counting, &http.Transport{}))(t)
			defer c.Close()
			s := &session{cloud: c, project: c.fixed[0]}
			for range 20 {
				group.Go(func() error { return s.get(t.Context()) })
			}
		}
		check.OK(t, group.Wait())
		// 40 requests and 2 logins, two at a time of a quarter second each.
		if got := time.Since(start); got < 41*100*time.Millisecond {
			t.Errorf("42 requests took %v, faster than 10 a second", got)
		}
		check.Equal(t, "requests in flight", 2, most.Load())
	})
}

func TestATurnAfterTheDeadlineFailsAtOnceAndIsNotTriedAgain(t *testing.T) {
	bubble(limitedConfig(0.1, 8), &world{}, func(t *testing.T, s *session) {
		check.OK(t, s.get(t.Context()))
		ctx := check.Within(t, 3*time.Second)
		start := time.Now()
		if err := s.get(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 0 || s.Asked() != 1 {
			t.Errorf("got %v after %v and %d requests", err, time.Since(start), s.Asked())
		}
	})(t)
}

func TestAPlaceIsFreeWhenTheBodyWasRead(t *testing.T) {
	bubble(limitedConfig(0, 1), &world{Answer: inTurn(status(404), ok(), status(404), ok())}, func(t *testing.T, s *session) {
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

// callQuota answers 429 after so many requests in a window.
type callQuota struct {
	mu       sync.Mutex
	most     int
	window   time.Duration
	start    time.Time
	n        int
	refused  int
	answered []time.Time
}

func (q *callQuota) answer() fakeAnswer {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	if now.Sub(q.start) >= q.window {
		q.start, q.n = now, 0
	}
	if q.n++; q.n > q.most {
		q.refused++
		left := q.start.Add(q.window).Sub(now)
		return fakeAnswer{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {fmt.Sprint(math.Ceil(left.Seconds()))}}, Body: "{}", After: 20 * time.Millisecond}
	}
	q.answered = append(q.answered, now)
	return fakeAnswer{Status: 200, Body: "{}", After: 20 * time.Millisecond}
}

func TestUnderAQuotaNearlyNothingIsAskedTwiceAndNoBurstFollows(t *testing.T) {
	for _, perSecond := range []float64{0, 1000, 100, 50} {
		q := &callQuota{most: 200, window: 5 * time.Second}
		t.Run(fmt.Sprint(perSecond), bubble(limitedConfig(perSecond, 8), &world{Answer: func(int, *http.Request) fakeAnswer { return q.answer() }}, func(t *testing.T, s *session) {
			const pages = 1000
			var group errgroup.Group
			group.SetLimit(8)
			for range pages {
				group.Go(func() error { return s.get(t.Context()) })
			}
			check.OK(t, group.Wait())
			if asked := pages + q.refused; asked > pages*105/100 {
				t.Errorf("%d requests for %d pages", asked, pages)
			}
			for i := 1; i+8 < len(q.answered); i++ {
				paused := q.answered[i].Sub(q.answered[i-1]) > 900*time.Millisecond
				if burst := q.answered[i+8].Sub(q.answered[i]); paused && burst < 8*time.Second/100 {
					t.Errorf("after a pause 9 requests came within %v", burst)
				}
			}
		}))
	}
}

// The project of the token has its name only after the first login.
func TestTheRateIsToldOfAProjectWithItsName(t *testing.T) {
	cfg := limitedConfig(10, 8)
	cfg.Projects = nil
	bubble(cfg, &world{Answer: inTurn(status(503), ok())}, func(t *testing.T, s *session) {
		s.project = check.Get(s.cloud.Projects(t.Context()))(t)[0]
		check.OK(t, s.get(t.Context()))
		rate, all := metrictest.Sum(t, s.registry, "cloudip_api_rate_limit")
		if _, named := metrictest.Sum(t, s.registry, "cloudip_api_rate_limit", "test", "alpha"); all != 1 || named != 1 || rate >= 10 || rate < 2.5 {
			t.Errorf("%v rates are told, %v of them of the project, and %v after a 503; want one, less than 10", all, named, rate)
		}
	})(t)
}
