package tui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the checklist may grow to, so that it stays made of parts.
const (
	modelMethods = 45
	folderFiles  = 16
)

func TestModelStaysSmall(t *testing.T) {
	methods, files := 0, map[string]int{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files[filepath.Dir(path)]++
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv != nil && receiver(f) == "Model" {
				methods++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if methods == 0 || methods > modelMethods {
		t.Errorf("Model has %d methods, at most %d are allowed", methods, modelMethods)
	}
	for folder, n := range files {
		if n > folderFiles {
			t.Errorf("%s has %d files", folder, n)
		}
	}
}

func receiver(f *ast.FuncDecl) string {
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if name, ok := typ.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}
