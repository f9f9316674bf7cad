package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// faultyDisk is the real disk with two flaws: an operation can fail, and it
// knows what a power cut would leave, which is what was synced and no more.
type faultyDisk struct {
	realDisk

	failAt int  // the operation that fails, counted from 1; 0: none
	dies   bool // and so do all operations after it
	partly bool // a write that fails has written half

	done    []string                    // the operations so far
	synced  map[uint64][]byte           // what is on the disk of a file, by inode
	entries map[uint64]map[string]entry // and of a folder
}

type entry struct {
	inode  uint64
	folder bool
}

var errFault = fmt.Errorf("the disk gives up: %w", syscall.EIO)

// fails counts an operation and reports whether it is to fail.
func (d *faultyDisk) fails(operation, path string) bool {
	d.done = append(d.done, operation+" "+path[strings.LastIndexByte(path, '/')+1:])
	n := len(d.done)
	return d.failAt > 0 && (n == d.failAt || n > d.failAt && d.dies)
}

func inode(path string) uint64 {
	info, err := os.Lstat(path)
	if err != nil {
		return 0
	}
	return info.Sys().(*syscall.Stat_t).Ino
}

func (d *faultyDisk) open(path string, flag int) (file, error) {
	if d.fails("open", path) {
		return nil, errFault
	}
	isNew := inode(path) == 0
	if flag&os.O_WRONLY != 0 {
		flag += os.O_RDWR - os.O_WRONLY // Sync reads what was written
	}
	f, err := d.realDisk.open(path, flag)
	if err != nil {
		return nil, err
	}
	if isNew {
		delete(d.synced, inode(path))
	}
	return &faultyFile{f.(*os.File), d}, nil
}

func (d *faultyDisk) mkdir(path string) error {
	if d.fails("mkdir", path) {
		return errFault
	}
	err := d.realDisk.mkdir(path)
	delete(d.entries, inode(path))
	return err
}

func (d *faultyDisk) rename(from, to string) error {
	if d.fails("rename", to) {
		return errFault
	}
	return d.realDisk.rename(from, to)
}

func (d *faultyDisk) removeAll(path string) error {
	if d.fails("remove", path) {
		return errFault
	}
	return d.realDisk.removeAll(path)
}

func (d *faultyDisk) syncFolder(path string) error {
	if d.fails("sync folder", path) {
		return errFault
	}
	list, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	now := map[string]entry{}
	for _, e := range list {
		now[e.Name()] = entry{inode(filepath.Join(path, e.Name())), e.IsDir()}
	}
	d.entries[inode(path)] = now
	return nil // what really reaches the disk does not matter here
}

type faultyFile struct {
	*os.File
	disk *faultyDisk
}

func (f *faultyFile) Write(b []byte) (int, error) {
	if f.disk.fails("write", f.Name()) {
		n := 0
		if f.disk.partly {
			n, _ = f.File.Write(b[:len(b)/2])
		}
		return n, errFault
	}
	return f.File.Write(b)
}

func (f *faultyFile) Chmod(mode fs.FileMode) error {
	if f.disk.fails("chmod", f.Name()) {
		return errFault
	}
	return f.File.Chmod(mode)
}

func (f *faultyFile) Truncate(size int64) error {
	if f.disk.fails("truncate", f.Name()) {
		return errFault
	}
	return f.File.Truncate(size)
}

