package collect

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
)

func reload(t *testing.T, r *Runner, cfg *config.Config) {
	t.Helper()
	check.OK(t, r.Reload(cfg))
	synctest.Wait()
}

func TestReloadKeepsTheAnswersOfTargetsThatStay(t *testing.T) {
	w := newWorld()
	watch(t, w, parse(t, "", "one: alpha", "two: beta, gamma", "three: delta"), func(t *testing.T, r *Runner) {
		w.do(func() { w.behave = down })
		reload(t, r, parse(t, "", "two: beta, epsilon", "one: alpha", "four: zeta"))
		check.Equal(t, "targets", []Target{{"two", "beta"}, {"two", "epsilon"}, {"one", "alpha"}, {"four", "zeta"}}, r.Targets())
		for project, want := range map[string]float64{"alpha": 1, "beta": 1, "epsilon": -1, "zeta": -1} {
			wantUsed(t, r, project, want, "after the reload")
		}
		check.Equal(t, "metrics forgotten", []Target{{"three", "delta"}, {"two", "gamma"}}, w.gone())
		scrape(r, time.Minute)
		st := stateOf(t, r, "beta", "quotas")
		check.Equal(t, "success and data of beta after a failure", []bool{false, true}, []bool{st.Success, st.Part != nil})
	})
}

func TestReloadCancelsTheCollectionsOfRemovedTargets(t *testing.T) {
	w := newWorld()
	w.behave = hang
	watch(t, w, parse(t, "", "one: alpha", "two: beta"), func(t *testing.T, r *Runner) {
		begun := time.Now()
		reload(t, r, parse(t, "", "one: alpha"))
		check.Equal(t, "how long the reload waited", 0, time.Since(begun))
		check.Lacks(t, "the log of a removal", w.log(), "failed")
		check.Equal(t, "metrics forgotten", []Target{{"two", "beta"}}, w.gone())
	})
}

func TestAReloadForgetsAllNamesThatACloudWasCountedBy(t *testing.T) {
	for _, c := range []struct {
		before, after string
		want          []Target
	}{
		{`os: "*"`, "other: x", []Target{{"os", "*"}, {"os", "alpha"}}},
		{`os: "*"`, "os: alpha", []Target{{"os", "*"}}},
		{`os: "*"`, "os", []Target{{"os", "*"}}}, // alpha, as it was listed
		{"os", "other: x", []Target{{"os", ""}, {"os", "alpha"}}},
	} {
		w := newWorld()
		w.projects["os"] = []string{"alpha"}
		watch(t, w, parse(t, "", c.before), func(t *testing.T, r *Runner) {
			reload(t, r, parse(t, "", c.after))
			check.Equal(t, c.before+" to "+c.after+": metrics forgotten", c.want, w.gone())
		})
	}
}

func TestACloudThatReturnsWhileItsCollectionEndsIsNotForgotten(t *testing.T) {
	w := newWorld()
	w.behave = func(context.Context, string) error { time.Sleep(time.Second); return nil }
	watch(t, w, parse(t, "", "one: alpha", "two: beta"), func(t *testing.T, r *Runner) {
		go scrape(r, time.Minute)
		synctest.Wait()
		reload(t, r, parse(t, "", "one: alpha"))
		reload(t, r, parse(t, "", "one: alpha", "two: beta"))
		time.Sleep(time.Minute)
		check.Equal(t, "metrics forgotten", nil, w.gone())
	})
}

func TestAFailedReloadChangesNothing(t *testing.T) {
	w, cfg := newWorld(), parse(t, "", "one: alpha")
	watch(t, w, cfg, func(t *testing.T, r *Runner) {
		check.Fails(t, "reload", r.Reload(parse(t, "    region: broken\n", "new: x", "bad: x")), `cloud "bad"`)
		check.Equal(t, "the configuration is the old one", true, r.Config() == cfg)
		wantUsed(t, r, "alpha", 1, "after the failed reload")
		check.Equal(t, "sessions closed", []string{"new"}, w.closed)
	})
}

func TestReloadTakesUpAnInterval(t *testing.T) {
	w := newWorld()
	watch(t, w, parse(t, "", "one: alpha"), func(t *testing.T, r *Runner) {
		for _, step := range []struct {
			more        string
			least, most int // collections in 10 minutes without a scrape
		}{{"", 0, 0}, {"collection: {interval: 1m}\n", 10, 12}, {"", 0, 0}} {
			reload(t, r, parse(t, step.more, "one: alpha"))
			w.do(func() { clear(w.fetched) })
			time.Sleep(10*time.Minute + time.Second)
			if got := w.count("one/alpha/quotas"); got < step.least || got > step.most {
				t.Errorf("%q: fetched %d times in 10 minutes", step.more, got)
			}
		}
	})
}

