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
	if !same(a, b) {
		t.Error("equal clouds are not the same")
	}
	b.Auth.Password = config.NewSecret("y")
	if same(a, b) {
		t.Error("another password is the same")
	}
}
