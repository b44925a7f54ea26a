package faults

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
)

func storageRows() []row {
	return []row{{
		fault:   "storage that is full, read-only, damaged, locked, newer or no file, killed, and clocks that are set",
		promise: "the daemon serves as before and says so; nothing committed is lost",
		figure:  "no directory, a full disk, a read-only one, locked, newer: up 0, all data; truncated, overwritten: renamed, a new file, up 1; kill -9 and a dead cloud: the last answers with their own times",
		note:    "Full and read-only are a tmpfs where the test may mount one; else the directory is a file.",
		also: []string{
			"storage TestAFileThatCannotBeUsed", "storage TestAFullDiskStopsWritingUntilThereIsSpace", "storage TestWhatIsCommittedSurvivesKill9",
			"storage TestModel", "storage TestLastAnswersComeBackWithTheirOwnTimes",
		},
		play: storageFaults,
	}}
}

func storageFaults(t *testing.T, r *report) {
	c := otc(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "state", "cloudip.db")
	yaml := with("storage: {path: state/cloudip.db}\n", c.byToken())
	file := check.Write(t, filepath.Join(dir, "config.yml"), yaml)
	d := serveFile(t, file)
	before := d.good()
	eventually(t, 20*time.Second, "the storage is written", func() bool { return d.scrape(20).sum("cloudip_storage_writes_total") > 0 })
	_ = d.run.Process.Signal(syscall.SIGKILL)
	<-d.run.Ended
	fails := c.Fault(simtest.Fault{Status: 503})
	d = serveFile(t, file)
	l := d.scrape(20)
	if l.sum("cloudip_collector_last_success_timestamp_seconds") == 0 || l.sum("cloudip_collector_success") != 0 || l.sum("cloudip_subnet_addresses_free") != before.sum("cloudip_subnet_addresses_free") {
		t.Error("after kill -9 a dead cloud has no last answers, or they look new")
	}
	d.stop()
	fails()
	whole := check.Read(t, path)

	noDirectory := func(path string) { check.Write(t, filepath.Dir(path), "") }
	mount := func(readOnly bool) func(path string) {
		return func(path string) {
			check.OK(t, os.Mkdir(filepath.Dir(path), 0o700))
			unmount, err := mountSmall(filepath.Dir(path), readOnly)
			if err != nil { // the directory of a file does as well
				r.say("no file system of its own: %v", err)
				check.OK(t, os.Remove(filepath.Dir(path)))
				noDirectory(path)
				return
			}
			t.Cleanup(unmount)
		}
	}
	holds := func(text string) func(path string) {
		return func(path string) {
			check.OK(t, os.Mkdir(filepath.Dir(path), 0o700))
			check.Write(t, path, text)
		}
	}
	for _, c := range []struct {
		name    string
		spoil   func(path string)
		renamed bool
	}{
		{"no directory", noDirectory, false},
		{"full", mount(false), false},
		{"read-only", mount(true), false},
		{"truncated", holds(whole[:len(whole)/3]), true},
		{"overwritten", holds(strings.Repeat("no database", 5000)), true},
		{"newer", holds(whole[:63] + "\x02" + whole[64:]), false}, // user_version
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "state", "cloudip.db")
		c.spoil(path)
		d := serveFile(t, check.Write(t, filepath.Join(dir, "config.yml"), yaml))
		up := map[bool]float64{true: 1}[c.renamed]
		var l ledger
		eventually(t, 20*time.Second, c.name+": cloudip_storage_up", func() bool { l = d.scrape(20); return l.sum("cloudip_storage_up") == up })
		if len(l.failed()) > 0 || l.sum("cloudip_subnet_addresses_free") != before.sum("cloudip_subnet_addresses_free") {
			t.Errorf("%s: the daemon does not serve as before: %v", c.name, l.failed())
		}
		if renamed, _ := filepath.Glob(path + ".damaged-*"); (len(renamed) > 0) != c.renamed {
			t.Errorf("%s: renamed %v", c.name, renamed)
		}
		if !c.renamed && strings.Count(d.log.String(), "storage cannot be written") != 1 {
			t.Errorf("%s: told %d times", c.name, strings.Count(d.log.String(), "storage cannot be written"))
		}
	}
	one, two := serveFile(t, file), serveFile(t, file)
	if one.good().sum("cloudip_storage_up") != 1 || two.good().sum("cloudip_storage_up") != 0 {
		t.Error("two processes write one file")
	}
	one.stop()
	eventually(t, 20*time.Second, "the second takes over", func() bool { return two.scrape(20).sum("cloudip_storage_up") == 1 })
	r.say("8 faults, a kill and a take-over")
}