func TestAllProjectsAreExpandedAtEachCollection(t *testing.T) {
	w := newWorld()
	w.list = refused
	watch(t, w, parse(t, "", `os: "*"`), func(t *testing.T, r *Runner) {
		check.Equal(t, "targets before the first list", []Target{{"os", "*"}}, r.Targets())
		if st := stateOf(t, r, "*", "quotas"); st.Success || st.Err == nil {
			t.Errorf("before the first list: %+v, want a failure", st)
		}
		for _, step := range []struct {
			what     string
			projects []string
			list     func(context.Context) error
			want     []string
		}{
			{"a first list", []string{"alpha", "beta"}, nil, []string{"alpha", "beta"}},
			{"a change", []string{"beta", "gamma"}, nil, []string{"beta", "gamma"}},
			{"a failure", nil, refused, []string{"beta", "gamma", "*"}}, // the last good list and the mark
			{"an empty list", nil, nil, []string{"beta", "gamma", "*"}},
		} {
			w.do(func() { w.list, w.projects["os"] = step.list, step.projects })
			scrape(r, time.Minute)
			var got []string
			for _, target := range r.Targets() {
				got = append(got, target.Project)
			}
			check.Equal(t, "projects after "+step.what, step.want, got)
			st := stateOf(t, r, "beta", "quotas")
			check.Equal(t, "success and data of a known project after "+step.what, []bool{true, true}, []bool{st.Success, st.Part != nil})
		}
		synctest.Wait()
		check.Equal(t, "metrics forgotten", []Target{{"os", "alpha"}}, w.gone())
	})
}

func TestAnOwnScopeGetsItsNameByTheFirstCollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.projects["os"] = []string{"alpha"}
		r := check.Get(New(parse(t, "", "os"), w.options()))(t)
		defer r.Close(t.Context())
		check.Equal(t, "targets before", []Target{{"os", ""}}, r.Targets())
		r.Start()
		synctest.Wait()
		check.Equal(t, "targets after", []Target{{"os", "alpha"}}, r.Targets())
		wantUsed(t, r, "alpha", 1, "after the first collection")
		w.do(func() { w.list = refused })
		check.OK(t, r.Reload(parse(t, "    limits: {page_size: 7}\n", "os"))) // a new session
		scrape(r, time.Minute)
		check.Equal(t, "targets while nobody can log in", []Target{{"os", "alpha"}}, r.Targets())
		st := stateOf(t, r, "alpha", "quotas")
		check.Equal(t, "success and data while nobody can log in", []bool{false, true}, []bool{st.Success, st.Part != nil})
	})
}

func TestBackgroundCollectionFindsNewProjects(t *testing.T) {
	w := newWorld()
	w.projects["os"] = []string{"alpha"}
	watch(t, w, parse(t, "collection: {interval: 1m}\n", `os: "*"`), func(t *testing.T, r *Runner) {
		time.Sleep(5*time.Minute + time.Second)
		w.do(func() { w.projects["os"] = []string{"alpha", "beta"}; w.listings = 0; clear(w.fetched) })
		time.Sleep(5 * time.Minute)
		wantUsed(t, r, "beta", 1, "a new project")
		w.do(func() {
			check.Equal(t, "listings of projects in 5 minutes", 5, w.listings)
			check.Equal(t, "collections of alpha in 5 minutes", 5, w.fetched["os/alpha/quotas"])
		})
	})
}

func TestTargetsKeptOverAReloadFailWhileProjectsCannotBeListed(t *testing.T) {
	w := newWorld()
	w.projects["os"] = []string{"alpha"}
	watch(t, w, parse(t, "collection: {max_stale: 15m}\n", "os"), func(t *testing.T, r *Runner) {
		w.do(func() { w.list = refused })

		reload(t, r, parse(t, "collection: {max_stale: 15m}\n", `os: "*"`))
		scrape(r, time.Minute)
		st := stateOf(t, r, "alpha", "quotas")
		check.Equal(t, "success and data after the reload", []bool{false, true}, []bool{st.Success, st.Part != nil})
		time.Sleep(16 * time.Minute)
		scrape(r, time.Minute)
		wantUsed(t, r, "alpha", -1, "after max_stale")
	})
}

