package collect

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/collector"
	"cloudip_exporter/collector/fakecloud"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

// world is a fake of all that a Runner works with. The real collectors quotas
// and address_groups run over it: one call each.
type world struct {
	mu        sync.Mutex
	fetched   map[string]int // calls by "cloud/project/collector"
	handed    map[string]handed
	behave    func(ctx context.Context, name string) error
	used      float64                     // what quotas say
	unread    int                         // quotas that cannot be read
	projects  map[string][]string         // by cloud: what a listing of projects answers
	list      func(context.Context) error // what a listing of projects waits for, and how it fails; nil: nothing
	listings  int
	renewals  int // chances to log in with a changed secret
	begun     []Target
	forgotten []Target
	closed    []string
	logs      strings.Builder
	change    func(*Options) // of a Runner that starts; nil: nothing
	leads     string         // where a file leads that the configuration names
}

// handed is a complete answer that a collector was given.
type handed struct {
	value float64
	at    time.Time
}

func newWorld() *world {
	return &world{
		fetched: map[string]int{}, handed: map[string]handed{}, projects: map[string][]string{}, used: 1,
		behave: func(context.Context, string) error { return nil },
	}
}

// do runs f while nothing else looks at the world.
func (w *world) do(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

func (w *world) count(name string) (n int) {
	w.do(func() { n = w.fetched[name] })
	return n
}

func (w *world) log() (text string) {
	w.do(func() { text = w.logs.String() })
	return text
}

// gone are the targets whose metrics were forgotten, in order of their projects.
func (w *world) gone() (all []Target) {
	w.do(func() { all = slices.Clone(w.forgotten) })
	slices.SortFunc(all, func(a, b Target) int { return strings.Compare(a.Project, b.Project) })
	return all
}

func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.logs.Write(p)
}

func (w *world) options() Options {
	o := Options{
		Open:       w.open,
		Collectors: collector.All(),
		Logger:     slog.New(slog.NewTextHandler(w, nil)),
		Begin:      func(t Target, _ config.Cloud) { w.do(func() { w.begun = append(w.begun, t) }) },
		Forget:     func(t Target) { w.do(func() { w.forgotten = append(w.forgotten, t) }) },
		Spread:     func(interval time.Duration) time.Duration { return interval / 2 },
		Other:      func(*Target) int { return 0 },
		Storage:    nothing{},
	}
	if w.change != nil {
		w.change(&o)
	}
	return o
}

func (w *world) open(cfg config.Cloud) (Cloud, error) {
	if cfg.Region == "broken" {
		return nil, fmt.Errorf("open cloud %q: broken", cfg.Name)
	}
	return &fakeCloud{w: w, cfg: cfg, leads: w.leads}, nil
}

type fakeCloud struct {
	w     *world
	cfg   config.Cloud
	leads string
}

func (c *fakeCloud) Identity() string { return c.cfg.Region + c.leads }

func (c *fakeCloud) Changed() bool { return c.leads != c.w.leads }

func (c *fakeCloud) Labels() []string {
	if len(c.cfg.Projects) == 0 {
		return []string{""}
	}
	return c.cfg.Projects
}

func (c *fakeCloud) Projects(ctx context.Context) ([]Project, error) {
	labels := c.Labels()
	var list func(context.Context) error
	c.w.do(func() {
		c.w.renewals++
		if labels[0] == "*" || labels[0] == "" {
			c.w.listings++
			labels, list = slices.Clone(c.w.projects[c.cfg.Name]), c.w.list
		}
	})
	if list != nil {
		if err := list(ctx); err != nil {
			return nil, err
		}
	}
	var all []Project
	for _, l := range labels {
		all = append(all, c.w.project(c.cfg.Name, l))
	}
	return all, nil
}

func (c *fakeCloud) Close() { c.w.do(func() { c.w.closed = append(c.w.closed, c.cfg.Name) }) }

type fakeProject struct {
	*fakecloud.Project
	w            *world
	cloud, label string
}

