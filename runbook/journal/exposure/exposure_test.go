package exposure

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	const another = 54321
	for name, c := range map[string]struct {
		do   func(t *testing.T, home string)
		says []string // none: it is safe
	}{
		"as it is made":                              {do: func(*testing.T, string) {}},
		"readable for everybody":                     {do: mode("a/b", 0o755)},
		"writable for everybody":                     {do: mode("a/b", 0o777), says: []string{"/a/b can be changed by everyone on this machine (drwxrwxrwx)", "run `chmod go-w ", "/a/b`"}},
		"writable for everybody, in a sticky folder": {do: mode("a/b", fs.ModeSticky|0o777), says: []string{"/a/b can be changed by everyone"}},
		"its parent is":                              {do: mode("a", 0o777), says: []string{"/a can be changed by everyone", "run `chmod go-w ", "/a`"}},
		"its parent is, and sticky":                  {do: mode("a", fs.ModeSticky|0o777)},
		"writable, not readable":                     {do: mode("a", 0o702), says: []string{"/a can be changed by everyone"}},
		"writable for a group":                       {do: owned("a/b", -1, another, 0o770), says: []string{"/a/b can be changed by a group of users (drwxrwx---)"}},
		"another's":                                  {do: owned("a/b", another, -1, 0o700), says: []string{"/a/b belongs to another user", "set XDG_STATE_HOME"}},
		"below another's":                            {do: owned("a", another, -1, 0o755), says: []string{"/a belongs to another user"}},
		"not there yet":                              {do: func(t *testing.T, home string) { must(t, os.Remove(home+"/a/b")) }},
		"not there yet, and exposed":                 {do: func(t *testing.T, home string) { must(t, os.Remove(home+"/a/b")); mode("a", 0o777)(t, home) }, says: []string{"/a can be changed by everyone"}},
		"a link":                                     {do: link("elsewhere/b", "a/b")},
		"a link to what is exposed": {do: func(t *testing.T, home string) {
			link("elsewhere/b", "a/b")(t, home)
			mode("elsewhere/b", 0o777)(t, home)
		}, says: []string{"/elsewhere/b can be changed"}},
		"a link to below it": {do: func(t *testing.T, home string) {
			link("elsewhere/b", "a/b")(t, home)
			mode("elsewhere", 0o777)(t, home)
		}, says: []string{"/elsewhere can be changed"}},
		"a relative link": {do: func(t *testing.T, home string) {
			link("elsewhere/b", "a/b")(t, home)
			must(t, os.Remove(home+"/a/b"))
			must(t, os.Symlink("../elsewhere/b", home+"/a/b"))
			mode("elsewhere", 0o777)(t, home)
		}, says: []string{"/elsewhere can be changed"}},
		"a link by way of a folder that is exposed": {do: func(t *testing.T, home string) {
			link("elsewhere/b", "shared/link")(t, home)
			must(t, os.Remove(home+"/a/b"))
			must(t, os.Symlink(home+"/shared/link", home+"/a/b"))
			mode("shared", 0o777)(t, home)
		}, says: []string{"/shared can be changed"}},
		"another's link in a sticky folder": {do: func(t *testing.T, home string) {
			link("elsewhere/b", "a/b")(t, home)
			mode("a", fs.ModeSticky|0o777)(t, home)
			if os.Geteuid() != 0 {
				t.Skip("only root can give a link away")
			}
			must(t, os.Lchown(home+"/a/b", another, another))
		}, says: []string{"/a/b", "belongs to another user"}},
		"a link to itself": {do: func(t *testing.T, home string) {
			must(t, os.Remove(home+"/a/b"))
			must(t, os.Symlink("b", home+"/a/b"))
		}, says: []string{"too many levels of symbolic links"}},
		"a name with a quote": {do: func(t *testing.T, home string) {
			must(t, os.Remove(home+"/a/b"))
			must(t, os.Remove(home+"/a"))
			must(t, os.Symlink(home+"/it's mine", home+"/a"))
			must(t, os.Mkdir(home+"/it's mine", 0o700))
			must(t, os.Chmod(home+"/it's mine", 0o777))
		}, says: []string{`it's mine"` + "`"}},
	} {
		t.Run(name, func(t *testing.T) {
			home, err := filepath.EvalSymlinks(t.TempDir())
			must(t, err)
			must(t, os.Chmod(home, 0o755))
			must(t, os.MkdirAll(home+"/a/b", 0o700))
			c.do(t, home)
			err = Of(home + "/a/b")
			if (err == nil) != (c.says == nil) {
				t.Fatalf("got %v, want %q", err, c.says)
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q doesn't say %q", err, part)
				}
			}
		})
	}
	if err := Of("a/b"); err == nil {
		t.Error("a relative path is safe")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mode(path string, mode fs.FileMode) func(*testing.T, string) {
	return func(t *testing.T, home string) { must(t, os.Chmod(filepath.Join(home, path), mode)) }
}

func owned(path string, user, group int, m fs.FileMode) func(*testing.T, string) {
	return func(t *testing.T, home string) {
		if os.Geteuid() != 0 {
			t.Skip("only root can give a folder away")
		}
		must(t, os.Chown(filepath.Join(home, path), user, group))
		mode(path, m)(t, home)
	}
}

// link replaces a folder by a link to another, which it makes.
func link(to, at string) func(*testing.T, string) {
	return func(t *testing.T, home string) {
		must(t, os.MkdirAll(filepath.Join(home, to), 0o700))
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(home, at)), 0o700))
		_ = os.Remove(filepath.Join(home, at))
		must(t, os.Symlink(filepath.Join(home, to), filepath.Join(home, at)))
	}
}