func TestReloadKeepsAnswersUnlessAnotherCloudIsAsked(t *testing.T) {
	const before, password = "auth: {type: application_credential, application_credential_id: a, application_credential_secret: s, url: \"https://k.example/v3\"}",
		"auth: {type: password, username: u, password: p, url: \"https://k.example/v3\"}"
	for name, tt := range map[string]struct {
		before, after string
		want          float64
	}{
		"page size":      {before, before + "\n    limits: {page_size: 50}", 1},
		"timeout":        {before, before + "\n    http: {timeout: 7s}", 1},
		"rotated secret": {before, strings.NewReplacer("_id: a", "_id: b", "_secret: s", "_secret: t").Replace(before), 1},
		"password":       {password, strings.Replace(password, "password: p", "password: other", 1), 1},
		"tags":           {password, password + "\nseries: {tags: [team]}", 1},
		"another cloud":  {password, strings.Replace(password, "k.example", "elsewhere.example", 1), -1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			watch(t, w, oneCloud(t, tt.before), func(t *testing.T, r *Runner) {
				w.do(func() { w.behave = down })
				reload(t, r, oneCloud(t, tt.after))
				wantUsed(t, r, "alpha", tt.want, "after the reload")
			})
		})
	}
}

func TestAReloadFollowsTheFilesThatTheConfigurationNames(t *testing.T) {
	w, cfg := newWorld(), parse(t, "", "one: alpha", "two: beta")
	watch(t, w, cfg, func(t *testing.T, r *Runner) {
		reload(t, r, cfg)
		check.Equal(t, "clouds closed where no file has changed", 0, len(w.closed))
		w.do(func() { w.behave, w.leads = down, "elsewhere" })
		reload(t, r, parse(t, "    http: {timeout: 7s}\n", "one: alpha", "two: beta"))
		check.Equal(t, "clouds closed where files have changed", 2, len(w.closed))
		wantUsed(t, r, "alpha", -1, "from where the file leads now")
		wantUsed(t, r, "beta", -1, "from there, where the entry has changed too")
	})
}

func oneCloud(t *testing.T, auth string) *config.Config {
	t.Helper()
	return parseText(t, `
  - name: one
    provider: openstack
    collectors: [address_groups, quotas]
    projects: [alpha]
    `+auth)
}

func TestAScrapeUnderWayGetsTheAnswersOfTheNewConfiguration(t *testing.T) {
	w := newWorld()
	w.behave = hang
	watch(t, w, parse(t, "", "one: alpha", "two: beta"), func(t *testing.T, r *Runner) {
		probe := check.Get(r.Probe(t.Context(), "two", nil))(t)
		ends := make(chan struct{}, 2)
		go func() { scrape(r, time.Minute); ends <- struct{}{} }()
		go func() {
			probe.Collect(check.Within(t, time.Minute))
			ends <- struct{}{}
		}()
		synctest.Wait()
		w.do(func() { w.behave = func(context.Context, string) error { time.Sleep(time.Second); return nil } })
		reload(t, r, parse(t, "", "two: beta, gamma"))
		begun := time.Now()
		<-ends
		<-ends
		check.Equal(t, "how long the scrapes go on after the reload", time.Second, time.Since(begun))
		for _, project := range []string{"beta", "gamma"} {
			wantUsed(t, r, project, 1, "after the reload")
		}
		if st := probe.Snapshot().State("quotas"); st.Part == nil {
			t.Error("the probe shows the target of the old configuration")
		}
	})
}

// What still runs would bring the metrics back.
func TestAProjectThatLeavesWhileItIsCollectedIsForgottenAfterwards(t *testing.T) {
	w := newWorld()
	w.projects["os"] = []string{"alpha", "beta"}
	w.behave = func(ctx context.Context, name string) error {
		if strings.HasPrefix(name, "os/beta/") {
			return hang(ctx, name)
		}
		return nil
	}
	watch(t, w, parse(t, "collection: {timeout: 1m}\n", `os: "*"`), func(t *testing.T, r *Runner) {
		w.do(func() { w.projects["os"] = []string{"alpha"} })
		check.Get(r.Probe(t.Context(), "os", new("alpha")))(t).Collect(t.Context()) // lists the projects anew
		synctest.Wait()
		for _, want := range [][]Target{nil, {{"os", "beta"}}} {
			check.Equal(t, "metrics forgotten", want, w.gone())
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
		check.Equal(t, "time of a scrape", time.Minute, scrape(r, time.Hour))
		check.Fails(t, "the collection", stateOf(t, r, "alpha", "quotas").Err, "collection.timeout")
	})
}

func TestEverySecretOfACloudIsCompared(t *testing.T) {
	var c config.Cloud
	listed := secrets(&c)
	found := 0
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[config.Secret]():
			found++
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		}
	}
	walk(reflect.ValueOf(c))
	check.Equal(t, "secrets that are compared", len(listed), found)
	a, b := config.Cloud{Name: "a"}, config.Cloud{Name: "a"}
	a.Auth.Password, b.Auth.Password = config.NewSecret("x"), config.NewSecret("x")
	check.Equal(t, "equal clouds are the same", true, same(a, b))
	b.Auth.Password = config.NewSecret("y")
	check.Equal(t, "another password is the same", false, same(a, b))
}