func (f *faultyFile) Sync() error {
	if f.disk.fails("sync", f.Name()) {
		return errFault
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	now := make([]byte, info.Size())
	if _, err := f.ReadAt(now, 0); err != nil && len(now) > 0 {
		return err
	}
	f.disk.synced[info.Sys().(*syscall.Stat_t).Ino] = now
	return nil
}

func (f *faultyFile) Close() error {
	err := f.File.Close()
	if f.disk.fails("close", f.Name()) {
		return errFault
	}
	return err
}

// crash makes the folder to of what a power cut would leave of the folder root.
// Of what was appended to a file and not synced, it leaves a part.
func (d *faultyDisk) crash(t *testing.T, root, to string, part float64) {
	t.Helper()
	now := map[uint64][]byte{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			now[inode(path)], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var restore func(folder uint64, to string)
	restore = func(folder uint64, to string) {
		if err := os.Mkdir(to, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, e := range d.entries[folder] {
			path := filepath.Join(to, name)
			if e.folder {
				restore(e.inode, path)
				continue
			}
			data, ok := d.synced[e.inode]
			if !ok {
				continue
			}
			if added, ok := bytes.CutPrefix(now[e.inode], data); ok {
				data = slices.Concat(data, added[:int(part*float64(len(added)))])
			}
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	restore(inode(root), to)
}

// torn is the beginning of a line whose writer was killed.
const torn = `{"v":1,"se`

// program is what becomes of a run on a faulty disk.
type program struct {
	id           string
	tried, acked []string // what was to be recorded, and what Append said was
	refused      []error  // why it could not be opened
}

// session is a process that has the run open: it records three things.
func (p *program) session(t *testing.T, j *Journal, name string) {
	t.Helper()
	var broken error
	for i := range 3 {
		text := fmt.Sprint(name, i)
		p.tried = append(p.tried, text)
		err := j.Append(note(text))
		switch {
		case broken != nil && err != broken:
			t.Errorf("after %v, Append returned %v", broken, err)
		case err == nil:
			p.acked = append(p.acked, text)
		default:
			broken = err
			p.refused = append(p.refused, err)
		}
		if j.Err() != broken {
			t.Errorf("Err is %v, Append returned %v", j.Err(), broken)
		}
	}
	_ = j.Close()
}

// live begins a run, is killed in the middle of a line, and resumes the run twice. If
// something fails, another process tries it again.
func (p *program) live(t *testing.T, s Store) {
	t.Helper()
	j, err := s.Create(me())
	if err != nil {
		j, err = s.Create(me())
	}
	if err != nil {
		return
	}
	p.id = j.ID()
	p.session(t, j, "first")
	f, err := os.OpenFile(filepath.Join(s.Dir, p.id, fileName), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, torn)
	f.Close()
	d := s.disk.(*faultyDisk)
	path := filepath.Join(s.Dir, p.id, fileName)
	if d.synced[inode(path)], err = os.ReadFile(path); err != nil { // as the kernel does in its own time
		t.Fatal(err)
	}
	for _, name := range []string{"second", "third", "look"} {
		j, h, err := s.Open(p.id, me())
		if err != nil {
			j, h, err = s.Open(p.id, me())
		}
		if err != nil {
			p.refused = append(p.refused, err)
			continue
		}
		if j.Err() == nil {
			p.acked = notes(h.Records) // what is shown of a run is on the disk
		}
		if name != "look" {
			p.session(t, j, name)
		}
		_ = j.Close()
	}
}

// verify opens what is left of the run on a sound disk.
func (p *program) verify(t *testing.T, s Store) {
	t.Helper()
	ids, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		j, h, err := s.Open(id, me())
		if err != nil || j.Err() != nil {
			t.Fatalf("opening what is left: %v, %v", err, j.Err())
		}
		defer j.Close()
		left, tried, acked := notes(h.Records), p.tried, p.acked
		if id != p.id {
			tried, acked = nil, nil // one that was begun and not reported as begun
		}
		if !within(left, tried) || !within(acked, left) {
			t.Fatalf("%s: acknowledged %v, left %v", id, acked, left)
		}
	}
	if p.id == "" {
		return
	}
	if !slices.Contains(ids, p.id) {
		t.Fatalf("the run %s is gone, and with it %v", p.id, p.acked)
	}
	kept, _ := filepath.Glob(filepath.Join(s.Dir, p.id, "journal.torn-*"))
	if !slices.ContainsFunc(kept, func(path string) bool {
		data, _ := os.ReadFile(path)
		return strings.Contains(string(data), torn)
	}) {
		t.Fatalf("the torn line is in none of %v", kept)
	}
}

// within reports whether all parts are in whole, in the same order.
func within(parts, whole []string) bool {
	for _, p := range parts {
		i := slices.Index(whole, p)
		if i < 0 {
			return false
		}
		whole = whole[i+1:]
	}
	return true
}

// try lets a program live on a disk that fails at its nth operation, and looks
// at what is left for the next process, and after a power cut. It returns the
// operations.
func try(t *testing.T, d *faultyDisk) []string {
	t.Helper()
	scratch := t.TempDir()
	root := filepath.Join(scratch, "root")
	if err := os.Mkdir(root, 0o700); err != nil {
		t.Fatal(err)
	}
	d.synced, d.entries = map[uint64][]byte{}, map[uint64]map[string]entry{}
	runs := filepath.Join("state", "runs")
	var p program
	p.live(t, Store{Dir: filepath.Join(root, runs), disk: d})
	for i, part := range []float64{0, 0.5, 1} {
		after := filepath.Join(scratch, fmt.Sprint("after", i))
		d.crash(t, root, after, part)
		p.verify(t, Store{Dir: filepath.Join(after, runs)})
	}
	p.verify(t, Store{Dir: filepath.Join(root, runs)})
	if d.failAt == 0 && len(p.acked) != 9 {
		t.Fatalf("without a fault: acknowledged %v, refused %v", p.acked, p.refused)
	}
	return d.done
}

// TestNthOperationFails lets every operation on the disk fail in turn, once and
// for good: nothing that was acknowledged is lost, also if the power goes then.
func TestNthOperationFails(t *testing.T) {
	operations := try(t, &faultyDisk{})
	for _, kind := range []string{"mkdir", "open", "write journal", "write journal.torn-1", "sync journal", "sync journal.torn-1", "truncate journal", "rename", "sync folder"} {
		if !slices.ContainsFunc(operations, func(o string) bool { return strings.HasPrefix(o, kind) }) {
			t.Errorf("there is no %q among %q", kind, operations)
		}
	}
	for n, operation := range operations {
		for _, d := range []faultyDisk{{}, {dies: true}, {partly: true}, {partly: true, dies: true}} {
			if d.partly && !strings.HasPrefix(operation, "write") {
				continue
			}
			d.failAt = n + 1
			t.Run(fmt.Sprintf("%d %s dies=%v partly=%v", n+1, operation, d.dies, d.partly), func(t *testing.T) {
				t.Parallel()
				try(t, &d)
			})
		}
	}
}

// TestPowerCutAfterCreate shows that a run that was begun is there.
func TestPowerCutAfterCreate(t *testing.T) {
	scratch := t.TempDir()
	root, after := filepath.Join(scratch, "root"), filepath.Join(scratch, "after")
	if err := os.Mkdir(root, 0o700); err != nil {
		t.Fatal(err)
	}
	d := &faultyDisk{synced: map[uint64][]byte{}, entries: map[uint64]map[string]entry{}}
	j, err := Store{Dir: filepath.Join(root, "runs"), disk: d}.Create(me())
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	d.crash(t, root, after, 0)
	left, h, err := Store{Dir: filepath.Join(after, "runs")}.Open(j.ID(), me())
	if err != nil || left.Err() != nil {
		t.Fatal(h, err)
	}
	left.Close()
}

// TestOpenOnAFullDisk shows that a run can be read when the disk is full, and that its
// error says why it can't be resumed.
func TestOpenOnAFullDisk(t *testing.T) {
	data, s, id := written(t, note("one"), note("two"))
	if err := os.WriteFile(filepath.Join(s.Dir, id, fileName), data[:len(data)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	s.disk = fullDisk{}
	j, h, err := s.Open(id, me())
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if len(h.Records) != 1 || h.Torn == nil || h.Torn.Aside != "" {
		t.Errorf("%d records, %+v", len(h.Records), h.Torn)
	}
	refuses(t, j, "setting the unfinished line 2 of the journal aside: ")
	if !errors.Is(j.Err(), syscall.ENOSPC) {
		t.Error(j.Err())
	}
	if now, _ := os.ReadFile(filepath.Join(s.Dir, id, fileName)); !bytes.Equal(now, data[:len(data)-1]) {
		t.Error("the torn line was cut off and is nowhere")
	}
}

type fullDisk struct{ realDisk }

func (d fullDisk) open(path string, flag int) (file, error) {
	f, err := d.realDisk.open(path, flag)
	return fullFile{f}, err
}

type fullFile struct{ file }

func (fullFile) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// TestRemoveFails shows that a run that could be removed only in part is no longer a
// run, and doesn't affect others.
func TestRemoveFails(t *testing.T) {
	_, s, id := written(t, note("one"))
	sound := s
	s.disk = clingingDisk{}
	if err := s.Remove(id); !errors.Is(err, errFault) {
		t.Errorf("Remove: %v", err)
	}
	if ids, err := s.List(); err != nil || len(ids) != 0 {
		t.Errorf("half of a run is listed: %v, %v", ids, err)
	}
	if err := os.Rename(filepath.Join(s.Dir, removedPrefix+id), filepath.Join(s.Dir, id)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(s.Dir, removedPrefix+id), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := sound.Remove(id); err != nil {
		t.Errorf("with a folder in the way: %v", err)
	}
}

// clingingDisk removes the journal of a folder and then gives up.
type clingingDisk struct{ realDisk }

func (clingingDisk) removeAll(path string) error {
	if err := os.Remove(filepath.Join(path, fileName)); err != nil {
		return nil // there is none
	}
	return errFault
}
