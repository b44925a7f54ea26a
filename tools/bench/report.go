//go:build linux

package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	resultsBegin = "<!-- results: rewritten by make bench -->\n"
	resultsEnd   = "<!-- end of results -->\n"
)

// best is the cheapest scrape: what other programs did at the time is not ours.
func (r *result) best() cost {
	return slices.MinFunc(r.Scrapes, func(a, b cost) int { return int(a.CPU - b.CPU) })
}

// fastest is the shortest scrape.
func (r *result) fastest() time.Duration {
	return slices.MinFunc(r.Scrapes, func(a, b cost) int { return int(a.Wall - b.Wall) }).Wall
}

// text is the result for the eyes, while the bench runs.
func (r *result) text() string {
	return fmt.Sprintf("  floor %v; discard %v\n  first %v, %d calls; scrapes %v; peak %d MiB, rest %d MiB; %d calls for ports, %.2f allocations a port; %.2f us a port",
		r.Floor, r.Discard, r.First, r.FirstCalls, r.Scrapes, r.Peak, r.Rest, r.Calls, r.Allocs, r.perPort())
}

// perPort is the CPU of a scrape, in microseconds a port.
func (r *result) perPort() float64 { return float64(r.best().CPU.Microseconds()) / float64(r.Ports) }

// report writes the results into the file, or to stdout.
func (b *bench) report(path string, now time.Time) error {
	text := b.markdown(now)
	if path == "" {
		fmt.Print(text)
		return nil
	}
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(old), resultsBegin)
	_, after, ends := strings.Cut(rest, resultsEnd)
	if !begins || !ends {
		return fmt.Errorf("%s does not say where the results go", path)
	}
	return os.WriteFile(path, []byte(before+resultsBegin+text+resultsEnd+after), 0o644)
}

func (b *bench) markdown(now time.Time) string {
	var t strings.Builder
	fmt.Fprintf(&t, "\n%s, %s, %d CPUs (%s), %s.\n", now.Format("2006-01-02"), runtime.Version(), runtime.NumCPU(), processor(), runtime.GOOS+"/"+runtime.GOARCH)
	t.WriteString("\n| | CPU of a scrape, s | of floor (a) | µs a port | wall, s | of limit (b) | peak RSS, MiB | calls for ports | allocations a port |\n|---|---|---|---|---|---|---|---|---|\n")
	for i := range b.results {
		r := &b.results[i]
		floor, limit := "", ""
		if r.Limits {
			floor = fmt.Sprintf("%.2f", r.best().CPU.Seconds()/r.Floor.CPU.Seconds())
			limit = fmt.Sprintf("%.2f of %.3f s", r.fastest().Seconds()/r.Discard.Wall.Seconds(), r.Discard.Wall.Seconds())
		}
		fmt.Fprintf(&t, "| %s | %.3f | %s | %.2f | %.2f | %s | %d | %d | %.2f |\n", r.Name,
			r.best().CPU.Seconds(), floor, r.perPort(), r.fastest().Seconds(), limit, r.Peak, r.Calls, r.Allocs)
	}
	if p := b.published; p != nil {
		fmt.Fprintf(&t, "\nAn answer of %d series (%.1f MB) from a finished snapshot: %.3f s of CPU, %.2f of what a bare program needs that has the same series as constant metrics of client_golang; %d calls to the cloud.\n",
			p.Series, float64(p.Bytes)/1e6, p.Own.Seconds(), p.Own.Seconds()/p.Bare.Seconds(), p.Calls)
	}
	if per := b.perPortByShape(); per != "" {
		t.WriteString("\n" + per)
	}
	return t.String()
}

// perPortByShape compares how the cost grows.
func (b *bench) perPortByShape() string {
	find := func(name string) *result {
		for i := range b.results {
			if b.results[i].Name == name {
				return &b.results[i]
			}
		}
		return nil
	}
	small, large := find("50,000 Neutron ports in full"), find("1,000,000 Neutron ports in full")
	if small == nil || large == nil {
		return ""
	}
	return fmt.Sprintf("A port of 1,000,000 costs %.2f of what one of 50,000 does; above the 50,000 case a port takes %.0f bytes of peak memory.\n",
		large.perPort()/small.perPort(), math.Max(0, float64(large.Peak-small.Peak)*(1<<20)/float64(large.Ports-small.Ports)))
}

// processor is the CPU's own name.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
