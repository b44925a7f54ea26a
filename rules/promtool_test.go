// Package rules holds no code: its tests prove the recording rules and alerts beside them.
package rules

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"cloudip_exporter/test/check"
)

const rulesFile = "cloudip.rules.yml"

// promtool runs the tool: $PROMTOOL, else that of the path. Where $PROMTOOL is set, as in CI, its absence is a failure.
func promtool(t *testing.T, args ...string) error {
	t.Helper()
	tool, err := exec.LookPath(cmp.Or(os.Getenv("PROMTOOL"), "promtool"))
	if err != nil && os.Getenv("PROMTOOL") == "" {
		t.Skip("promtool is not installed: install the package prometheus, or set PROMTOOL")
	}
	check.OK(t, err)
	if out, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("promtool %s: %w\n%s", args, err, out)
	}
	return nil
}

func TestPromtoolAcceptsTheRules(t *testing.T) {
	check.OK(t, promtool(t, "check", "rules", rulesFile))
}

func TestPromtoolRuleTestsPass(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute of processor time: go test ./... plays them")
	}
	for _, file := range check.Files(t, "*_test.yml") {
		if file == "replay_test.yml" && !*long {
			continue // a week of a real daemon: half a minute
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			check.OK(t, promtool(t, "test", "rules", file))
		})
	}
}

func TestThePrometheusConfigsOfTheDocsLoad(t *testing.T) {
	configs := regexp.MustCompile("(?s)```yaml prometheus\n(.*?)```").FindAllStringSubmatch(check.Read(t, "../docs/scaling.md"), -1)
	if len(configs) != 2 {
		t.Fatalf("%d configurations, want one for each way", len(configs))
	}
	for _, config := range configs {
		file := check.Write(t, filepath.Join(t.TempDir(), "prometheus.yml"), config[1])
		if err := promtool(t, "check", "config", file); err != nil {
			t.Errorf("%v\n%s", err, config[1])
		}
	}
}
