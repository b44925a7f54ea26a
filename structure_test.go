package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

// The limits of the structure. They keep a package small enough to be understood
// as a whole.
const (
	mostFunctions = 200 // of a package
	mostInCircle  = 6   // files of a package that use one another's names, directly or by way of others
	mostBranches  = 0   // on the name of a provider, outside package provider
)

// packageFiles is a package of this module, without its tests.
type packageFiles struct {
	dir   string // relative to the module
	set   *token.FileSet
	files []*ast.File
	uses  map[*ast.Ident]types.Object
	types *types.Package
}

// checkedPackages returns the packages of this module with types. The compiler's
// export data makes that quick.
func checkedPackages(t *testing.T) []packageFiles {
	t.Helper()
	out := check.Get(exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Module", "./...").Output())(t)
	type listed struct {
		ImportPath, Dir, Export string
		GoFiles                 []string
		Module                  *struct{ Main bool }
	}
	exports, own := map[string]string{}, []listed(nil)
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p listed
		check.OK(t, dec.Decode(&p))
		exports[p.ImportPath] = p.Export
		if p.Module != nil && p.Module.Main {
			own = append(own, p)
		}
	}
	set := token.NewFileSet()
	imports := importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	var all []packageFiles
	for _, p := range own {
		checked := packageFiles{dir: strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/"), set: set}
		for _, name := range p.GoFiles {
			checked.files = append(checked.files, check.Get(parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution))(t))
		}
		info := types.Info{Uses: map[*ast.Ident]types.Object{}}
		config := types.Config{Importer: imports}
		checked.types = check.Get(config.Check(p.ImportPath, set, checked.files, &info))(t)
		checked.uses = info.Uses
		all = append(all, checked)
	}
	return all
}

func TestPackagesAreSmallAndUntangled(t *testing.T) {
	branches := 0
	for _, p := range checkedPackages(t) {
		if strings.HasPrefix(p.dir, "simulator") {
			continue
		}
		if n := p.functions(); n > mostFunctions {
			t.Errorf("%s has %d functions, want at most %d: split it", p.dir, n, mostFunctions)
		}
		if files := p.largestCircle(); len(files) > mostInCircle {
			t.Errorf("%s: %d files use one another's names, want at most %d: %s", p.dir, len(files), mostInCircle, strings.Join(files, ", "))
		}
		if p.dir != "provider" {
			branches += p.providerBranches(t)
		}
	}
	if branches > mostBranches {
		t.Errorf("%d branches on the name of a provider, want at most %d: put what differs into package provider", branches, mostBranches)
	}
}

func (p packageFiles) functions() (n int) {
	for _, f := range p.files {
		for _, d := range f.Decls {
			if _, ok := d.(*ast.FuncDecl); ok {
				n++
			}
		}
	}
	return n
}

// largestCircle returns the largest set of files each of which uses names of every
// other one, directly or by way of others.
func (p packageFiles) largestCircle() (largest []string) {
	reaches := p.fileUses()
	for by := range reaches {
		for f := range reaches {
			if reaches[f][by] {
				maps.Copy(reaches[f], reaches[by])
			}
		}
	}
	for f := range reaches {
		var circle []string
		for g := range reaches[f] {
			if reaches[g][f] {
				circle = append(circle, g)
			}
		}
		if len(circle) > len(largest) {
			largest = circle
		}
	}
	return largest
}

// fileUses returns of which files each file uses names.
func (p packageFiles) fileUses() map[string]map[string]bool {
	uses := map[string]map[string]bool{}
	for id, o := range p.uses {
		if o.Pkg() != p.types {
			continue
		}
		switch origin := o.(type) {
		case *types.Var:
			if o = origin.Origin(); origin.Parent() != nil && origin.Parent() != p.types.Scope() {
				continue // a variable of a function
			}
		case *types.Func:
			o = origin.Origin()
		}
		from := p.file(id.Pos())
		if uses[from] == nil {
			uses[from] = map[string]bool{}
		}
		uses[from][p.file(o.Pos())] = true
	}
	return uses
}

func (p packageFiles) file(at token.Pos) string { return filepath.Base(p.set.Position(at).Filename) }

// providerName finds the name of a provider in a condition.
var providerName = regexp.MustCompile(`\b(config|provider)\.(OpenStack|HuaweiCloud|OTC)\b|"(openstack|huaweicloud|otc)"`)

// providerBranches counts the conditions and cases that name a provider.
func (p packageFiles) providerBranches(t *testing.T) (n int) {
	t.Helper()
	for _, f := range p.files {
		file := p.set.File(f.Pos())
		text := check.Read(t, file.Name())
		names := func(e ast.Expr) bool {
			return e != nil && providerName.MatchString(text[file.Offset(e.Pos()):file.Offset(e.End())])
		}
		ast.Inspect(f, func(node ast.Node) bool {
			switch s := node.(type) {
			case *ast.IfStmt:
				if names(s.Cond) {
					n++
				}
			case *ast.CaseClause:
				for _, e := range s.List {
					if names(e) {
						n++
					}
				}
			}
			return true
		})
	}
	return n
}
