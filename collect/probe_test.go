package collect

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/metrictest"
)

func TestProbeTakesConfiguredNamesOnly(t *testing.T) {
	w := newWorld()
	w.projects["all"] = []string{"delta"}
	watch(t, w, parse(t, "", "one: alpha", "two: beta, gamma", `all: "*"`), func(t *testing.T, r *Runner) {
		cases := []struct {
			name, cloud string
			project     *string
			want        string // the target, or the error
		}{
			{"both names", "two", new("gamma"), "two/gamma"},
			{"the only project left out", "one", nil, "one/alpha"},
			{"an expanded project", "all", new("delta"), "all/delta"},
			{"the only expanded project left out", "all", nil, "all/delta"},
			{"an ambiguous cloud", "two", nil, `cloud "two" has 2 projects: name one with the parameter project`},
			{"an unknown cloud", "three", nil, `no cloud "three" is configured`},
			{"an empty cloud", "", nil, `no cloud "" is configured`},
			{"an unknown project", "one", new("beta"), `cloud "one" has no project "beta"`},
			{"an empty project", "one", new(""), `cloud "one" has no project ""`},
			{"a project of an expanded cloud that does not exist", "all", new("alpha"), `cloud "all" has no project "alpha"`},
			{"the mark of an expanded cloud", "all", new("*"), `cloud "all" has no project "*"`},
		}
		for _, listed := range []string{"", " while projects cannot be listed"} {
			for _, c := range cases {
				got := ""
				if p, err := r.Probe(context.Background(), c.cloud, c.project); err != nil {
					got = err.Error()
				} else {
					got = p.Target().Cloud + "/" + p.Target().Project
				}
				check.Equal(t, c.name+listed, c.want, got)
			}
			w.do(func() { w.list = refused })
			scrape(r, time.Minute)
		}
	})
}

func TestProbeCollectsItsTargetAlone(t *testing.T) {
	w := newWorld()
	watch(t, w, parse(t, "", "two: beta, gamma"), func(t *testing.T, r *Runner) {
		w.do(func() { clear(w.fetched) })
		p := check.Get(r.Probe(context.Background(), "two", new("gamma")))(t)
		p.Collect(context.Background())
		check.Equal(t, "fetched", map[string]int{"two/gamma/quotas": 1, "two/gamma/address_groups": 1}, w.fetched)
		_, others := metrictest.Sum(t, prometheus.GathererFunc(p.Families), "", "beta")
		check.Equal(t, "series of another project", 0, others)
	})
}

func TestProbeStandsInWhileProjectsWereNeverListed(t *testing.T) {
	w := newWorld()
	w.list = refused
	watch(t, w, parse(t, "", `os: "*"`), func(t *testing.T, r *Runner) {
		ctx := check.Within(t, time.Second)
		p := check.Get(r.Probe(ctx, "os", new("alpha")))(t)
		p.Collect(ctx)
		if st := p.Snapshot().State("quotas"); st == nil || st.Success {
			t.Errorf("state %+v, want one without success", st)
		}
	})
}

// With collection.interval a probe waits for the first collection of its target, which
// it shares with the background, and for no later one.
func TestAProbeWaitsForTheFirstCollectionInTheBackground(t *testing.T) {
	for _, projects := range []string{"alpha, beta", `"*"`} {
		w := newWorld()
		w.projects["os"], w.behave = []string{"alpha", "beta"}, slow(10*time.Second)
		w.list = func(context.Context) error { time.Sleep(time.Second); return nil }
		watch(t, w, parse(t, "collection: {interval: 1m}\n", "os: "+projects), func(t *testing.T, r *Runner) {
			probe := func() time.Duration {
				begun, ctx := time.Now(), check.Within(t, 20*time.Second)
				check.Get(r.Probe(ctx, "os", new("alpha")))(t).Collect(ctx)
				wantUsed(t, r, "alpha", 1, "after a probe")
				return time.Since(begun)
			}
			if waited := probe(); waited < 10*time.Second || waited > 12*time.Second {
				t.Errorf("projects %s: the first probe waited %s", projects, waited)
			}
			w.wantCalls(t, "after the first probe", 1, "os/alpha/quotas", "os/beta/quotas")
			time.Sleep(35 * time.Second)
			w.wantCalls(t, "while the second collection is under way", 2, "os/alpha/quotas")
			check.Equal(t, "how long a probe waited then", 0, probe())
		})
	}
}
