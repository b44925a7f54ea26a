package main

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

var (
	machinePath = regexp.MustCompile(`(?:^|[\s"'(=:` + "`" + `])(/(?:work|home|root|tmp|mnt|Users)/[\w.-]+)`)
	upwardPath  = regexp.MustCompile(`[\w./-]*\.\./[\w./-]*`)
)

// examples are the absolute paths that tests make up.
var examples = []string{"/home/ann", "/tmp/123"} // a user; a query in the vendor's examples of signatures

func TestNothingRefersToAPathOutsideTheRepository(t *testing.T) {
	root := check.Get(filepath.Abs("."))(t)
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file == ".git" && !d.IsDir(): // of a worktree
			return nil
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "fuzz" || d.Name() == "node_modules"): // inputs that a fuzzer made; what npm installed
			return filepath.SkipDir
		case d.Type()&fs.ModeSymlink != 0:
			if to, err := filepath.EvalSymlinks(filepath.Join(root, file)); err != nil || !strings.HasPrefix(to, root+"/") {
				t.Errorf("%s links to %q, %v", file, to, err)
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(file)
		if err == nil && !bytes.Contains(text, []byte{0}) {
			for _, bad := range pathsOutside(filepath.ToSlash(file), string(text)) {
				t.Errorf("%s refers to %s", file, bad)
			}
		}
		return err
	})
	check.OK(t, err)
}

// pathsOutside returns the paths in a file that are outside of the repository: those
// of a machine, and in links and Go code those that climb above the root.
func pathsOutside(file, text string) (bad []string) {
	for _, m := range machinePath.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(examples, m[1]) {
			bad = append(bad, m[1])
		}
	}
	if ext := path.Ext(file); ext != ".md" && ext != ".go" && ext != ".mod" || !strings.Contains(text, ".."+"/") {
		return bad
	}
	for _, up := range upwardPath.FindAllString(text, -1) {
		if strings.HasPrefix(up, "..") && strings.HasPrefix(path.Join(path.Dir(file), up), "..") {
			bad = append(bad, up)
		}
	}
	return bad
}

func TestAPathOutsideTheRepositoryIsFound(t *testing.T) {
	const up = ".." + "/"
	for text, found := range map[string]bool{
		"see /" + "work/notes.md": true, "file = \"/" + "home/bob/x\"": true, "](" + up + up + "x.md)": true,
		"](" + up + "README.md)": false, "/home/ann": false, "https://example.com/home/x": false, "GET /v1/home/x": false,
	} {
		if got := pathsOutside("docs/x.md", text); (len(got) > 0) != found {
			t.Errorf("%q: %q, want something: %v", text, got, found)
		}
	}
}
