package collect

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/collector/fakecloud"
	"cloudip_exporter/test/check"
)

var errDown = errors.New("list quotas: the cloud is down")

func down(context.Context, string) error { return errDown }

func slow(d time.Duration) func(context.Context, string) error {
	return func(ctx context.Context, _ string) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func TestScrapesAtOnceShareOneCollection(t *testing.T) {
	w := newWorld()
	watch(t, w, parse(t, "", "os: alpha, beta"), func(t *testing.T, r *Runner) {
		w.do(func() { w.behave = slow(2 * time.Second); clear(w.fetched) })

		for round := 1; round <= 2; round++ {
			var scrapes sync.WaitGroup
			for i := range 50 {
				scrapes.Go(func() {
					time.Sleep(time.Duration(i) * 10 * time.Millisecond)
					if i%5 == 0 {
						if p, err := r.Probe(context.Background(), "os", new("alpha")); err != nil {
							t.Error(err)
						} else {
							p.Collect(context.Background())
						}
						return
					}
					scrape(r, time.Minute)
				})
			}
			scrapes.Wait()
			w.wantCalls(t, "after a round", round, "os/alpha/quotas", "os/beta/quotas", "os/alpha/address_groups")
		}
	})
}

func TestWhatIsMissingIsLoggedWhenItChanges(t *testing.T) {
	w := newWorld()
	watch(t, w, parse(t, "", "os: alpha"), func(t *testing.T, r *Runner) {
		for _, step := range []struct{ unread, lines int }{{0, 0}, {2, 1}, {2, 1}, {3, 2}, {0, 2}, {2, 3}} {
			w.do(func() { w.unread = step.unread })
			scrape(r, time.Minute)
			check.Equal(t, fmt.Sprintf("lines at %d unreadable", step.unread), step.lines, strings.Count(w.log(), "could not be read"))
		}
		check.Has(t, "the log", w.log(), "skipped=2", fakecloud.ErrUnreadable.Error())
	})
}

func TestAScrapeAnswersInTimeWhileTheCloudHangsAndTheNextJoinsTheWorkLeft(t *testing.T) {
	w := newWorld()
	watch(t, w, parse(t, "", "os: alpha"), func(t *testing.T, r *Runner) {
		w.do(func() { w.behave, w.used = slow(20*time.Second), 7; clear(w.fetched) })
		for _, step := range []struct {
			timeout, took time.Duration
			used          float64
			calls         int
		}{
			{2500 * time.Millisecond, 2500 * time.Millisecond, 1, 1}, // the last answer
			{time.Minute, 17500 * time.Millisecond, 7, 1},            // what was left of the first's work
			{time.Minute, 20 * time.Second, 7, 2},
		} {
			check.Equal(t, "time of a scrape", step.took, scrape(r, step.timeout))
			wantUsed(t, r, "alpha", step.used, "after "+step.timeout.String())
			w.wantCalls(t, "after "+step.timeout.String(), step.calls, "os/alpha/quotas")
		}
	})
}

func TestAnOutageKeepsTheLastAnswerUntilMaxStale(t *testing.T) {
	w := newWorld()
	watch(t, w, parse(t, "collection: {max_stale: 15m}\n", "os: alpha"), func(t *testing.T, r *Runner) {
		good := stateOf(t, r, "alpha", "quotas")
		w.do(func() { w.behave, w.used = down, 99 })

		for range 15 {
			time.Sleep(time.Minute)
			scrape(r, 10*time.Second)
			st := stateOf(t, r, "alpha", "quotas")
			if st.Success || st.Part != good.Part || !st.LastSuccess.Equal(good.LastSuccess) || !errors.Is(st.Err, errDown) {
				t.Fatalf("in the outage: %+v, want the data and the time of %+v, success false", st, good)
			}
		}
		time.Sleep(time.Second)
		st := stateOf(t, r, "alpha", "quotas")
		got := []bool{st.Part != nil, !st.LastSuccess.IsZero(), st.Success}
		check.Equal(t, "after max_stale: data, a time and success", []bool{false, false, false}, got)
		w.do(func() { w.behave = newWorld().behave })
		scrape(r, 10*time.Second)
		wantUsed(t, r, "alpha", 99, "after the outage")
		log := w.log()
		if n := strings.Count(log, "level=WARN"); n != 15 { // of two collectors, one for each of 15 collections
			t.Errorf("%d warnings, want 15:\n%s", n, log)
		}
		check.Equal(t, "lines of recovery", 2, strings.Count(log, "works again"))
		check.Has(t, "the log", log, "cloud=os project=alpha collector=address_groups also=quotas", "the cloud is down")
	})
}

func TestAPanicFailsItsCollectorAloneAndIsLogged(t *testing.T) {
	w := newWorld()
	watch(t, w, parse(t, "", "os: alpha"), func(t *testing.T, r *Runner) {
		w.do(func() {
			w.behave = func(_ context.Context, name string) error {
				if name == "os/alpha/quotas" {
					panic("bug")
				}
				return nil
			}
		})
		scrape(r, time.Minute)
		wantUsed(t, r, "alpha", 1, "after the panic")
		quotas, groups := stateOf(t, r, "alpha", "quotas"), stateOf(t, r, "alpha", "address_groups")
		check.Equal(t, "success of quotas and of address groups", []bool{false, true}, []bool{quotas.Success, groups.Success})
		check.Has(t, "the log", w.log(), "collection panicked", "stack=")
	})
}

func TestDataTooOldIsNotShownWhileTheListOfProjectsHangs(t *testing.T) {
	w := newWorld()
	w.projects["os"] = []string{"alpha"}
	watch(t, w, parse(t, "collection: {max_stale: 15m}\n", `os: "*"`), func(t *testing.T, r *Runner) {
		w.do(func() { w.list = func(ctx context.Context) error { return hang(ctx, "") } })

		time.Sleep(14 * time.Minute)
		scrape(r, 10*time.Second)
		wantUsed(t, r, "alpha", 1, "younger than max_stale")
		time.Sleep(time.Minute)
		wantUsed(t, r, "alpha", -1, "older than max_stale, while nothing comes")
		w.do(func() { w.list = nil })
		time.Sleep(5 * time.Minute) // the collection goes on without the list
		wantUsed(t, r, "alpha", 1, "after the new answer")
	})
}

func TestBackgroundCollectionKeepsItsIntervalAndScrapesOnlyRead(t *testing.T) {
	w := newWorld()
	watch(t, w, parse(t, "collection: {interval: 1m}\n", "os: alpha, beta"), func(t *testing.T, r *Runner) {
		w.wantCalls(t, "at the start", 1, "os/alpha/quotas")
		w.do(func() { w.behave = slow(10 * time.Second) })
		for range 600 { // 10 minutes
			time.Sleep(time.Second)
			check.Equal(t, "time of a scrape", 0, scrape(r, time.Minute))
		}
		w.do(func() {
			if w.renewals < 11 {
				t.Errorf("a changed secret could count %d times in 11 collections", w.renewals)
			}
		})
		w.wantCalls(t, "the first, and one a minute from 0:30 to 10:00", 11, "os/alpha/quotas", "os/beta/quotas")
	})
}

// The first collection may end before the goroutine of the background begins.
func TestTheBackgroundDoesNotRepeatTheFirstCollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := check.Get(New(parse(t, "collection: {interval: 1m}\n", "os: alpha"), w.options()))(t)
		t.Cleanup(func() { _ = r.Close(context.Background()) })
		ticket := r.workers.ticket()
		cloud := r.current()[0]
		<-cloud.collectAll(ticket).done
		cloud.schedule(ticket)
		synctest.Wait()
		w.wantCalls(t, "after the first collection", 1, "os/alpha/quotas")
	})
}

