// Package build builds the program for tests that run it as a process of its own.
package build

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
)

// Program writes the program of this checkout to a directory and returns its file. It
// copies what go run would run: that stays in Go's cache, while go build links anew.
func Program(dir string, flags ...string) (file string, err error) {
	file = filepath.Join(dir, "cloudip_exporter")
	args := slices.Concat([]string{"run", "-ldflags=-s -w", "-exec=cp"}, flags, []string{"cloudip_exporter", file})
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return file, nil
}
