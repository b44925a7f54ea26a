package collect

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
)

func reload(t *testing.T, r *Runner, cfg *config.Config) {
	t.Helper()
	if err := r.Reload(cfg); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func TestReloadKeepsTheAnswersOfTargetsThatStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "", "one: alpha", "two: beta, gamma", "three: delta"))
		synctest.Wait()
		w.do(func() { w.behave = down })

		reload(t, r, parse(t, "", "two: beta, epsilon", "one: alpha", "four: zeta"))
		want := []Target{{"two", "beta"}, {"two", "epsilon"}, {"one", "alpha"}, {"four", "zeta"}}
		if got := r.Targets(); !slices.Equal(got, want) {
			t.Fatalf("targets %v, want %v", got, want)
		}
		for project, want := range map[string]float64{"alpha": 1, "beta": 1, "epsilon": -1, "zeta": -1} {
			if got := used(t, r, project); got != want {
				t.Errorf("project %s: %v, want %v", project, got, want)
			}
		}
		var forgotten []Target
		w.do(func() { forgotten = slices.Clone(w.forgotten) })
		slices.SortFunc(forgotten, func(a, b Target) int { return strings.Compare(a.Project, b.Project) })
		if want := []Target{{"three", "delta"}, {"two", "gamma"}}; !slices.Equal(forgotten, want) {
			t.Errorf("metrics forgotten of %v, want %v", forgotten, want)
		}
		scrape(r, time.Minute)
		if st := stateOf(t, r, "beta", "quotas"); st.Success || st.Part == nil {
			t.Errorf("beta after a failure: %+v, want the answer from before the reload", st)
		}
	})
}

func TestReloadDropsTheAnswersOfATargetThatIsAskedOtherwise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		cfg := parse(t, "", "one: alpha")
		r := start(t, w, cfg)
		synctest.Wait()
		other, err := config.Parse("test.yml", []byte(`
clouds:
  - name: one
    provider: openstack
    collectors: [address_groups, quotas]
    auth: {type: password, url: "https://elsewhere.example/v3", username: u, password: p}
    projects: [alpha]
`), config.Options{Collectors: collector.Catalogue()})
		if err != nil {
			t.Fatal(err)
		}
		reload(t, r, other)
		if got := used(t, r, "alpha"); got != -1 {
			t.Errorf("another cloud's answer %v is published", got)
		}
	})
}

func TestReloadCancelsTheCollectionsOfRemovedTargets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.behave = hang
		r := start(t, w, parse(t, "", "one: alpha", "two: beta"))
		synctest.Wait()
		begun := time.Now()
		reload(t, r, parse(t, "", "one: alpha"))
		if time.Since(begun) != 0 {
			t.Error("the reload waited for a collection")
		}
		var forgotten []Target
		w.do(func() { forgotten = slices.Clone(w.forgotten) })
		if !slices.Contains(forgotten, Target{"two", "beta"}) {
			t.Error("the removed target still collects")
		}
		if strings.Contains(w.log(), "failed") {
			t.Errorf("a removal was logged as a failure:\n%s", w.log())
		}
	})
}

func TestAFailedReloadChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		cfg := parse(t, "", "one: alpha")
		r := start(t, w, cfg)
		synctest.Wait()
		broken, err := config.Parse("test.yml", []byte(`
clouds:
  - {name: new, provider: openstack, auth: {type: password, url: "https://k.example", username: u, password: p}}
  - {name: bad, provider: openstack, region: broken, auth: {type: password, url: "https://k.example", username: u, password: p}}
`), config.Options{Collectors: collector.Catalogue()})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Reload(broken); err == nil || !strings.Contains(err.Error(), `cloud "bad"`) {
			t.Errorf("error %v, want one that names the cloud", err)
		}
		if r.Config() != cfg || used(t, r, "alpha") != 1 {
			t.Error("the failed reload changed something")
		}
		if !slices.Equal(w.closed, []string{"new"}) {
			t.Errorf("sessions closed: %v, want the one opened in vain", w.closed)
		}
	})
}

func TestReloadTakesUpAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "", "one: alpha"))
		synctest.Wait()
		w.do(func() { clear(w.fetched) })
		time.Sleep(10 * time.Minute)
		if got := w.count("one/alpha/quotas"); got != 0 {
			t.Fatalf("on demand: fetched %d times without a scrape", got)
		}
		reload(t, r, parse(t, "collection: {interval: 1m}\n", "one: alpha"))
		time.Sleep(10*time.Minute + time.Second)
		if got := w.count("one/alpha/quotas"); got < 10 || got > 12 {
			t.Errorf("in the background: fetched %d times in 10 minutes", got)
		}
		reload(t, r, parse(t, "", "one: alpha"))
		w.do(func() { clear(w.fetched) })
		time.Sleep(10 * time.Minute)
		if got := w.count("one/alpha/quotas"); got != 0 {
			t.Errorf("on demand again: fetched %d times without a scrape", got)
		}
	})
}

func TestAllProjectsAreExpandedAtEachCollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.listErr = errors.New("list projects: refused")
		r := start(t, w, parse(t, "", `os: "*"`))
		synctest.Wait()
		if got, want := r.Targets(), []Target{{"os", "*"}}; !slices.Equal(got, want) {
			t.Fatalf("before the first list: %v, want %v", got, want)
		}
		if st := stateOf(t, r, "*", "quotas"); st.Success || st.Err == nil {
			t.Errorf("before the first list: %+v, want a failure", st)
		}

		w.do(func() { w.listErr, w.projects["os"] = nil, []string{"alpha", "beta"} })
		scrape(r, time.Minute)
		if got, want := r.Targets(), []Target{{"os", "alpha"}, {"os", "beta"}}; !slices.Equal(got, want) {
			t.Fatalf("expanded: %v, want %v", got, want)
		}
		if used(t, r, "beta") != 1 {
			t.Error("a new project was not collected by the same scrape")
		}

		w.do(func() { w.projects["os"] = []string{"beta", "gamma"} })
		scrape(r, time.Minute)
		if got, want := r.Targets(), []Target{{"os", "beta"}, {"os", "gamma"}}; !slices.Equal(got, want) {
			t.Errorf("after a change: %v, want %v", got, want)
		}
		synctest.Wait()
		w.do(func() {
			if !slices.Contains(w.forgotten, Target{"os", "alpha"}) {
				t.Error("metrics of the vanished project stay")
			}
		})

		for name, err := range map[string]error{"failed": errors.New("refused"), "empty": nil} {
			w.do(func() { w.listErr, w.projects["os"] = err, nil })
			scrape(r, time.Minute)
			if got, want := r.Targets(), []Target{{"os", "beta"}, {"os", "gamma"}, {"os", "*"}}; !slices.Equal(got, want) {
				t.Errorf("list %s: %v, want the last good one and the mark %v", name, got, want)
			}
			if st := stateOf(t, r, "beta", "quotas"); !st.Success || st.Part == nil {
				t.Errorf("list %s: a known project suffers: %+v", name, st)
			}
		}
	})
}

func TestAnOwnScopeGetsItsNameByTheFirstCollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.projects["os"] = []string{"alpha"}
		r, err := New(parse(t, "", "os"), w.options())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := r.Targets(), []Target{{"os", ""}}; !slices.Equal(got, want) {
			t.Fatalf("before: %v, want %v", got, want)
		}
		r.Start()
		synctest.Wait()
		if got, want := r.Targets(), []Target{{"os", "alpha"}}; !slices.Equal(got, want) {
			t.Fatalf("after: %v, want %v", got, want)
		}
		if used(t, r, "alpha") != 1 {
			t.Error("not collected")
		}
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestBackgroundCollectionFindsNewProjects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.projects["os"] = []string{"alpha"}
		r := start(t, w, parse(t, "collection: {interval: 1m}\n", `os: "*"`))
		time.Sleep(5*time.Minute + time.Second)
		w.do(func() { w.projects["os"] = []string{"alpha", "beta"}; w.listings = 0; clear(w.fetched) })
		time.Sleep(5 * time.Minute)
		if used(t, r, "beta") != 1 {
			t.Error("the new project was not collected")
		}
		w.do(func() {
			if w.listings != 5 || w.fetched["os/alpha/quotas"] != 5 {
				t.Errorf("in 5 minutes %d listings of projects and %d collections of alpha, want 5 and 5", w.listings, w.fetched["os/alpha/quotas"])
			}
		})
	})
}

func TestTargetsKeptOverAReloadFailWhileProjectsCannotBeListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.projects["os"] = []string{"alpha"}
		r := start(t, w, parse(t, "collection: {max_stale: 15m}\n", "os"))
		synctest.Wait()
		w.do(func() { w.listErr = errors.New("list projects: refused") })

		reload(t, r, parse(t, "collection: {max_stale: 15m}\n", `os: "*"`))
		scrape(r, time.Minute)
		if st := stateOf(t, r, "alpha", "quotas"); st.Success || st.Part == nil {
			t.Errorf("after the reload: %+v, want the last answer and a failure", st)
		}
		time.Sleep(16 * time.Minute)
		scrape(r, time.Minute)
		if st := stateOf(t, r, "alpha", "quotas"); st.Part != nil {
			t.Errorf("after max_stale: %+v, want no data", st)
		}
	})
}

