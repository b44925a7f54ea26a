package collect

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/collector/fakecloud"
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
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "", "os: alpha, beta"))
		synctest.Wait()
		w.do(func() { w.behave = slow(2 * time.Second); clear(w.fetched) })

		for round := 1; round <= 2; round++ {
			var scrapes sync.WaitGroup
			for i := range 50 {
				scrapes.Go(func() {
					time.Sleep(time.Duration(i) * 10 * time.Millisecond)
					if i%5 == 0 {
						project := "alpha"
						p, err := r.Probe(context.Background(), "os", &project)
						if err != nil {
							t.Error(err)
							return
						}
						p.Collect(context.Background())
						return
					}
					scrape(r, time.Minute)
				})
			}
			scrapes.Wait()
			for _, name := range []string{"os/alpha/quotas", "os/beta/quotas", "os/alpha/address_groups"} {
				if got := w.count(name); got != round {
					t.Errorf("round %d: %s was fetched %d times, want %d", round, name, got, round)
				}
			}
		}
	})
}

func TestWhatIsMissingIsLoggedWhenItChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "", "os: alpha"))
		synctest.Wait()
		for _, step := range []struct{ unread, lines int }{{0, 0}, {2, 1}, {2, 1}, {3, 2}, {0, 2}, {2, 3}} {
			w.do(func() { w.unread = step.unread })
			scrape(r, time.Minute)
			if got := strings.Count(w.log(), "could not be read"); got != step.lines {
				t.Errorf("%d unreadable: %d lines, want %d:\n%s", step.unread, got, step.lines, w.log())
			}
		}
		if log := w.log(); !strings.Contains(log, "skipped=2") || !strings.Contains(log, fakecloud.ErrUnreadable.Error()) {
			t.Errorf("the log does not tell how many and why:\n%s", log)
		}
	})
}

func TestAScrapeAnswersInTimeWhileTheCloudHangsAndTheNextJoinsTheWorkLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "", "os: alpha"))
		synctest.Wait()
		w.do(func() { w.behave, w.used = slow(20*time.Second), 7; clear(w.fetched) })

		if took := scrape(r, 2500*time.Millisecond); took > 2500*time.Millisecond {
			t.Errorf("the scrape took %s", took)
		}
		if got := used(t, r, "alpha"); got != 1 {
			t.Errorf("published %v while collecting, want the last answer 1", got)
		}
		if took := scrape(r, time.Minute); took != 17500*time.Millisecond {
			t.Errorf("the second scrape took %s, want what was left of the first's work", took)
		}
		if got := used(t, r, "alpha"); got != 7 {
			t.Errorf("published %v, want 7", got)
		}
		if got := w.count("os/alpha/quotas"); got != 1 {
			t.Errorf("fetched %d times, want 1", got)
		}
		scrape(r, time.Minute)
		if got := w.count("os/alpha/quotas"); got != 2 {
			t.Errorf("a scrape after the end: fetched %d times in all, want 2", got)
		}
	})
}

func TestAnOutageKeepsTheLastAnswerUntilMaxStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "collection: {max_stale: 15m}\n", "os: alpha"))
		synctest.Wait()
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
		if st.Part != nil || !st.LastSuccess.IsZero() || st.Success {
			t.Errorf("after max_stale: %+v, want no data", st)
		}
		w.do(func() { w.behave = newWorld().behave })
		scrape(r, 10*time.Second)
		if got := used(t, r, "alpha"); got != 99 {
			t.Errorf("after the outage: %v, want 99", got)
		}
		log := w.log()
		if n := strings.Count(log, "level=WARN"); n != 15 { // of two collectors, one for each of 15 collections
			t.Errorf("%d warnings, want 15:\n%s", n, log)
		}
		if n := strings.Count(log, "works again"); n != 2 {
			t.Errorf("%d lines of recovery, want 2", n)
		}
		if !strings.Contains(log, "cloud=os project=alpha collector=address_groups also=quotas") || !strings.Contains(log, "the cloud is down") {
			t.Errorf("the log does not name cloud, project, collector and cause:\n%s", log)
		}
	})
}

