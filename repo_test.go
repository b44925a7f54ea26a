package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"cloudip_exporter/test/check"
)

const module = "cloudip_exporter"

// sourceFile is one Go file of this module.
type sourceFile struct {
	path   string // relative, with slashes
	dir    string
	test   bool
	set    *token.FileSet
	syntax *ast.File
	lines  int
}

// parsed are all Go files of this module; modules nested in it have their own.
var parsed = sync.OnceValues(func() (all []sourceFile, err error) {
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if _, err := os.Stat(filepath.Join(path, "go.mod")); path != "." && (err == nil || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")) {
				return filepath.SkipDir
			}
			return nil
		case filepath.Ext(path) != ".go":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		syntax, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all = append(all, sourceFile{
			path: filepath.ToSlash(path), dir: filepath.ToSlash(filepath.Dir(path)), test: strings.HasSuffix(path, "_test.go"),
			set: set, syntax: syntax, lines: bytes.Count(text, []byte("\n")),
		})
		return nil
	})
	return all, err
})

func TestImportsPointDownOnly(t *testing.T) {
	// All but the simulator may also import text, which imports nothing.
	allowed := map[string][]string{
		"text":                       {},
		".":                          {"cli"},
		"daemon":                     {"web", "storage", "collect", "collector", "cloudapi", "cloudapi/wire", "config"},
		"web":                        {"collect", "inventory", "web/api", "web/pages", "web/query"},
		"web/pages":                  {"inventory", "storage", "inventory/rows", "inventory/space", "web/query"},
		"web/api":                    {"storage", "inventory", "inventory/rows", "inventory/space", "web/query"},
		"web/query":                  {"inventory", "inventory/rows", "inventory/space"},
		"cli":                        {"daemon", "storage", "cli/history", "simulator", "collect", "collector", "cloudapi/wire/apierr", "config", "inventory", "inventory/space", "inventory/rows", "provider", "cli/privateip", "cli/command", "cli/table", "cli/exit"},
		"cli/history":                {"storage", "inventory", "inventory/rows", "inventory/space", "cli/command", "cli/table", "cli/exit"},
		"cli/privateip":              {"cloudapi/wire", "cloudapi/wire/apierr", "inventory", "inventory/rows", "inventory/space", "provider", "cli/command", "cli/table", "cli/exit", "cli/privateip/journal"},
		"cli/command":                {"collector", "cloudapi", "cloudapi/wire", "cloudapi/wire/apierr", "config", "inventory", "cli/table", "cli/exit"},
		"cli/table":                  {"inventory/rows", "cli/exit"},
		"cli/exit":                   {"cloudapi/wire/apierr"},
		"collect":                    {"cloudapi", "cloudapi/wire/apierr", "collector", "config", "inventory"},
		"cli/privateip/journal":      {"filelock"},
		"filelock":                   {},
		"storage":                    {"filelock", "inventory", "inventory/rows"},
		"collector/fakecloud":        {"cloudapi", "cloudapi/wire/apierr", "inventory", "provider"}, // tests only
		"collector":                  {"cloudapi", "cloudapi/wire/apierr", "config", "inventory", "inventory/space", "provider"},
		"cloudapi":                   {"cloudapi/auth", "cloudapi/page", "cloudapi/wire", "cloudapi/wire/apierr", "config", "inventory", "inventory/space", "provider"},
		"cloudapi/wire":              {"cloudapi/wire/apierr", "config"},
		"cloudapi/wire/apierr":       {},
		"simulator":                  {"simulator/estate"}, // shares nothing with the client, so that one cannot excuse the other
		"simulator/estate":           {},
		"simulator/simtest":          {"simulator", "simulator/estate"}, // tests only
		"simulator/simtest/scripted": {"config"},                        // tests only
		"config":                     {"provider"},
		"inventory":                  {"inventory/space", "provider"},
		"inventory/space":            {},
		"inventory/rows":             {"inventory", "inventory/space"},
		"provider":                   {},
		"cloudapi/auth":              {"cloudapi/auth/clientconfig", "cloudapi/wire", "cloudapi/wire/apierr", "config", "provider"},
		"cloudapi/auth/clientconfig": {"config", "provider"},
		"cloudapi/page":              {"cloudapi/page/jsonstream", "cloudapi/wire", "cloudapi/wire/apierr", "inventory", "inventory/space"},
		"cloudapi/page/jsonstream":   {},
	}
	used := map[string]bool{} // "package import"
	for _, f := range check.Get(parsed())(t) {
		if f.test {
			continue
		}
		may, known := allowed[f.dir]
		for _, spec := range f.syntax.Imports {
			path := check.Get(strconv.Unquote(spec.Path.Value))(t)
			own, ours := strings.CutPrefix(path, module+"/")
			used[f.dir+" "+own] = true
			switch {
			case ours && !known && !strings.HasPrefix(f.dir, "test/"):
				t.Errorf("%s imports %s: add %s to the packages that may import others", f.path, path, f.dir)
			case ours && known && !slices.Contains(may, own) && (own != "text" || strings.HasPrefix(f.dir, "simulator")):
				t.Errorf("%s imports %s: imports point down only", f.path, path)
			case strings.HasPrefix(path, "github.com/alecthomas/kingpin") && !strings.HasPrefix(f.path, "cli/") && known:
				t.Errorf("%s imports %s: only cli knows flags", f.path, path)
			case path == "os/signal" && f.dir != "." && known:
				t.Errorf("%s imports %s: only main knows signals", f.path, path)
			case strings.HasPrefix(f.dir, "simulator") && strings.Contains(path, ".") && !ours:
				t.Errorf("%s imports %s: the simulated cloud uses the standard library only", f.path, path)
			}
		}
	}
	for dir, may := range allowed {
		for _, own := range may {
			if !used[dir+" "+own] {
				t.Errorf("%s does not import %s: take the permission away", dir, own)
			}
		}
	}
}

