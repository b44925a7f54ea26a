package cloudapi

import (
	"fmt"
	"math"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestTheRateHalvesOnceForAnswersThatWereUnderWayTogether(t *testing.T) {
	p := newPace()
	p.adopt(10)
	start := time.Now()
	for range 20 {
		p.send(start)
	}
	now := start.Add(2 * time.Second) // 10 a second
	for range 8 {
		p.decrease(throttledStep(), start, now, time.Minute, 0)
	}
	if p.now != 5 {
		t.Errorf("rate %v, want half of 10", p.now)
	}
	again := now.Add(61 * time.Second)
	for range 5 {
		p.send(now.Add(time.Minute))
	}
	p.decrease(throttledStep(), now.Add(60*time.Second), again, 0, 0)
	if p.now != 2.5 {
		t.Errorf("rate %v, want half of 5", p.now)
	}
}

func TestTheRateComesBackAndNeverAboveTheConfiguredOne(t *testing.T) {
	p := newPace()
	p.adopt(10)
	start := time.Now()
	for range 10 {
		p.send(start)
	}
	p.decrease(throttledStep(), start, start.Add(time.Second), 0, 0)
	at, seconds := start.Add(time.Second), 0
	for ; p.now < 9 && seconds < 100; seconds++ {
		at = at.Add(time.Second)
		p.increase(at)
	}
	if seconds != 8 {
		t.Errorf("from %v to 9 a second took %d s, want 8", 5.0, seconds)
	}
	if p.increase(at.Add(time.Hour)); p.now != 10 {
		t.Errorf("rate %v, want 10", p.now)
	}
	p.adopt(4)
	if p.now != 4 {
		t.Errorf("rate %v after the configuration said 4", p.now)
	}
}

func TestAnOutageTakesTheRateToAHalfAtMost(t *testing.T) {
	p := newPace()
	p.adopt(8)
	at := time.Now()
	for range 100 {
		p.send(at)
		at = at.Add(time.Second)
		p.decrease(unavailableStep(), at, at, 0, 0)
	}
	if p.now != 4 {
		t.Errorf("rate %v, want half of 8", p.now)
	}
}

func TestWithoutAConfiguredRateTheOneThatWasSentIsHalved(t *testing.T) {
	p := newPace()
	start := time.Now()
	for range 200 {
		p.send(start)
	}
	p.decrease(throttledStep(), start, start.Add(2*time.Second), 3*time.Second, 0)
	if p.now != 50 {
		t.Errorf("rate %v, want half of 100", p.now)
	}
	told := newPace()
	for range 200 {
		told.send(start)
	}
	told.decrease(throttledStep(), start, start.Add(2*time.Second), 3*time.Second, 3*time.Second)
	if told.now != 40 {
		t.Errorf("rate %v, want the 40 that 200 in 5 seconds are", told.now)
	}
	p.increase(start.Add(5*time.Second + 24*time.Hour))
	if math.IsInf(p.now, 1) || p.now < 100 {
		t.Errorf("rate %v a day later", p.now)
	}

	hours := newPace()
	for range 200 {
		hours.send(start)
	}
	hours.decrease(throttledStep(), start, start.Add(2*time.Second), time.Hour, time.Hour)
	if hours.now < 40 {
		t.Errorf("rate %v after being told to wait an hour, want about the half of what was sent", hours.now)
	}
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
		return fakeAnswer{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {fmt.Sprint(math.Ceil(left.Seconds()))}}, body: "{}", after: 20 * time.Millisecond}
	}
	q.answered = append(q.answered, now)
	return fakeAnswer{status: 200, body: "{}", after: 20 * time.Millisecond}
}

func TestUnderAQuotaNearlyNothingIsAskedTwiceAndNoBurstFollows(t *testing.T) {
	for _, perSecond := range []float64{0, 1000, 100, 50} {
		t.Run(fmt.Sprint(perSecond), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := &callQuota{most: 200, window: 5 * time.Second}
				cfg := passwordConfig()
				cfg.Limits.RequestsPerSecond, cfg.Limits.Concurrency = perSecond, 8
				s := newSession(t, cfg, &world{answer: func(int, *http.Request) fakeAnswer { return q.answer() }})
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
			})
		})
	}
}

func TestTheRateIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := passwordConfig()
		cfg.Limits.RequestsPerSecond = 10
		s := newSession(t, cfg, &world{answer: func(n int, _ *http.Request) fakeAnswer {
			if n == 1 {
				return fakeAnswer{status: 503, body: "{}"}
			}
			return fakeAnswer{status: 200, body: "{}"}
		}})
		if err := s.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := testutil.ToFloat64(s.cloud.counts.rate); got >= 10 || got < 2.5 {
			t.Errorf("cloudip_api_rate_limit is %v after a 503, want less than 10", got)
		}
	})
}
