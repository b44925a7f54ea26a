//go:build e2e

package clientconfig

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTheRecordedAnswersAreThoseOfOpenstacksdk runs the real openstacksdk (Debian:
// python3-openstacksdk) over all cases and compares what it sends with what
// the files say. PYTHON names the interpreter; default /usr/bin/python3.
func TestTheRecordedAnswersAreThoseOfOpenstacksdk(t *testing.T) {
	script, err := filepath.Abs("testdata/openstacksdk.py")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("testdata/*.txtar")
	want := map[string]sent{}
	args := []string{"-W", "ignore", script}
	dir := t.TempDir()
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		_, answer := unpack(t, file, filepath.Join(dir, name))
		want[name], args = answer, append(args, filepath.Join(dir, name))
	}
	python := "/usr/bin/python3"
	if named := os.Getenv("PYTHON"); named != "" {
		python = named
	}
	cmd := exec.Command(python, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("run openstacksdk (Debian: apt-get install python3-openstacksdk): %v", err)
	}
	seen := 0
	for line := range bytes.Lines(out) {
		var got struct {
			sent
			Case  string `json:"case"`
			Error string `json:"error"`
		}
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatal(err)
		}
		seen++
		if want[got.Case].Refused {
			if got.Error == "" {
				t.Errorf("%s: openstacksdk takes it now", got.Case)
			}
			continue
		}
		if diff := cmp.Diff(want[got.Case], got.sent); diff != "" || got.Error != "" {
			t.Errorf("%s: %s\nrecorded -, openstacksdk +:\n%s", got.Case, got.Error, diff)
		}
	}
	if seen != len(files) {
		t.Errorf("openstacksdk answered %d of %d cases", seen, len(files))
	}
}
