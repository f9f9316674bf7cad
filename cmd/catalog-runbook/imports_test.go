package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "catalog-runbook"

// root is the module's folder, seen from this package.
const root = "../.."

// terminalPackages are those that draw on a terminal or ask it something.
var terminalPackages = []string{
	"github.com/charmbracelet/bubbletea", "github.com/charmbracelet/bubbles", "github.com/charmbracelet/lipgloss",
	"github.com/charmbracelet/glamour", "github.com/muesli/termenv",
}

// rooms say what the packages of a folder must not import. A name stands for
// the packages below it as well, but for those of the standard library.
var rooms = []struct {
	folder   string
	at       []string // by whatever way
	directly []string
}{
	{
		folder: "runbook",
		at: append([]string{"net", "net/http", "os/exec", "github.com/charmbracelet", "github.com/go-resty/resty",
			module + "/steps", module + "/tui", module + "/cmd"}, terminalPackages...),
	},
	{folder: "steps", at: append([]string{module + "/steps/kinds", module + "/tui", module + "/cmd"}, terminalPackages...)},
	{folder: "tui", at: []string{module + "/cmd"}, directly: []string{"net", "net/http", "github.com/go-resty/resty"}},
}

// imports maps every package that the module needs to those that it imports.
type imports map[string][]string

func listImports(t *testing.T) imports {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	all := imports{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p.Imports
	}
}

// way returns the shortest chain of imports from a package to a forbidden one,
// nil where there is none.
func (all imports) way(from string, forbidden []string) []string {
	cameFrom := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at != from && matches(at, forbidden) {
			var chain []string
			for ; at != ""; at = cameFrom[at] {
				chain = append(chain, at)
			}
			slices.Reverse(chain)
			return chain
		}
		for _, next := range all[at] {
			if _, seen := cameFrom[next]; !seen {
				cameFrom[next] = at
				queue = append(queue, next)
			}
		}
	}
	return nil
}

func matches(path string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return path == name || (strings.Contains(name, "-") || strings.Contains(name, ".")) && strings.HasPrefix(path, name+"/")
	})
}

func TestImportsGoOneWay(t *testing.T) {
	if testing.Short() {
		t.Skip("go list takes some seconds")
	}
	all := listImports(t)
	for _, room := range rooms {
		folder := module + "/" + room.folder
		packages := 0
		for path, direct := range all {
			if path != folder && !strings.HasPrefix(path, folder+"/") {
				continue
			}
			packages++
			at := room.at
			if own := module + "/steps/kinds"; path == own || strings.HasPrefix(path, own+"/") {
				at = slices.DeleteFunc(slices.Clone(at), func(name string) bool { return name == own })
			}
			if chain := all.way(path, at); chain != nil {
				t.Errorf("%s must not need %s:\n\t%s", path, chain[len(chain)-1], strings.Join(chain, "\n\t-> "))
			}
			for _, other := range direct {
				if matches(other, room.directly) {
					t.Errorf("%s must not import %s", path, other)
				}
			}
		}
		if packages == 0 {
			t.Errorf("there are no packages in %s", room.folder)
		}
	}
	for _, client := range []string{"checkout", "command", "terraform", "github", "registry", "airflow", "postgres", "transport"} {
		folder := module + "/steps/" + client
		for path, direct := range all {
			if (path == folder || strings.HasPrefix(path, folder+"/")) && slices.Contains(direct, module+"/steps") {
				t.Errorf("%s must know nothing about steps", path)
			}
		}
	}
	if chain := all.way(module+"/cmd/catalog-runbook", []string{"github.com/getkin/kin-openapi"}); chain != nil {
		t.Errorf("the program must not need what only its tests do:\n\t%s", strings.Join(chain, "\n\t-> "))
	}
	if all.way(module+"/cmd/catalog-runbook", []string{module + "/runbook"}) == nil {
		t.Error("the way from the program to the runbook is not found, so this test finds none")
	}
}

// TestParts holds that the parts of the checklist know neither it nor each other.
func TestParts(t *testing.T) {
	if testing.Short() {
		t.Skip("go list takes some seconds")
	}
	whole, parts := module+"/tui", 0
	shared := []string{whole + "/text", whole + "/pager"}
	for path, direct := range listImports(t) {
		if !strings.HasPrefix(path, whole+"/") {
			continue
		}
		parts++
		for _, other := range direct {
			own := strings.HasPrefix(other, path+"/") // its own folder, not another part
			if (other == whole || strings.HasPrefix(other, whole+"/")) && !own && !slices.Contains(shared, other) {
				t.Errorf("%s must not import %s", path, other)
			}
		}
	}
	if parts < len(shared) {
		t.Errorf("only %d parts are found", parts)
	}
}

// TestSource keeps out what the design forbids by name: glamour's automatic
// style asks the terminal and waits, a sleep cannot be interrupted, and U+FE0F
// makes a sign as wide as the terminal likes (package runbook names it, because
// documents hold it).
func TestSource(t *testing.T) {
	const wideSign = "\uFE0F"
	reads := filepath.Join(root, "runbook") + string(filepath.Separator)
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if n.Name == "WithAutoStyle" {
					t.Errorf("%s: WithAutoStyle", set.Position(n.Pos()))
				}
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && n.Sel.Name == "Sleep" {
					t.Errorf("%s: time.Sleep", set.Position(n.Pos()))
				}
			case *ast.BasicLit:
				if strings.Contains(n.Value, wideSign) || !strings.HasPrefix(path, reads) && strings.Contains(strings.ToLower(n.Value), `\ufe0f`) {
					t.Errorf("%s: U+FE0F", set.Position(n.Pos()))
				}
			case *ast.Comment:
				if strings.Contains(n.Text, wideSign) {
					t.Errorf("%s: U+FE0F in a comment", set.Position(n.Pos()))
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d files were read", files)
	}
}