func TestDataTooOldIsNotShownWhileACollectionOnDemandHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "", "os: alpha"))
		synctest.Wait()
		time.Sleep(time.Hour) // nobody scraped
		if got := used(t, r, "alpha"); got != 1 {
			t.Errorf("before the scrape: %v, want 1: nothing failed", got)
		}
		w.do(func() { w.behave = hang })
		scrape(r, 3*time.Second)
		if got := used(t, r, "alpha"); got != -1 {
			t.Errorf("an hour old %v stands in for a collection that has not ended", got)
		}
		if stateOf(t, r, "alpha", "quotas").Success {
			t.Error("success while nothing is shown")
		}
		time.Sleep(5 * time.Minute)
		st := stateOf(t, r, "alpha", "quotas")
		if st.Success || st.Err == nil || !strings.Contains(st.Err.Error(), "collection.timeout") {
			t.Errorf("after collection.timeout: %+v, want a failure that names it", st)
		}
	})
}

func TestDataTooOldIsNotShownWhileTheListOfProjectsHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.projects["os"] = []string{"alpha"}
		r := start(t, w, parse(t, "collection: {max_stale: 15m}\n", `os: "*"`))
		synctest.Wait()
		w.do(func() { w.list = func(ctx context.Context) error { return hang(ctx, "") } })

		time.Sleep(14 * time.Minute)
		scrape(r, 10*time.Second)
		if used(t, r, "alpha") != 1 {
			t.Error("an answer younger than max_stale is not shown")
		}
		time.Sleep(time.Minute)
		if st := stateOf(t, r, "alpha", "quotas"); st.Part != nil {
			t.Errorf("an answer older than max_stale is shown while nothing comes: %+v", st)
		}
		w.do(func() { w.list = nil })
		time.Sleep(5 * time.Minute) // the collection goes on without the list
		if used(t, r, "alpha") != 1 {
			t.Error("the new answer is not shown")
		}
	})
}

func TestOneFailingCollectorHidesNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.behave = func(_ context.Context, name string) error {
			switch name {
			case "os/alpha/quotas":
				return errDown
			case "os/beta/address_groups":
				panic("bug")
			}
			return nil
		}
		r := start(t, w, parse(t, "", "os: alpha, beta"))
		synctest.Wait()
		for _, c := range []struct {
			project, collector string
			success            bool
		}{
			{"alpha", "quotas", false}, {"alpha", "address_groups", true},
			{"beta", "quotas", true}, {"beta", "address_groups", false},
		} {
			if st := stateOf(t, r, c.project, c.collector); st.Success != c.success {
				t.Errorf("%s of %s: success %v, want %v (%v)", c.collector, c.project, st.Success, c.success, st.Err)
			}
		}
		if log := w.log(); strings.Count(log, "level=ERROR") != 1 || !strings.Contains(log, "stack=") {
			t.Errorf("the panic is not told once with its stack:\n%s", log)
		}
	})
}

func TestBackgroundCollectionKeepsItsIntervalAndScrapesOnlyRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "collection: {interval: 1m}\n", "os: alpha, beta"))
		synctest.Wait()
		if got := w.count("os/alpha/quotas"); got != 1 {
			t.Fatalf("at the start: fetched %d times, want 1", got)
		}
		w.do(func() { w.behave = slow(10 * time.Second) })
		for range 600 { // 10 minutes
			time.Sleep(time.Second)
			if took := scrape(r, time.Minute); took != 0 {
				t.Fatalf("a scrape waited %s", took)
			}
		}
		w.do(func() {
			if w.renewals < 11 {
				t.Errorf("a changed secret could count %d times in 11 collections", w.renewals)
			}
		})
		for _, name := range []string{"os/alpha/quotas", "os/beta/quotas"} {
			if got := w.count(name); got != 11 { // the first, and one a minute from 0:30
				t.Errorf("%s: fetched %d times in 10 minutes, want 11", name, got)
			}
		}
	})
}

// The first collection may end before the goroutine of the background begins.
func TestTheBackgroundDoesNotRepeatTheFirstCollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r, err := New(parse(t, "collection: {interval: 1m}\n", "os: alpha"), w.options())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.Close(context.Background()) })
		ticket := r.workers.tickets.take()
		cloud := r.current()[0]
		<-cloud.collectAll(ticket).done
		cloud.schedule(ticket)
		synctest.Wait()
		if got := w.count("os/alpha/quotas"); got != 1 {
			t.Errorf("fetched %d times, want 1", got)
		}
	})
}

func TestABackgroundCollectionIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "collection: {interval: 1m}\n", "os: alpha"))
		synctest.Wait()
		w.do(func() { w.behave = hang; clear(w.fetched) })
		time.Sleep(5 * time.Minute)
		if got := w.count("os/alpha/quotas"); got != 1 {
			t.Errorf("%d collections at once", got)
		}
		if got := used(t, r, "alpha"); got != 1 {
			t.Errorf("the last answer is gone: %v", got)
		}
	})
}

func TestReadyOnceTheFirstCollectionEndedBadlyToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.behave = func(ctx context.Context, name string) error { _ = slow(time.Minute)(ctx, name); return errDown }
		cfg := parse(t, "", "os: alpha")
		r := start(t, w, cfg)
		synctest.Wait()
		if r.Ready() {
			t.Error("ready before the first collection ended")
		}
		time.Sleep(time.Minute + time.Second)
		if !r.Ready() {
			t.Error("not ready after the first collection failed")
		}
		if err := r.Reload(parse(t, "", "new: gamma")); err != nil {
			t.Fatal(err)
		}
		if !r.Ready() {
			t.Error("a reload made it unready")
		}
	})
}

func TestCloseCancelsWhatRunsAndNobodyWaitsForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.behave = hang
		r := start(t, w, parse(t, "", "os: alpha"))
		synctest.Wait()
		done := make(chan time.Duration)
		go func() { done <- scrape(r, time.Hour) }()
		time.Sleep(time.Second)
		if err := r.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		if took := <-done; took > time.Second {
			t.Errorf("the scrape went on for %s", took)
		}
		if took := scrape(r, time.Hour); took != 0 {
			t.Errorf("a scrape after Close waited %s", took)
		}
		if strings.Contains(w.log(), "failed") {
			t.Errorf("an end on purpose was logged as a failure:\n%s", w.log())
		}
	})
}

func TestFamiliesAreBuiltOnlyWhenSomethingChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "", "os: alpha"))
		synctest.Wait()
		first, err := r.Families()
		if err != nil || len(first) == 0 {
			t.Fatalf("%d families, error %v", len(first), err)
		}
		time.Sleep(time.Minute)
		again, _ := r.Families()
		if &first[0] != &again[0] {
			t.Error("built again although nothing changed")
		}
		scrape(r, time.Minute)
		if again, _ = r.Families(); &first[0] == &again[0] {
			t.Error("not built again after a collection")
		}
	})
}

func TestFamiliesMakeRoomForSeriesThatCameBesideThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		beside := 0
		o := w.options()
		o.Other = func(*Target) int { return beside }
		r, err := New(parse(t, "series: {limit: 1}\n", "os: alpha"), o)
		if err != nil {
			t.Fatal(err)
		}
		first, _ := r.Families()
		again, _ := r.Families()
		if &first[0] != &again[0] {
			t.Error("built again although nothing changed")
		}
		beside = 3
		if again, _ = r.Families(); &first[0] == &again[0] {
			t.Error("not built again: with the series that came the limit is passed")
		}
	})
}

func TestPublishedTimesNeverGoBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "", "os: alpha"))
		synctest.Wait()
		var last time.Time
		for i := range 100 {
			w.do(func() {
				w.behave = []func(context.Context, string) error{down, slow(time.Second), hang}[i%3]
			})
			scrape(r, 5*time.Second)
			st := stateOf(t, r, "alpha", "quotas")
			if st.Part != nil && st.LastSuccess.Before(last) {
				t.Fatalf("scrape %d: %s after %s", i, st.LastSuccess, last)
			}
			if st.Part != nil {
				last = st.LastSuccess
			}
			time.Sleep(7 * time.Minute)
		}
	})
}

func TestAClockThatStepsBackDoesNotMoveThePublishedTimeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "", "os: alpha"))
		synctest.Wait()
		ahead := time.Now().Add(time.Hour).Round(0) // from before the clock was set
		target := r.current()[0].targets[0]
		for i := range target.states {
			target.states[i].LastSuccess = ahead
		}
		scrape(r, time.Minute)
		if got := stateOf(t, r, "alpha", "quotas").LastSuccess; !got.Equal(ahead) {
			t.Errorf("published %s after %s", got, ahead)
		}
		w.do(func() { w.behave = down })
		time.Sleep(14 * time.Minute)
		scrape(r, time.Minute)
		if used(t, r, "alpha") != 1 {
			t.Error("the age of the data was told by the clock that was set")
		}
	})
}
