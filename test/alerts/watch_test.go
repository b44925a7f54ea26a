//go:build e2e

package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// life is what was seen of one alert: of the first of its instances that went
// the whole way.
type life struct {
	inactive          bool // seen before it fired
	fired, resolved   time.Duration
	toldFiring        bool
	toldResolved      bool
	firing, instances map[string]time.Duration // by labels: firing since; ever fired after
}

// watch follows all alerts of one Prometheus and one webhook.
type watch struct {
	started time.Time
	mu      sync.Mutex
	lives   map[string]*life
}

func newWatch() *watch { return &watch{started: time.Now(), lives: map[string]*life{}} }

func (w *watch) life(name string) *life {
	if w.lives[name] == nil {
		w.lives[name] = &life{firing: map[string]time.Duration{}, instances: map[string]time.Duration{}}
	}
	return w.lives[name]
}

// ServeHTTP is the webhook.
func (w *watch) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	var message struct {
		Alerts []struct {
			Status string            `json:"status"`
			Labels map[string]string `json:"labels"`
		} `json:"alerts"`
	}
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range message.Alerts {
		l := w.life(a.Labels["alertname"])
		l.toldFiring = l.toldFiring || a.Status == "firing"
		l.toldResolved = l.toldResolved || a.Status == "resolved"
	}
}

// look asks Prometheus once for the state of all alerts.
func (w *watch) look(ctx context.Context, prometheus string) error {
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct {
					Name      string `json:"name"`
					LastError string `json:"lastError"`
					Alerts    []struct {
						State  string            `json:"state"`
						Labels map[string]string `json:"labels"`
					} `json:"alerts"`
				} `json:"rules"`
			} `json:"groups"`
		} `json:"data"`
	}
	if err := getJSON(ctx, prometheus+"/api/v1/rules", &answer); err != nil {
		return err
	}
	now := map[string]map[string]bool{}
	for _, g := range answer.Data.Groups {
		for _, r := range g.Rules {
			if r.LastError != "" {
				return fmt.Errorf("rule %s: %s", r.Name, r.LastError)
			}
			if !strings.HasPrefix(r.Name, "CloudIP") {
				continue
			}
			if now[r.Name] == nil {
				now[r.Name] = map[string]bool{}
			}
			for _, a := range r.Alerts {
				if a.State == "firing" {
					now[r.Name][fmt.Sprint(a.Labels)] = true
				}
			}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, firing := range now {
		w.life(name).see(time.Since(w.started), firing)
	}
	return nil
}

func (l *life) see(at time.Duration, firing map[string]bool) {
	if len(firing) == 0 && l.fired == 0 {
		l.inactive = true
	}
	for labels := range firing {
		if _, on := l.firing[labels]; !on {
			l.firing[labels] = at
			if _, before := l.instances[labels]; !before {
				l.instances[labels] = at
			}
		}
		if l.fired == 0 {
			l.fired = at
		}
	}
	for labels, since := range l.firing {
		if !firing[labels] {
			if l.resolved == 0 {
				l.fired, l.resolved = since, at
			}
			delete(l.firing, labels)
		}
	}
}

// whole reports whether the alert went all the way and was told.
func (l *life) whole() bool {
	return l.inactive && l.fired > 0 && l.resolved > 0 && l.toldFiring && l.toldResolved
}

// missing are the alerts of names that did not go all the way.
func (w *watch) missing(names []string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, name := range names {
		if !w.life(name).whole() {
			out = append(out, name)
		}
	}
	return out
}

// table is what was seen, a line an alert.
func (w *watch) table() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "alert\tinactive first\tfired after\tresolved after\tnotified\tnotified of the end\tinstances")
	seconds := func(d time.Duration) string {
		if d == 0 {
			return "-"
		}
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	yes := map[bool]string{true: "yes", false: "no"}
	for _, name := range slices.Sorted(maps.Keys(w.lives)) {
		l := w.lives[name]
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", name, yes[l.inactive], seconds(l.fired), seconds(l.resolved), yes[l.toldFiring], yes[l.toldResolved], len(l.instances))
	}
	_ = tw.Flush()
	return b.String()
}
