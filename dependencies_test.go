package main

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestEveryLinkedModuleIsJustified(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := slices.DeleteFunc(strings.Fields(string(out)), func(path string) bool { return path == module })
	slices.Sort(linked)
	linked = slices.Compact(linked)
	text, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile(`(?m)^- (\S+\.\S+/\S+): \S.*$`).FindAllSubmatch(text, -1) {
		listed = append(listed, string(m[1]))
	}
	for _, path := range linked {
		if !slices.Contains(listed, path) {
			t.Errorf("docs/dependencies.md does not list %s", path)
		}
	}
	for _, path := range listed {
		if !slices.Contains(linked, path) {
			t.Errorf("docs/dependencies.md lists %s, which is not linked", path)
		}
	}
	if count := regexp.MustCompile(`(?m)^(\d+) modules`).FindSubmatch(text); count == nil || string(count[1]) != strconv.Itoa(len(linked)) {
		t.Errorf("docs/dependencies.md counts otherwise than %d modules", len(linked))
	}
}

func TestTheImageIsBuiltFromAllPackages(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.ImportPath}}{{end}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(".dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(out)) {
		dir := strings.Split(path+"/main.go", "/")[1]
		if !slices.Contains(strings.Split(string(text), "\n"), "!"+dir) {
			t.Errorf(".dockerignore keeps %s from the image", dir)
		}
	}
}
