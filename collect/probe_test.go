package collect

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestProbeTakesConfiguredNamesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.projects["all"] = []string{"delta"}
		r := start(t, w, parse(t, "", "one: alpha", "two: beta, gamma", `all: "*"`))
		synctest.Wait()
		text := func(s string) *string { return &s }
		for _, c := range []struct {
			name, cloud string
			project     *string
			want        Target
			fault       string
		}{
			{"both names", "two", text("gamma"), Target{"two", "gamma"}, ""},
			{"the only project left out", "one", nil, Target{"one", "alpha"}, ""},
			{"an expanded project", "all", text("delta"), Target{"all", "delta"}, ""},
			{"the only expanded project left out", "all", nil, Target{"all", "delta"}, ""},
			{"an ambiguous cloud", "two", nil, Target{}, `cloud "two" has 2 projects: name one with the parameter project`},
			{"an unknown cloud", "three", nil, Target{}, `no cloud "three" is configured`},
			{"an empty cloud", "", nil, Target{}, `no cloud "" is configured`},
			{"an unknown project", "one", text("beta"), Target{}, `cloud "one" has no project "beta"`},
			{"an empty project", "one", text(""), Target{}, `cloud "one" has no project ""`},
			{"a project of an expanded cloud that does not exist", "all", text("alpha"), Target{}, `cloud "all" has no project "alpha"`},
			{"the mark of an expanded cloud", "all", text("*"), Target{}, `cloud "all" has no project "*"`},
		} {
			p, err := r.Probe(context.Background(), c.cloud, c.project)
			switch {
			case c.fault != "" && (err == nil || err.Error() != c.fault):
				t.Errorf("%s: error %v, want %s", c.name, err, c.fault)
			case c.fault == "" && err != nil:
				t.Errorf("%s: %v", c.name, err)
			case c.fault == "" && p.Target() != c.want:
				t.Errorf("%s: %v, want %v", c.name, p.Target(), c.want)
			}
		}
	})
}

func TestProbeCollectsItsTargetAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "", "two: beta, gamma"))
		synctest.Wait()
		w.do(func() { clear(w.fetched) })
		project := "gamma"
		p, err := r.Probe(context.Background(), "two", &project)
		if err != nil {
			t.Fatal(err)
		}
		p.Collect(context.Background())
		if got := w.count("two/gamma/quotas"); got != 1 {
			t.Errorf("gamma was fetched %d times, want 1", got)
		}
		if got := w.count("two/beta/quotas"); got != 0 {
			t.Errorf("beta was fetched %d times, want 0", got)
		}
		families, err := p.Families()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			for _, m := range f.Metric {
				for _, l := range m.Label {
					if l.GetName() == "project" && l.GetValue() != "gamma" {
						t.Errorf("%s has a series of project %q", f.GetName(), l.GetValue())
					}
				}
			}
		}
	})
}

func TestProbeStandsInWhileProjectsWereNeverListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.listErr = errors.New("list projects: refused")
		r := start(t, w, parse(t, "", `os: "*"`))
		synctest.Wait()
		project := "alpha"
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		p, err := r.Probe(ctx, "os", &project)
		if err != nil {
			t.Fatal(err)
		}
		p.Collect(ctx)
		if st := p.Snapshot().State("quotas"); st == nil || st.Success {
			t.Errorf("state %+v, want one without success", st)
		}
	})
}
