package main

import (
	"bufio"
	"errors"
	"flag"
	"go/ast"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// unusedExports lists the exported names that were unused when the test began to
// look for them. It must only get shorter.
const unusedExports = "testdata/unused-exports.txt"

var updateExports = flag.Bool("update-exports", false, "write the unused exported names into "+unusedExports)

// TestExportedNamesAreUsedElsewhere finds exported functions, types, variables,
// constants and methods that no other package of the module uses, tests included.
// It leaves out methods that implement an interface. A type is used where another
// package has a value of it, and where it belongs to what another package uses: to
// a field, a parameter or a result. Constants of one type are used together.
func TestExportedNamesAreUsedElsewhere(t *testing.T) {
	if testing.Short() {
		t.Skip("type checking takes some seconds")
	}
	t.Parallel()
	all, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedExportFile |
			packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo,
		Dir: root, Tests: true, Context: t.Context(),
	}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	x := exports{declared: map[string]types.Object{}, at: map[string]string{}, used: map[string]bool{}, interfaces: interfaces{
		"Error": {types.Universe.Lookup("error").Type().Underlying().(*types.Interface)},
	}}
	seen := map[*types.Package]bool{}
	for _, p := range all {
		for _, err := range p.Errors {
			t.Fatal(err)
		}
		x.interfaces.gather(p.Types, seen)
	}
	for _, p := range all {
		x.look(p)
	}
	x.spread()
	var unused []string
	for name := range x.declared {
		if !x.used[name] {
			unused = append(unused, name)
		}
	}
	slices.Sort(unused)
	if len(x.declared) < 100 || len(x.used) < 100 {
		t.Fatalf("%d exported names and %d uses were found: too few to be true", len(x.declared), len(x.used))
	}
	if *updateExports {
		if err := os.WriteFile(unusedExports, []byte(strings.Join(unused, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	excused := excusedExports(t)
	for _, name := range unused {
		if !excused[name] {
			t.Errorf("%s: %s is exported, and no other package uses it: begin it with a lower-case letter", x.at[name], name)
		}
		delete(excused, name)
	}
	for _, name := range slices.Sorted(maps.Keys(excused)) {
		t.Logf("%s is used or gone: remove it from %s", name, unusedExports)
	}
}

func excusedExports(t *testing.T) map[string]bool {
	t.Helper()
	f, err := os.Open(unusedExports)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	excused := map[string]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name := strings.TrimSpace(lines.Text()); name != "" {
			excused[name] = true
		}
	}
	return excused
}

// exports are the exported names of the module, written as path.Name or
// path.Type.Method without the module's path, and which of them other packages use.
type exports struct {
	declared map[string]types.Object
	at       map[string]string // where it is declared
	used     map[string]bool
	interfaces
}

// look gathers what one package declares and what it uses of others. Its tests
// are part of it, those in a package of their own too.
func (x *exports) look(p *packages.Package) {
	path := strings.TrimSuffix(p.PkgPath, "_test")
	if !strings.HasPrefix(path, module+"/") || strings.HasSuffix(path, ".test") {
		return
	}
	if p.Name != "main" && path == p.PkgPath {
		x.declare(p)
	}
	use := func(obj types.Object) {
		if obj == nil || obj.Pkg() == nil || strings.TrimSuffix(obj.Pkg().Path(), "_test") == path {
			return
		}
		if name := nameOf(obj); name != "" {
			x.used[name] = true
		}
	}
	for _, obj := range p.TypesInfo.Uses {
		use(obj)
	}
	for _, tv := range p.TypesInfo.Types {
		eachNamed(tv.Type, use)
	}
}

// declare gathers the exported names of a package's files that are no tests.
func (x *exports) declare(p *packages.Package) {
	scope := p.Types.Scope()
	for _, name := range scope.Names() {
		x.add(p, scope.Lookup(name))
		named, ok := scope.Lookup(name).Type().(*types.Named)
		if _, isType := scope.Lookup(name).(*types.TypeName); !ok || !isType {
			continue
		}
		for method := range named.Methods() {
			if !x.interfaces.want(named, method.Name()) {
				x.add(p, method)
			}
		}
	}
}

func (x *exports) add(p *packages.Package, obj types.Object) {
	at := p.Fset.Position(obj.Pos())
	if name := nameOf(obj); name != "" && !strings.HasSuffix(at.Filename, "_test.go") {
		if rel, err := filepath.Rel(mustAbs(root), at.Filename); err == nil {
			at.Filename = rel
		}
		x.declared[name], x.at[name] = obj, at.String()
	}
}

func mustAbs(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return abs
}

// spread marks what belongs to something used as used too.
func (x *exports) spread() {
	var queue []string
	use := func(obj types.Object) {
		if name := nameOf(obj); name != "" && !x.used[name] {
			x.used[name] = true
			queue = append(queue, name)
		}
	}
	for name := range x.used {
		queue = append(queue, name)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		switch obj := x.declared[queue[0]].(type) {
		case *types.TypeName:
			if fields, ok := obj.Type().Underlying().(*types.Struct); ok {
				for f := range fields.Fields() {
					if f.Exported() {
						eachNamed(f.Type(), use)
					}
				}
			} else {
				eachNamed(obj.Type().Underlying(), use)
			}
		case *types.Const:
			scope := obj.Pkg().Scope()
			for _, name := range scope.Names() {
				_, named := obj.Type().(*types.Named)
				if other, ok := scope.Lookup(name).(*types.Const); ok && named && types.Identical(other.Type(), obj.Type()) {
					use(other)
				}
			}
		case types.Object:
			eachNamed(obj.Type(), use)
		}
	}
}

// nameOf returns the name of an exported object of the module at package level, or
// of a method, "" for any other.
func nameOf(obj types.Object) string {
	if !obj.Exported() || obj.Pkg() == nil || !strings.HasPrefix(obj.Pkg().Path(), module+"/") {
		return ""
	}
	path := strings.TrimPrefix(obj.Pkg().Path(), module+"/")
	if f, ok := obj.(*types.Func); ok {
		if recv := f.Origin().Signature().Recv(); recv != nil {
			named, ok := deref(recv.Type()).(*types.Named)
			if !ok || !ast.IsExported(named.Obj().Name()) {
				return ""
			}
			return path + "." + named.Obj().Name() + "." + obj.Name()
		}
	}
	if obj.Parent() != obj.Pkg().Scope() {
		return ""
	}
	return path + "." + obj.Name()
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return types.Unalias(p.Elem())
	}
	return types.Unalias(t)
}

// eachNamed calls f for the named types that a type consists of at first sight.
func eachNamed(t types.Type, f func(types.Object)) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		f(t.Origin().Obj())
	case *types.Pointer:
		eachNamed(t.Elem(), f)
	case *types.Slice:
		eachNamed(t.Elem(), f)
	case *types.Array:
		eachNamed(t.Elem(), f)
	case *types.Chan:
		eachNamed(t.Elem(), f)
	case *types.Map:
		eachNamed(t.Key(), f)
		eachNamed(t.Elem(), f)
	case *types.Tuple:
		for v := range t.Variables() {
			eachNamed(v.Type(), f)
		}
	case *types.Signature:
		eachNamed(t.Params(), f)
		eachNamed(t.Results(), f)
	case *types.Interface:
		for m := range t.Methods() {
			eachNamed(m.Type(), f)
		}
	}
}

