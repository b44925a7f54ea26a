//go:build linux

// Command bench measures the exporter as its own process against a simulated
// cloud as another, and beside it two limits: a bare program that streams the
// same pages through encoding/json, and the same bytes read and thrown away.
// It rewrites the results in docs/performance.md.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// command is one of the roles that the bench starts itself in, or the bench.
func command(args []string) error {
	f := flag.NewFlagSet("bench", flag.ExitOnError)
	var w world
	role := f.String("role", "", "for the bench's own use")
	first := f.String("first", "", "for the bench's own use")
	token := f.String("token", "", "for the bench's own use")
	out := f.String("out", "", "file whose results are rewritten; none: print them")
	only := f.String("only", "", "run only the cases whose name has this in it")
	built := f.String("exporter", "", "measure this program rather than the one of this directory")
	f.StringVar(&w.Shape, "shape", "neutron", "for the bench's own use")
	f.BoolVar(&w.Narrow, "narrow", false, "for the bench's own use")
	f.IntVar(&w.Ports, "ports", 0, "for the bench's own use")
	f.IntVar(&w.Networks, "networks", 0, "for the bench's own use")
	f.Float64Var(&w.Skew, "skew", 0, "for the bench's own use")
	f.IntVar(&w.PageSize, "page", 0, "for the bench's own use")
	f.DurationVar(&w.Latency, "latency", 0, "for the bench's own use")
	f.IntVar(&w.Quota, "quota", 0, "for the bench's own use")
	if err := f.Parse(args); err != nil {
		return err
	}
	switch *role {
	case "cloud":
		return serveCloud(w)
	case "floor":
		return floor(*first, *token)
	case "discard":
		return discard(*token)
	case "publish":
		return publish(*first, *token)
	}
	b, err := newBench(*built)
	if err != nil {
		return err
	}
	defer b.close()
	for _, c := range cases() {
		if !strings.Contains(c.Name, *only) {
			continue
		}
		if err := b.measure(c); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	if strings.Contains("publishing", *only) {
		if b.published, err = b.publishing(); err != nil {
			return fmt.Errorf("publishing: %w", err)
		}
		fmt.Fprintf(os.Stderr, "  %+v\n", *b.published)
	}
	return b.report(*out, time.Now())
}

// args are the flags that give a world to the cloud's process.
func (w world) args() []string {
	return []string{"-role=cloud", "-shape=" + w.Shape, fmt.Sprintf("-narrow=%t", w.Narrow), fmt.Sprintf("-ports=%d", w.Ports),
		fmt.Sprintf("-networks=%d", w.Networks), fmt.Sprintf("-skew=%g", w.Skew), fmt.Sprintf("-page=%d", w.PageSize), fmt.Sprintf("-quota=%d", w.Quota), "-latency=" + w.Latency.String()}
}