func TestReloadKeepsAnswersWhereOnlyTheWayOfAskingChanges(t *testing.T) {
	const before, password = "auth: {type: application_credential, application_credential_id: a, application_credential_secret: s, url: \"https://k.example/v3\"}",
		"auth: {type: password, username: u, password: p, url: \"https://k.example/v3\"}"
	for name, tt := range map[string]struct{ before, after string }{
		"page size":      {before, before + "\n    limits: {page_size: 50}"},
		"timeout":        {before, before + "\n    http: {timeout: 7s}"},
		"rotated secret": {before, strings.NewReplacer("_id: a", "_id: b", "_secret: s", "_secret: t").Replace(before)},
		"password":       {password, strings.Replace(password, "password: p", "password: other", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, newWorld(), oneCloud(t, tt.before))
				synctest.Wait()
				reload(t, r, oneCloud(t, tt.after))
				if got := used(t, r, "alpha"); got != 1 {
					t.Errorf("the answer is %v after the reload, want that from before", got)
				}
			})
		})
	}
}

func oneCloud(t *testing.T, auth string) *config.Config {
	t.Helper()
	cfg, err := config.Parse("test.yml", []byte(`
clouds:
  - name: one
    provider: openstack
    collectors: [address_groups, quotas]
    projects: [alpha]
    `+auth), config.Options{Collectors: collector.Catalogue()})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestAScrapeUnderWayGetsTheAnswersOfTheNewConfiguration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.behave = hang
		r := start(t, w, parse(t, "", "one: alpha", "two: beta"))
		probe, err := r.Probe(t.Context(), "two", nil)
		if err != nil {
			t.Fatal(err)
		}
		ends := make(chan struct{}, 2)
		go func() { scrape(r, time.Minute); ends <- struct{}{} }()
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			probe.Collect(ctx)
			ends <- struct{}{}
		}()
		synctest.Wait()
		w.do(func() { w.behave = func(context.Context, string) error { time.Sleep(time.Second); return nil } })
		reload(t, r, parse(t, "", "two: beta, gamma"))
		begun := time.Now()
		<-ends
		<-ends
		if took := time.Since(begun); took != time.Second {
			t.Errorf("the scrapes ended %v after the reload, want 1s", took)
		}
		for _, project := range []string{"beta", "gamma"} {
			if got := used(t, r, project); got != 1 {
				t.Errorf("project %s: %v", project, got)
			}
		}
		if st := probe.Snapshot().State("quotas"); st.Part == nil {
			t.Error("the probe shows the target of the old configuration")
		}
	})
}

// What still runs would bring the metrics back.
func TestAProjectThatLeavesWhileItIsCollectedIsForgottenAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.projects["os"] = []string{"alpha", "beta"}
		w.behave = func(ctx context.Context, name string) error {
			if strings.HasPrefix(name, "os/beta/") {
				return hang(ctx, name)
			}
			return nil
		}
		r := start(t, w, parse(t, "collection: {timeout: 1m}\n", `os: "*"`))
		synctest.Wait()
		w.do(func() { w.projects["os"] = []string{"alpha"} })
		alpha := "alpha"
		p, err := r.Probe(t.Context(), "os", &alpha)
		if err != nil {
			t.Fatal(err)
		}
		p.Collect(t.Context()) // lists the projects anew
		synctest.Wait()
		for _, want := range [][]Target{nil, {{"os", "beta"}}} {
			w.do(func() {
				if !slices.Equal(w.forgotten, want) {
					t.Errorf("forgotten %v, want %v", w.forgotten, want)
				}
			})
			time.Sleep(2 * time.Minute)
			synctest.Wait()
		}
	})
}

func TestListingAndCollectingTogetherEndWithTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.projects["os"] = []string{"alpha"}
		w.list = func(context.Context) error { time.Sleep(20 * time.Second); return nil }
		w.behave = hang
		r := start(t, w, parse(t, "collection: {timeout: 1m}\n", `os: "*"`))
		if took := scrape(r, time.Hour); took != time.Minute {
			t.Errorf("took %s, want 1m", took)
		}
	})
}