// dynamic are methods that the standard library looks for by interfaces without a
// name.
var dynamic = []string{"Is", "As", "Unwrap", "Timeout", "Temporary"}

// interfaces are those that may ask for a method of that name.
type interfaces map[string][]*types.Interface

// gather adds the interfaces of a package and of all that it needs.
func (all interfaces) gather(pkg *types.Package, seen map[*types.Package]bool) {
	if seen[pkg] {
		return
	}
	seen[pkg] = true
	for _, name := range pkg.Scope().Names() {
		tn, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || !types.IsInterface(tn.Type()) {
			continue
		}
		if named, ok := tn.Type().(*types.Named); ok && named.TypeParams().Len() > 0 {
			continue
		}
		i := tn.Type().Underlying().(*types.Interface)
		for f := range i.Methods() {
			all[f.Name()] = append(all[f.Name()], i)
		}
	}
	for _, other := range pkg.Imports() {
		all.gather(other, seen)
	}
}

// want reports whether a type has the method because of an interface.
func (all interfaces) want(named *types.Named, method string) bool {
	if slices.Contains(dynamic, method) {
		return true
	}
	return !types.IsInterface(named) && named.TypeParams().Len() == 0 && slices.ContainsFunc(all[method], func(i *types.Interface) bool {
		return types.Implements(named, i) || types.Implements(types.NewPointer(named), i)
	})
}
