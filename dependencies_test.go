package main

import (
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"cloudip_exporter/test/check"
)

// linked lists the packages that the program links, and their modules.
var linked = sync.OnceValues(func() (lines []byte, err error) {
	return exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}} {{with .Module}}{{.Path}}{{end}}", ".").Output()
})

func TestEveryLinkedModuleIsJustified(t *testing.T) {
	var modules []string
	for line := range strings.Lines(string(check.Get(linked())(t))) {
		if _, path, _ := strings.Cut(strings.TrimSpace(line), " "); path != "" && path != module {
			modules = append(modules, path)
		}
	}
	slices.Sort(modules)
	modules = slices.Compact(modules)
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
	for line := range strings.Lines(string(check.Get(linked())(t))) {
		path, _, _ := strings.Cut(line, " ")
		if strings.HasPrefix(path, module+"/simulator/simtest") || path == module+"/collector/fakecloud" || strings.HasPrefix(path, module+"/test") || path == "testing" {
			t.Errorf("the program links %s", path)
		}
		if own, ours := strings.CutPrefix(path+"/main.go", module+"/"); ours && !slices.Contains(ignored, "!"+strings.Split(own, "/")[0]) {
			t.Errorf(".dockerignore keeps %s from the image", path)
		}
	}
}
