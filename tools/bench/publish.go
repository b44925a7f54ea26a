//go:build linux

package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// published is what an answer from a finished snapshot costs, beside that of a
// bare program that has the same series as constant metrics of client_golang.
type published struct {
	Series    int
	Bytes     int
	Own, Bare time.Duration // CPU of one answer
	Calls     int           // to the cloud, for all answers together
}

const publishRounds = 10

// publishing measures answers of 50,000 series.
func (b *bench) publishing() (*published, error) {
	fmt.Fprintln(os.Stderr, "measuring the publishing of series")
	w := world{Shape: "neutron", Narrow: true, Ports: 50_000, Networks: 200, PageSize: 2000}
	cloud, s, err := b.cloud(w)
	if err != nil {
		return nil, err
	}
	defer cloud.stop()
	s.Config += "collection: {interval: 1h}\nseries: {ports: all, limit: 1000000}\n"
	p, address, err := b.serve(s)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	text, err := p.firstAnswer(address, w.Ports)
	if err != nil {
		return nil, err
	}
	r := &published{Bytes: len(text)}
	before := portCalls(text)
	if r.Own, text, err = answers(p, address); err != nil {
		return nil, err
	}
	r.Calls = portCalls(text) - before
	file := filepath.Join(b.dir, "metrics.txt")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	bareAddress, err := freeAddress()
	if err != nil {
		return nil, err
	}
	bare, err := start(exec.Command(b.self, "-role=publish", "-first="+file, "-token="+bareAddress))
	if err != nil {
		return nil, err
	}
	defer bare.stop()
	for try := 0; ; try++ {
		if _, err = get("http://" + bareAddress + "/metrics"); err == nil {
			break
		}
		if try > 200 {
			return nil, err
		}
		time.Sleep(50 * time.Millisecond)
	}
	if r.Bare, _, err = answers(bare, bareAddress); err != nil {
		return nil, err
	}
	for _, line := range splitLines(text) {
		if len(line) > 0 && line[0] != '#' {
			r.Series++
		}
	}
	return r, nil
}

// answers is the CPU of one answer, and the last one.
func answers(p *process, address string) (cpu time.Duration, last []byte, err error) {
	if last, err = get("http://" + address + "/metrics"); err != nil { // the first may build something
		return 0, nil, err
	}
	before := p.cpu()
	for range publishRounds {
		if last, err = get("http://" + address + "/metrics"); err != nil {
			return 0, nil, err
		}
	}
	return (p.cpu() - before) / publishRounds, last, nil
}

// publish serves the series of an exposition as constant metrics.
func publish(file, address string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(f)
	if err != nil {
		return err
	}
	var all constants
	for _, family := range families {
		all = append(all, constantsOf(family)...)
	}
	reg := prometheus.NewRegistry()
	if err := reg.Register(all); err != nil {
		return err
	}
	http.Handle("/metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	return (&http.Server{Addr: address, ReadHeaderTimeout: time.Minute}).ListenAndServe()
}

// constants are metrics made once.
type constants []prometheus.Metric

func (constants) Describe(chan<- *prometheus.Desc) {}

func (c constants) Collect(ch chan<- prometheus.Metric) {
	for _, m := range c {
		ch <- m
	}
}

// constantsOf makes constant metrics of the gauges and counters of a family;
// the few histograms are left out.
func constantsOf(family *dto.MetricFamily) []prometheus.Metric {
	var metrics []prometheus.Metric
	for _, m := range family.GetMetric() {
		var names, values []string
		for _, l := range m.GetLabel() {
			names, values = append(names, l.GetName()), append(values, l.GetValue())
		}
		kind, value := prometheus.GaugeValue, m.GetGauge().GetValue()
		switch {
		case m.GetCounter() != nil:
			kind, value = prometheus.CounterValue, m.GetCounter().GetValue()
		case m.GetGauge() == nil:
			continue
		}
		desc := prometheus.NewDesc(family.GetName(), family.GetHelp(), names, nil)
		metrics = append(metrics, prometheus.MustNewConstMetric(desc, kind, value, values...))
	}
	return metrics
}
