//go:build !race

package main

import (
	"go/ast"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// early are exported names that no other package uses yet. They were written against
// the real services, which is costly to do again, and a subcommand that is planned needs
// them: one that compares two refs.
var early = []string{}

// TestExportedNamesAreUsedElsewhere finds exported functions, types, variables,
// constants and methods that no other package of the module uses, tests included.
// A method is used too where it implements an interface, also by way of an embedded
// field, and an interface where a type of another package implements it. Any other
// type is used where another package has a value of it, and where it belongs to what
// another package uses: to a field, a parameter or a result. Constants of one type
// are used together. The race detector would only slow the type checking down.
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
	x := exports{declared: map[string]types.Object{}, at: map[string]string{}, used: map[string]bool{}, asked: interfaces{}}
	x.asked.add(nil, types.Universe.Lookup("error").Type())
	seen := map[*types.Package]bool{}
	for _, p := range all {
		for _, err := range p.Errors {
			t.Fatal(err)
		}
		x.asked.gather(p.Types, seen)
		for _, tv := range p.TypesInfo.Types {
			if _, literal := tv.Type.(*types.Interface); literal && tv.IsType() {
				x.asked.add(nil, tv.Type)
			}
		}
	}
	for _, p := range all {
		x.look(p)
	}
	x.spread()
	if len(x.declared) < 100 || len(x.used) < 100 {
		t.Fatalf("%d exported names and %d uses were found: too few to be true", len(x.declared), len(x.used))
	}
	for _, name := range slices.Sorted(maps.Keys(x.declared)) {
		switch excused := slices.Contains(early, name); {
		case !x.used[name] && !excused:
			t.Errorf("%s: %s is exported, and no other package uses it: begin it with a lower-case letter", x.at[name], name)
		case x.used[name] && excused:
			t.Errorf("%s is used: take it out of the list", name)
		}
	}
}

// exports are the exported names of the module, written as path.Name or
// path.Type.Method without the module's path, and which of them other packages use.
type exports struct {
	declared map[string]types.Object
	at       map[string]string // where it is declared
	used     map[string]bool
	asked    interfaces
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
	for _, name := range p.Types.Scope().Names() {
		if tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName); ok {
			x.implement(tn)
		}
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
			x.add(p, method)
		}
	}
}

// implement marks the methods that a type has because of an interface, and the
// interfaces of other packages that it implements.
func (x *exports) implement(tn *types.TypeName) {
	named, ok := tn.Type().(*types.Named)
	if !ok || types.IsInterface(named) || named.TypeParams().Len() > 0 {
		return
	}
	pointer, path := types.NewPointer(named), strings.TrimSuffix(tn.Pkg().Path(), "_test")
	for method := range types.NewMethodSet(pointer).Methods() {
		name := method.Obj().Name()
		if slices.Contains(dynamic, name) {
			x.used[nameOf(method.Obj())] = true
		}
		for i, declared := range x.asked[name] {
			if !types.Implements(pointer, i) {
				continue
			}
			x.used[nameOf(method.Obj())] = true
			if declared != nil && declared.Pkg() != nil && declared.Pkg().Path() != path {
				x.used[nameOf(declared)] = true
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

// interfaces are those that ask for a method of that name, each with the name of its
// type, nil where it has none.
type interfaces map[string]map[*types.Interface]*types.TypeName

func (all interfaces) add(name *types.TypeName, t types.Type) {
	i := t.Underlying().(*types.Interface)
	for f := range i.Methods() {
		if all[f.Name()] == nil {
			all[f.Name()] = map[*types.Interface]*types.TypeName{}
		}
		if all[f.Name()][i] == nil { // a declaration holds the interface as a literal too
			all[f.Name()][i] = name
		}
	}
}

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
		if named, ok := tn.Type().(*types.Named); !ok || named.TypeParams().Len() == 0 {
			all.add(tn, tn.Type())
		}
	}
	for _, other := range pkg.Imports() {
		all.gather(other, seen)
	}
}
