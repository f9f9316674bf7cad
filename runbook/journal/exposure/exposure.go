// Package exposure finds out who else on this machine can change what is kept in a
// folder. Whoever can write to the folder, or to one above it, can put another folder in
// its place, and with it another journal or another plan to apply.
package exposure

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
)

// writable are the bits that let other users write.
const writable fs.FileMode = 0o022

// mostLinks is how many symbolic links a path may lead over, as on Linux.
const mostLinks = 40

// Of returns nil if no user but this one and root can change what is in a folder or put
// another in its place, and otherwise an error with the command that mends it. It looks
// at the folder, at all above it and at all that symbolic links among them lead over;
// what doesn't exist yet is as safe as where it will be made. A folder with the sticky
// bit may be writable, because there nobody can replace what belongs to another.
//
// Access control lists count as far as the mode shows them: what they allow at the most
// is in the group's bits on Linux, and isn't shown on macOS.
func Of(folder string) error {
	rest, at := strings.Split(filepath.Clean(folder), "/"), "/"
	if !filepath.IsAbs(folder) {
		return fmt.Errorf("finding who can change %s: want an absolute path", clean.Line(folder))
	}
	if err := check(at, len(rest) > 1); err != nil {
		return err
	}
	for links := 0; len(rest) > 0; {
		next := filepath.Join(at, rest[0])
		rest = rest[1:]
		if next == at {
			continue
		}
		info, err := os.Lstat(next)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return fmt.Errorf("finding who can change %s: %w", clean.Line(next), err)
		case info.Mode()&fs.ModeSymlink == 0:
			if err := check(next, len(rest) > 0); err != nil {
				return err
			}
			at = next
			continue
		}
		to, err := os.Readlink(next)
		if links++; err == nil && links > mostLinks {
			err = syscall.ELOOP
		}
		if err == nil {
			err = belongs(next, info)
		}
		if err != nil {
			return fmt.Errorf("finding who can change %s: %w", clean.Line(next), err)
		}
		if filepath.IsAbs(to) {
			at = "/"
		}
		rest = append(strings.Split(filepath.Clean(to), "/"), rest...)
	}
	return nil
}

// check returns an error if another user can change what is in a folder; above says
// that it isn't the folder itself, but one above it.
func check(path string, above bool) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("finding who can change %s: %w", clean.Line(path), err)
	}
	if err := belongs(path, info); err != nil {
		return err
	}
	mode := info.Mode()
	if above && mode&fs.ModeSticky != 0 || mode&writable == 0 || mode&0o002 == 0 && ownGroup(info) {
		return nil
	}
	who := "everyone on this machine"
	if mode&0o002 == 0 {
		who = "a group of users"
	}
	return say.Hint(fmt.Errorf("%s can be changed by %s (%s), and so can the runs in it", clean.Line(path), who, mode), "run `chmod go-w %s`", say.CommandLine([]string{path}))
}

// belongs returns an error if a folder or a link belongs to another user than this one
// and root.
func belongs(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if ok && (int(stat.Uid) == os.Geteuid() || stat.Uid == 0 || unmapped(stat.Uid)) {
		return nil
	}
	return say.Hint(fmt.Errorf("%s belongs to another user, who can change the runs in it", clean.Line(path)), "set XDG_STATE_HOME to a folder that only you can change")
}

// ownGroup reports whether a folder's group is the private one that many systems make
// for each user, which has the user's name and nobody else in it.
func ownGroup(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	me, err := user.LookupId(strconv.Itoa(int(stat.Uid)))
	if err != nil || me.Gid != strconv.Itoa(int(stat.Gid)) {
		return false
	}
	group, err := user.LookupGroupId(me.Gid)
	return err == nil && group.Name == me.Username
}

// overflow is the user that stands for all who aren't known in a user namespace
// (user_namespaces(7)), root of the machine among them.
const overflow = 65534

// unmapped reports whether a user is one that no process of this namespace can be.
// Containers see folders of the machine's root so. Outside of a container, 65534 is
// a user like any other.
func unmapped(uid uint32) bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	if uid != overflow || err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		var inside, outside, count uint64
		if _, err := fmt.Sscan(line, &inside, &outside, &count); err != nil || inside <= overflow && overflow < inside+count {
			return false
		}
	}
	return true
}
