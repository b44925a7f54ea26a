// Package rules holds no code: its tests prove the recording rules and alerts beside them.
package rules

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"cloudip_exporter/test/check"
)

const rulesFile = "cloudip.rules.yml"

// promtool finds the tool: $PROMTOOL, else the path. Where $PROMTOOL is set, as in CI, its absence is a failure.
func promtool(t *testing.T) string {
	t.Helper()
	name := os.Getenv("PROMTOOL")
	if name == "" {
		found, err := exec.LookPath("promtool")
		if err != nil {
			t.Skip("promtool is not installed: install the package prometheus, or set PROMTOOL")
		}
		return found
	}
	found := check.Get(exec.LookPath(name))(t)
	return found
}

func TestPromtoolAcceptsTheRules(t *testing.T) {
	out, err := exec.Command(promtool(t), "check", "rules", rulesFile).CombinedOutput()
	if err != nil {
		t.Fatalf("promtool check rules: %v\n%s", err, out)
	}
}

func TestPromtoolRuleTestsPass(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute of processor time: go test ./... plays them")
	}
	tool := promtool(t)
	for _, file := range check.Files(t, "*_test.yml") {
		if file == "replay_test.yml" && !*long {
			continue // a week of a real daemon: half a minute
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			out, err := exec.Command(tool, "test", "rules", file).CombinedOutput()
			if err != nil {
				t.Fatalf("promtool test rules %s: %v\n%s", file, err, out)
			}
		})
	}
}

func TestThePrometheusConfigsOfTheDocsLoad(t *testing.T) {
	tool := promtool(t)
	configs := regexp.MustCompile("(?s)```yaml prometheus\n(.*?)```").FindAllStringSubmatch(check.Read(t, "../docs/scaling.md"), -1)
	if len(configs) != 2 {
		t.Fatalf("%d configurations, want one for each way", len(configs))
	}
	for _, config := range configs {
		file := check.Write(t, filepath.Join(t.TempDir(), "prometheus.yml"), config[1])
		if out, err := exec.Command(tool, "check", "config", file).CombinedOutput(); err != nil {
			t.Errorf("promtool check config: %v\n%s\n%s", err, out, config[1])
		}
	}
}