func TestFilesAndFunctionsAreSmall(t *testing.T) {
	const longestFile, longestFunction = 300, 80
	for _, f := range check.Get(parsed())(t) {
		if f.test {
			continue
		}
		if f.lines > longestFile {
			t.Errorf("%s has %d lines, want at most %d: split it", f.path, f.lines, longestFile)
		}
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			if n := span(f.set, fn) - tableLines(f.set, fn.Body); n > longestFunction {
				t.Errorf("%s: %s has %d lines, tables aside: split it", f.path, fn.Name.Name, n)
			}
		}
	}
}

func span(set *token.FileSet, n ast.Node) int {
	return set.Position(n.End()).Line - set.Position(n.Pos()).Line + 1
}

// tableLines counts the lines of tables: literals of slices and maps that hold
// no function.
func tableLines(set *token.FileSet, root ast.Node) int {
	n := 0
	ast.Inspect(root, func(node ast.Node) bool {
		lit, ok := node.(*ast.CompositeLit)
		if !ok {
			return true
		}
		switch lit.Type.(type) {
		case *ast.ArrayType, *ast.MapType:
		default:
			return true
		}
		functions := false
		ast.Inspect(lit, func(node ast.Node) bool {
			_, is := node.(*ast.FuncLit)
			functions = functions || is
			return !functions
		})
		if functions {
			return true
		}
		n += span(set, lit)
		return false
	})
	return n
}

func TestEveryPackageAndExportedNameIsDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range check.Get(parsed())(t) {
		documented[f.dir] = documented[f.dir] || f.syntax.Doc != nil
		if f.test {
			continue
		}
		for _, d := range f.syntax.Decls {
			for _, name := range undocumented(d) {
				t.Errorf("%s: %s has no comment", f.path, name)
			}
		}
	}
	for dir, is := range documented {
		if !is {
			t.Errorf("the package in %s has no comment", dir)
		}
	}
}

// undocumented are the exported names of a declaration without a comment.
func undocumented(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		wellKnown := slices.Contains([]string{"Error", "Unwrap", "String", "Is", "As"}, d.Name.Name) // an interface has its promise
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !wellKnown {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		var names []string
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
					names = append(names, spec.Name.Name)
				}
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					if name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
						names = append(names, name.Name)
					}
				}
			}
		}
		return names
	}
	return nil
}

func exportedReceiver(d *ast.FuncDecl) bool {
	return d.Recv == nil || ast.IsExported(strings.TrimPrefix(types.ExprString(d.Recv.List[0].Type), "*"))
}

func TestNothingIsReplacedOrRegisteredBehindTheBack(t *testing.T) {
	if strings.Contains(check.Read(t, "go.mod"), "replace ") {
		t.Error("go.mod has a replace line")
	}
	for _, f := range check.Get(parsed())(t) {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function", f.path)
			}
		}
	}
}
