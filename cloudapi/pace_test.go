package cloudapi

import (
	"fmt"
	"math"
	"net/http"
	"sync"
	"testing"
	"time"

	"cloudip_exporter/test/check"
)

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
		q, cfg := &callQuota{most: 200, window: 5 * time.Second}, passwordConfig()
		cfg.Limits.RequestsPerSecond, cfg.Limits.Concurrency = perSecond, 8
		t.Run(fmt.Sprint(perSecond), bubble(cfg, &world{Answer: func(int, *http.Request) fakeAnswer { return q.answer() }}, func(t *testing.T, s *session) {
			const pages = 1000
			work := make(chan struct{})
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for range work {
						if err := s.get(t.Context()); err != nil {
							t.Error(err)
						}
					}
				})
			}
			for range pages {
				work <- struct{}{}
			}
			close(work)
			wg.Wait()
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

func TestTheRateIsTold(t *testing.T) {
	cfg := passwordConfig()
	cfg.Limits.RequestsPerSecond = 10
	bubble(cfg, &world{Answer: inTurn(status(503), ok())}, func(t *testing.T, s *session) {
		check.OK(t, s.get(t.Context()))
		if got := s.metric(t, "cloudip_api_rate_limit"); got >= 10 || got < 2.5 {
			t.Errorf("cloudip_api_rate_limit is %v after a 503, want less than 10", got)
		}
	})(t)
}
