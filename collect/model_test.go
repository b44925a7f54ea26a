package collect

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

var long = flag.Bool("long", false, "run 10,000 sequences of the model rather than 500, or 150 with -short")

// TestModel plays random sequences of faults, scrapes, probes, reloads and time
// against a Runner and holds what is published against a model of three states:
// complete, the last good answer, absent. What the cloud says grows with every
// step, so a value tells which answer it came from, and that what is used never
// drops because something failed.
func TestModel(t *testing.T) {
	configs := modelConfigs(t)
	sequences := uint64(500)
	switch {
	case *long:
		sequences = 10_000
	case testing.Short():
		sequences = 150
	}
	var seen coverage
	for seed := range sequences {
		synctest.Test(t, func(t *testing.T) {
			m := newModel(t, seed, configs)
			for range 30 {
				m.step()
				synctest.Wait()
				m.check(&seen)
			}
		})
		if t.Failed() {
			t.Fatalf("sequence %d", seed)
		}
	}
	if seen.complete == 0 || seen.lastGood == 0 || seen.absent == 0 || seen.expired == 0 || seen.refused == 0 {
		t.Errorf("not every state was reached: %+v", seen)
	}
	t.Logf("%d sequences: %+v", sequences, seen)
}

// coverage counts the states that were checked.
type coverage struct{ complete, lastGood, absent, expired, refused int }

// modelConfigs watch the same target in different ways; the last is refused.
func modelConfigs(t *testing.T) []*config.Config {
	t.Helper()
	return []*config.Config{
		parse(t, "", "os: alpha"),
		parse(t, "", "os: alpha, beta"),
		parse(t, "collection: {max_stale: 2m}\n", "os: alpha"),
		parse(t, "collection: {interval: 1m, max_stale: 3m}\n", "os: alpha"),
		parse(t, "collection: {interval: 7m}\n", "os: alpha", "other: gamma"),
		parse(t, "collection: {timeout: 20s, max_stale: 1m}\n", "other: gamma", "os: beta, alpha"),
		parse(t, "    region: broken\n", "os: beta", "bad: x"),
	}
}

type model struct {
	t       *testing.T
	random  *rand.Rand
	w       *world
	r       *Runner
	configs []*config.Config
	trace   []string
	shown   float64 // the last value that was published
	at      time.Time
}

func newModel(t *testing.T, seed uint64, configs []*config.Config) *model {
	m := &model{t: t, random: rand.New(rand.NewPCG(seed, 34)), w: newWorld(), configs: configs}
	if m.random.IntN(4) == 0 {
		m.w.behave = down
	}
	m.r = start(t, m.w, configs[m.random.IntN(len(configs)-1)])
	synctest.Wait()
	return m
}

func (m *model) note(format string, args ...any) {
	m.trace = append(m.trace, fmt.Sprintf(format, args...))
}

func (m *model) step() {
	m.w.do(func() { m.w.used++ })
	some := time.Duration(m.random.ExpFloat64() * float64(90*time.Second))
	switch m.random.IntN(10) {
	case 0, 1, 2:
		timeout := time.Duration(1+m.random.IntN(30)) * time.Second
		m.note("scrape %s", timeout)
		scrape(m.r, timeout)
	case 3:
		m.note("scrape in the background")
		go scrape(m.r, time.Minute)
	case 4:
		m.note("probe")
		project := "alpha"
		if p, err := m.r.Probe(context.Background(), "os", &project); err == nil {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			p.Collect(ctx)
			cancel()
		}
	case 5, 6:
		m.note("wait %s", some)
		time.Sleep(some)
	case 7, 8:
		m.misbehave(some)
	case 9:
		i := m.random.IntN(len(m.configs))
		err := m.r.Reload(m.configs[i])
		m.note("reload %d: %v", i, err)
	}
}

// misbehave chooses how the cloud answers from now on.
func (m *model) misbehave(some time.Duration) {
	kinds := map[string]func(context.Context, string) error{
		"works": func(context.Context, string) error { return nil }, "works as ever": func(context.Context, string) error { return nil },
		"fails": down, "hangs": hang, "is slow": slow(some),
		"panics": func(context.Context, string) error { panic("bug") },
		"fails late": func(ctx context.Context, name string) error {
			_ = slow(some)(ctx, name)
			return errDown
		},
		"fails for address groups": func(_ context.Context, name string) error {
			if strings.HasSuffix(name, "address_groups") {
				return errDown
			}
			return nil
		},
	}
	names := []string{"works", "works as ever", "fails", "hangs", "is slow", "panics", "fails late", "fails for address groups"}
	name := names[m.random.IntN(len(names))]
	m.note("the cloud %s (%s)", name, some)
	m.w.do(func() { m.w.behave = kinds[name] })
}

func (m *model) failf(format string, args ...any) {
	m.t.Helper()
	m.t.Errorf("%s\nafter:\n  %s", fmt.Sprintf(format, args...), strings.Join(m.trace, "\n  "))
}

// check holds what is published against the answers that the cloud has given.
func (m *model) check(seen *coverage) {
	st := stateOf(m.t, m.r, "alpha", "quotas")
	var last handed
	m.w.do(func() { last = m.w.handed["os/alpha/quotas"] })
	age, maxStale := time.Since(last.at), m.r.limits().MaxStale
	if len(m.trace) > 0 && strings.HasPrefix(m.trace[len(m.trace)-1], "reload") && !strings.HasSuffix(m.trace[len(m.trace)-1], "<nil>") {
		seen.refused++
	}
	if st.Part == nil {
		switch {
		case !st.LastSuccess.IsZero() || st.Success && last.at.IsZero():
			m.failf("a time or a success without data: %+v", st)
		case !last.at.IsZero() && age <= maxStale:
			m.failf("the answer of %s ago is not shown, max_stale is %s", age, maxStale)
		case last.at.IsZero():
			seen.absent++
		default:
			seen.expired++
		}
		return
	}
	value := st.Part.Data.(inventory.QuotaData)[0].Used
	switch {
	case value != last.value || !st.LastSuccess.Equal(last.at):
		m.failf("published %v of %s, the last complete answer is %v of %s", value, st.LastSuccess, last.value, last.at)
	case value < m.shown || st.LastSuccess.Before(m.at):
		m.failf("published %v of %s after %v of %s", value, st.LastSuccess, m.shown, m.at)
	case !st.Success && age > maxStale:
		m.failf("an answer %s old stands in for a failed one, max_stale is %s", age, maxStale)
	case st.Success && st.Err != nil:
		m.failf("a success with the error %v", st.Err)
	case st.Success:
		seen.complete++
	default:
		seen.lastGood++
	}
	m.shown, m.at = value, st.LastSuccess
}
