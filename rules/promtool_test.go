// Package rules holds no code: its tests prove the recording rules and alerts beside them.
package rules

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
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
	found, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("find promtool: %v", err)
	}
	return found
}

func testFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*_test.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no rule tests found: %v", err)
	}
	return files
}

func TestPromtoolAcceptsTheRules(t *testing.T) {
	out, err := exec.Command(promtool(t), "check", "rules", rulesFile).CombinedOutput()
	if err != nil {
		t.Fatalf("promtool check rules: %v\n%s", err, out)
	}
}

func TestPromtoolRuleTestsPass(t *testing.T) {
	tool := promtool(t)
	for _, file := range testFiles(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			out, err := exec.Command(tool, "test", "rules", file).CombinedOutput()
			if err != nil {
				t.Fatalf("promtool test rules %s: %v\n%s", file, err, out)
			}
		})
	}
}