func (w *world) project(cloud, label string) *fakeProject {
	p := &fakeProject{w: w, cloud: cloud, label: label, Project: &fakecloud.Project{On: config.OpenStack}}
	w.do(func() { p.Bad = map[string]int{"quotas": w.unread} })
	p.Now = func() (e fakecloud.Estate) {
		w.do(func() { e.Quotas = []inventory.Quota{{Resource: "port", Limit: 100, Used: w.used}} })
		return e
	}
	p.Hook = func(ctx context.Context, call, _ string) error {
		name := cloud + "/" + label + "/" + call
		var behave func(context.Context, string) error
		w.do(func() {
			w.fetched[name]++
			behave = w.behave
		})
		return behave(ctx, name)
	}
	return p
}

func (p *fakeProject) Label() string { return p.label }

// Quotas notes what was handed over whole.
func (p *fakeProject) Quotas(ctx context.Context) iter.Seq2[inventory.Quota, error] {
	return func(yield func(inventory.Quota, error) bool) {
		var value float64
		for q, err := range p.Project.Quotas(ctx) {
			if !yield(q, err) || err != nil && !errors.Is(err, fakecloud.ErrUnreadable) {
				return
			}
			value = max(value, q.Used)
		}
		if ctx.Err() == nil {
			p.w.do(func() { p.w.handed[p.cloud+"/"+p.label+"/quotas"] = handed{value, time.Now()} })
		}
	}
}

// parse makes a configuration of clouds, each "name: project, project", with
// the lines of more behind the list.
func parse(t *testing.T, more string, clouds ...string) *config.Config {
	t.Helper()
	var b strings.Builder
	for _, c := range clouds {
		name, projects, _ := strings.Cut(c, ":")
		fmt.Fprintf(&b, `
  - name: %s
    provider: openstack
    collectors: [address_groups, quotas]
    auth: {type: password, url: "https://keystone.example/v3", username: u, password: p}
`, name)
		if projects != "" {
			fmt.Fprintf(&b, "    projects: [%s]\n", projects)
		}
	}
	return parseText(t, b.String()+more)
}

// parseText makes a configuration of the text below clouds.
func parseText(t *testing.T, text string) *config.Config {
	t.Helper()
	return check.Get(config.Parse("test.yml", []byte("clouds:\n"+text), config.Options{Collectors: collector.Catalogue()}))(t)
}

// start returns a Runner of the world after its first collection was begun.
func start(t *testing.T, w *world, cfg *config.Config) *Runner {
	t.Helper()
	r := check.Get(New(cfg, w.options()))(t)
	t.Cleanup(func() { check.OK(t, r.Close(context.Background())) })
	r.Start()
	return r
}

// watch runs a test against a Runner of the world after its first collection.
func watch(t *testing.T, w *world, cfg *config.Config, test func(t *testing.T, r *Runner)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, w, cfg)
		synctest.Wait()
		test(t, r)
	})
}

// stateOf is how a collector of the first snapshot that has it stands.
func stateOf(t *testing.T, r *Runner, project, name string) inventory.State {
	t.Helper()
	for _, s := range r.Snapshots() {
		if s.Project == project {
			if st := s.State(name); st != nil {
				return *st
			}
		}
	}
	t.Fatalf("no state of %s in project %q", name, project)
	return inventory.State{}
}

// used is what the published quotas say, -1 when there are none.
func used(t *testing.T, r *Runner, project string) float64 {
	t.Helper()
	st := stateOf(t, r, project, "quotas")
	if st.Part == nil {
		return -1
	}
	return st.Part.Data.(inventory.QuotaData)[0].Used
}

// scrape collects with a timeout and returns how long it took.
func scrape(r *Runner, timeout time.Duration) time.Duration {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	begun := time.Now()
	r.Collect(ctx)
	return time.Since(begun)
}

// refused is a listing of projects that fails.
func refused(context.Context) error { return errors.New("list projects: refused") }

// hang blocks until the collection is given up.
func hang(ctx context.Context, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

// wantUsed compares what the published quotas of a project say, -1 when there are none.
func wantUsed(t *testing.T, r *Runner, project string, want float64, when string) {
	t.Helper()
	check.Equal(t, "what is published of "+project+", "+when, want, used(t, r, project))
}

// wantCalls compares how often each collector, "cloud/project/collector", was fetched.
func (w *world) wantCalls(t *testing.T, when string, want int, names ...string) {
	t.Helper()
	for _, name := range names {
		check.Equal(t, when+": how often "+name+" was fetched", want, w.count(name))
	}
}
