package main

import (
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

// linked returns what go list says of the packages that the program links, in order.
func linked(t *testing.T, format string) []string {
	t.Helper()
	lines := strings.Fields(string(check.Get(exec.Command("go", "list", "-deps", "-f", format, ".").Output())(t)))
	slices.Sort(lines)
	return slices.Compact(lines)
}

func TestEveryLinkedModuleIsJustified(t *testing.T) {
	modules := slices.DeleteFunc(linked(t, "{{with .Module}}{{.Path}}{{end}}"), func(path string) bool { return path == module })
	text := check.Read(t, "docs/dependencies.md")
	var listed []string
	for _, m := range regexp.MustCompile(`(?m)^- (\S+\.\S+/\S+): \S.*$`).FindAllStringSubmatch(text, -1) {
		listed = append(listed, m[1])
	}
	slices.Sort(listed)
	check.Equal(t, "modules in docs/dependencies.md", modules, listed)
	if count := regexp.MustCompile(`(?m)^(\d+) modules`).FindStringSubmatch(text); count == nil || count[1] != strconv.Itoa(len(modules)) {
		t.Errorf("docs/dependencies.md counts otherwise than %d modules", len(modules))
	}
}

// The image is built from all packages that the program links, and none of them is a tool of tests.
func TestTheImageIsBuiltFromAllPackagesAndNoTestTool(t *testing.T) {
	ignored := strings.Split(check.Read(t, ".dockerignore"), "\n")
	for _, path := range linked(t, "{{.ImportPath}}") {
		if strings.HasPrefix(path, module+"/simulator/simtest") || path == module+"/collector/fakecloud" || strings.HasPrefix(path, module+"/test") || path == "testing" {
			t.Errorf("the program links %s", path)
		}
		if own, ours := strings.CutPrefix(path+"/main.go", module+"/"); ours && !slices.Contains(ignored, "!"+strings.Split(own, "/")[0]) {
			t.Errorf(".dockerignore keeps %s from the image", path)
		}
	}
}
