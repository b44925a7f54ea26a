//go:build e2e

package clientconfig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"cloudip_exporter/test/check"
)

// TestTheRecordedAnswersAreThoseOfOpenstacksdk runs the real openstacksdk (Debian:
// python3-openstacksdk) over all cases and compares what it sends with what
// the files say. PYTHON names the interpreter; default /usr/bin/python3.
func TestTheRecordedAnswersAreThoseOfOpenstacksdk(t *testing.T) {
	script := check.Get(filepath.Abs("testdata/openstacksdk.py"))(t)
	files, _ := filepath.Glob("testdata/*.txtar")
	want := map[any]sent{}
	args := []string{"-W", "ignore", script}
	dir := t.TempDir()
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		want[name], args = unpack(t, file, filepath.Join(dir, name)), append(args, filepath.Join(dir, name))
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
		var got sent
		check.OK(t, json.Unmarshal(line, &got))
		seen++
		name := got["case"]
		if delete(got, "case"); want[name]["refused_by_openstacksdk"] == true {
			if got["error"] == nil {
				t.Errorf("%s: openstacksdk takes it now", name)
			}
			continue
		}
		check.Equal(t, fmt.Sprintf("%s: recorded -, openstacksdk +", name), want[name], got)
	}
	check.Equal(t, "cases that openstacksdk answered", len(files), seen)
}

// sent is what a client sends for a case, with the paths of two services in a catalogue of two regions
// and three interfaces: openstacksdk's answer is recorded in the section "expect" of each file. It
// refuses a password beside an application credential; this program takes the one that auth_type names.
type sent map[string]any

// unpack writes the files of a case to a folder and returns the recorded answer.
func unpack(t *testing.T, file, dir string) (want sent) {
	t.Helper()
	for _, f := range check.Get(txtar.ParseFile(file))(t).Files {
		if f.Name == "expect" {
			check.OK(t, json.Unmarshal(f.Data, &want))
			continue
		}
		path := filepath.Join(dir, f.Name)
		check.OK(t, os.MkdirAll(filepath.Dir(path), 0o700))
		check.Write(t, path, string(f.Data))
	}
	return want
}