func TestABackgroundCollectionIsNotOvertaken(t *testing.T) {
	w := newWorld()
	watch(t, w, parse(t, "collection: {interval: 1m}\n", "os: alpha"), func(t *testing.T, r *Runner) {
		w.do(func() { w.behave = hang; clear(w.fetched) })
		time.Sleep(5 * time.Minute)
		w.wantCalls(t, "hanging for 5 minutes", 1, "os/alpha/quotas")
		wantUsed(t, r, "alpha", 1, "hanging for 5 minutes")
	})
}

func TestReadyOnceTheFirstCollectionEndedBadlyToo(t *testing.T) {
	w := newWorld()
	w.behave = func(ctx context.Context, name string) error { _ = slow(time.Minute)(ctx, name); return errDown }
	watch(t, w, parse(t, "", "os: alpha"), func(t *testing.T, r *Runner) {
		check.Equal(t, "ready before the first collection ended", false, r.Ready())
		time.Sleep(time.Minute + time.Second)
		check.Equal(t, "ready after the first collection failed", true, r.Ready())
		check.OK(t, r.Reload(parse(t, "", "new: gamma")))
		check.Equal(t, "ready after a reload", true, r.Ready())
	})
}

func TestCloseCancelsWhatRunsAndNobodyWaitsForever(t *testing.T) {
	w := newWorld()
	w.behave = hang
	watch(t, w, parse(t, "", "os: alpha"), func(t *testing.T, r *Runner) {
		done := make(chan time.Duration)
		go func() { done <- scrape(r, time.Hour) }()
		time.Sleep(time.Second)
		check.OK(t, r.Close(context.Background()))
		if took := <-done; took > time.Second {
			t.Errorf("the scrape went on for %s", took)
		}
		check.Equal(t, "time of a scrape after Close", 0, scrape(r, time.Hour))
		check.Lacks(t, "the log of an end on purpose", w.log(), "failed")
	})
}

func TestFamiliesAreBuiltOnlyWhenSomethingChanged(t *testing.T) {
	w, beside := newWorld(), 0
	w.change = func(o *Options) { o.Other = func(*Target) int { return beside } }
	watch(t, w, parse(t, "series: {limit: 100}\n", "os: alpha"), func(t *testing.T, r *Runner) {
		last, _ := r.Families()
		for _, step := range []struct {
			what   string
			change func()
			built  bool
		}{
			{"time that passes", func() { time.Sleep(time.Minute) }, false},
			{"a collection", func() { scrape(r, time.Minute) }, true},
			{"nothing", func() {}, false},
			{"series beside them, with which the limit is passed", func() { beside = 100 }, true},
		} {
			step.change()
			families, err := r.Families()
			if err != nil || len(families) == 0 || (&families[0] != &last[0]) != step.built {
				t.Errorf("%s: %d families, %v, want new ones: %v", step.what, len(families), err, step.built)
			}
			last = families
		}
	})
}

func TestAClockThatStepsBackDoesNotMoveThePublishedTimeBack(t *testing.T) {
	w := newWorld()
	watch(t, w, parse(t, "", "os: alpha"), func(t *testing.T, r *Runner) {
		ahead := time.Now().Add(time.Hour).Round(0) // from before the clock was set
		target := r.current()[0].targets[0]
		for i := range target.states {
			target.states[i].LastSuccess = ahead
		}
		scrape(r, time.Minute)
		check.Equal(t, "the time that is published", ahead, stateOf(t, r, "alpha", "quotas").LastSuccess)
		w.do(func() { w.behave = down })
		time.Sleep(14 * time.Minute)
		scrape(r, time.Minute)
		wantUsed(t, r, "alpha", 1, "younger than max_stale, whatever the clock says")
	})
}
