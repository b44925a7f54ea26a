package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestThePrometheusConfigsOfTheDocsLoad has them checked by promtool:
// $PROMTOOL, else the one on the path. Where $PROMTOOL is set its absence is a
// failure.
func TestThePrometheusConfigsOfTheDocsLoad(t *testing.T) {
	tool := os.Getenv("PROMTOOL")
	if tool == "" {
		found, err := exec.LookPath("promtool")
		if err != nil {
			t.Skip("promtool is not installed: install the package prometheus, or set PROMTOOL")
		}
		tool = found
	}
	text, err := os.ReadFile("docs/scaling.md")
	if err != nil {
		t.Fatal(err)
	}
	configs := regexp.MustCompile("(?s)```yaml prometheus\n(.*?)```").FindAllSubmatch(text, -1)
	if len(configs) != 2 {
		t.Fatalf("%d configurations, want one for each way", len(configs))
	}
	for _, config := range configs {
		file := filepath.Join(t.TempDir(), "prometheus.yml")
		if err := os.WriteFile(file, config[1], 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(tool, "check", "config", file).CombinedOutput(); err != nil {
			t.Errorf("promtool check config: %v\n%s\n%s", err, out, config[1])
		}
	}
}

func TestAShardThatCannotBeIsAFaultOfUsage(t *testing.T) {
	for _, args := range [][]string{{"--shard=4", "--total-shards=4"}, {"--shard=-1", "--total-shards=4"}, {"--total-shards=0"}, {"--shard=1"}} {
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"serve", "--demo", "--web.listen-address=127.0.0.1:0"}, args...), strings.NewReader(""), &out, &errs)
		if code != 2 || !strings.Contains(errs.String(), "shard") {
			t.Errorf("%v: exit code %d, %s", args, code, errs.String())
		}
	}
}
