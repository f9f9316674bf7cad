package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"catalog-runbook/runbook"
)

// cached decodes an event that was decoded before from memory: what is tried a
// hundred thousand times is the journal.
func cached() decoder {
	var known sync.Map
	return func(kind string, data []byte) (runbook.Event, error) {
		if e, ok := known.Load(kind + string(data)); ok {
			return e.(runbook.Event), nil
		}
		e, err := runbook.DecodeEvent(kind, data)
		if err == nil {
			known.Store(kind+string(data), e)
		}
		return e, err
	}
}

// TestEveryPrefix cuts a journal at every byte. All complete lines are read, and the
// rest is reported.
func TestEveryPrefix(t *testing.T) {
	data, _, id := written(t, realEvents()...)
	decode := cached()
	for n := range len(data) + 1 {
		h, tail, err := readHistory(&chain{run: id, decode: decode}, &lines{file: bytes.NewReader(data[:n])}, "")
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		whole := bytes.Count(data[:n], []byte("\n"))
		torn := n - 1 - bytes.LastIndexByte(data[:n], '\n')
		if len(h.Records) != whole || h.Damage != nil || h.Newer {
			t.Fatalf("%d bytes: %d records of %d, %s", n, len(h.Records), whole, h.Notice())
		}
		if (h.Torn != nil) != (torn > 0) || len(tail) != torn || torn > 0 && (h.Torn.Size != torn || h.Torn.Line != whole+1) {
			t.Fatalf("%d bytes: %+v, and not %d torn bytes", n, h.Torn, torn)
		}
	}
}

// TestEveryBit flips every bit of a journal, without -long every seventh: the line
// is named, and the records before it are there.
func TestEveryBit(t *testing.T) {
	data, _, id := written(t, realEvents()...)
	step := 7
	if *long {
		step = 1
	}
	decode := cached()
	// Where the lines begin, and the chains that stand there.
	starts, chains := []int{0}, []chain{{run: id, decode: decode}}
	for line := range bytes.Lines(data) {
		c := chains[len(chains)-1]
		if _, err := c.next(line); err != nil {
			t.Fatal(err)
		}
		starts, chains = append(starts, starts[len(starts)-1]+len(line)), append(chains, c)
	}
	const parts = 8
	for part := range parts {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			changed := bytes.Clone(data)
			for bit := part * step; bit < 8*len(data); bit += parts * step {
				line := 1 + bytes.Count(data[:bit/8], []byte("\n"))
				from := 0 // one bit of each byte is looked for from the beginning, the others from the line before
				if bit%8 != bit/8%8 {
					from = max(0, line-2)
				}
				c := chains[from]
				changed[bit/8] ^= 1 << (bit % 8)
				h, _, err := readHistory(&c, &lines{file: bytes.NewReader(changed[starts[from]:])}, "")
				changed[bit/8] ^= 1 << (bit % 8)
				if err != nil {
					t.Fatalf("bit %d: %v", bit, err)
				}
				if h.Damage == nil || h.Damage.Line != line || len(h.Records) != line-1-from || h.Newer || h.Torn != nil {
					t.Fatalf("bit %d of byte %d (%q): %d records, damage %v, torn %v; want line %d", bit%8, bit/8, data[bit/8], len(h.Records), h.Damage, h.Torn, line)
				}
			}
		})
	}
}

// TestOpenAfterATear opens journals that were cut on disk. No complete record is lost,
// the torn line is kept in another file, and the run can be resumed.
func TestOpenAfterATear(t *testing.T) {
	data, s, id := written(t, note("one"), note("two"), note("three"))
	path := filepath.Join(s.Dir, id, fileName)
	step := 23
	if *long {
		step = 7
	}
	for n := 0; n <= len(data); n += step {
		if err := os.WriteFile(path, data[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		whole := bytes.Count(data[:n], []byte("\n"))
		tail := data[1+bytes.LastIndexByte(data[:n], '\n') : n]

		seen, err := s.Read(id)
		if err != nil || len(seen.Records) != whole || len(tail) > 0 && (seen.Torn == nil || seen.Torn.Aside != "") {
			t.Fatalf("%d bytes: Read: %+v, %v", n, seen, err)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, data[:n]) {
			t.Fatalf("%d bytes: Read has changed the journal", n)
		}
		j, h, err := s.Open(id, me())
		if err != nil || len(h.Records) != whole || h.Damage != nil {
			t.Fatalf("%d bytes: Open: %+v, %v", n, h, err)
		}
		if len(tail) > 0 {
			aside, err := os.ReadFile(h.Torn.Aside)
			if err != nil || !bytes.Equal(aside, tail) || !strings.Contains(h.Notice(), h.Torn.Aside) {
				t.Fatalf("%d bytes: set aside %q, %v, %q", n, aside, err, h.Notice())
			}
			info, err := os.Stat(h.Torn.Aside)
			if err != nil || info.Mode().Perm() != 0o600 || filepath.Dir(h.Torn.Aside) != j.Folder() {
				t.Fatalf("%s: %v, %v", h.Torn.Aside, info.Mode(), err)
			}
			if err := os.Remove(h.Torn.Aside); err != nil {
				t.Fatal(err)
			}
		} else if h.Torn != nil {
			t.Fatalf("%d bytes: nothing is torn, and yet %+v", n, h.Torn)
		}
		if err := j.Append(note("after")); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if h, err := s.Read(id); err != nil || h.Notice() != "" || len(h.Records) != whole+1 {
			t.Fatalf("%d bytes, then one more record: %d, %s, %v", n, len(h.Records), h.Notice(), err)
		}
	}
}

func TestTornTwice(t *testing.T) {
	_, s, id := written(t, note("one"))
	for i := 1; i <= 2; i++ {
		f, err := os.OpenFile(filepath.Join(s.Dir, id, fileName), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(f, "torn %d", i)
		f.Close()
		j, h, err := s.Open(id, me())
		if err != nil || h.Torn == nil {
			t.Fatal(h, err)
		}
		defer j.Close()
		if got, _ := os.ReadFile(h.Torn.Aside); string(got) != fmt.Sprintf("torn %d", i) {
			t.Errorf("set aside %q", got)
		}
		j.Close()
	}
}

// sealed makes lines of heads by giving them the checksums that belong to them.
func sealed(heads ...string) []byte {
	var out []byte
	for _, h := range heads {
		begin := len(out)
		out = append(out, h...)
		out = append(appendSum(out, crc32.Checksum(out[begin:], castagnoli)), '\n')
	}
	return out
}

// TestReadDamage changes a journal and corrects its checksums, as a person could who
// knows the format.
func TestReadDamage(t *testing.T) {
	data, s, id := written(t, note("one"), note("two"), note("three"))
	line := strings.SplitAfter(string(data), "\n")
	bare := strings.TrimSuffix(line[1], "\n")
	head := bare[:len(bare)-sumSize]
	change := func(old, with string) string {
		t.Helper()
		if !strings.Contains(head, old) {
			t.Fatalf("no %s in %s", old, head)
		}
		return line[0] + string(sealed(strings.Replace(head, old, with, 1))) + line[2]
	}
	for name, c := range map[string]struct {
		data string
		line int
		text string
	}{
		"a line left out":         {line[0] + line[2], 2, "it is record 3, and not record 2"},
		"the first left out":      {line[1] + line[2], 1, "it is record 2, and not record 1"},
		"a line twice":            {line[0] + line[1] + line[1] + line[2], 3, "it is record 2, and not record 3"},
		"lines exchanged":         {line[0] + line[2] + line[1], 2, "it is record 3"},
		"a line changed":          {change("two", "Two"), 3, "doesn't follow"},
		"another run":             {change(id, "20261123-0912-zzzz"), 2, "a record of the run 20261123-0912-zzzz"},
		"an empty line":           {line[0] + "\n" + line[1], 2, "the checksum is wrong or missing"},
		"no checksum":             {line[0] + head + "}\n" + line[2], 2, "the checksum is wrong or missing"},
		"a wrong checksum":        {line[0] + strings.Replace(line[1], "two", "Two", 1) + line[2], 2, "the checksum is wrong or missing"},
		"a checksum in capitals":  {line[0] + strings.ToUpper(line[1]) + line[2], 2, "the checksum is wrong or missing"},
		"a blank":                 {change(`"pid":`, `"pid": `), 2, "not in the form of a record"},
		"a zero before a number":  {change(`"seq":2`, `"seq":02`), 2, "not in the form of a record"},
		"a sign":                  {change(`"pid":`, `"pid":-`), 2, "not in the form of a record"},
		"a number out of range":   {change(`"pid":`, `"pid":99999999999999999999`), 2, "not in the form of a record"},
		"version 0":               {change(`"v":1`, `"v":0`), 2, "not in the form of a record"},
		"an escape":               {change(`"box"`, `"b\u006fx"`), 2, "not in the form of a record"},
		"no string":               {change(`"box"`, `box`), 2, "not in the form of a record"},
		"an unknown member":       {change(`,"type"`, `,"more":1,"type"`), 2, "not in the form of a record"},
		"a member behind":         {change(`"note":"two"}`, `"note":"two"},"more":{}`), 2, "not in the form of a record"},
		"a short chain hash":      {change(`","type"`, `0","type"`), 2, "not in the form of a record"},
		"an event that is none":   {change(`"event":{`, `"event":[{`), 2, "not in the form of a record"},
		"a field of another kind": {change(`"note":"two"`, `"note":7`), 2, `reading an event "ticked"`},
		"an end that is none":     {line[0] + line[1] + strings.TrimSuffix(line[2], "\n") + "\v", 3, "where the line should end"},
		"an end lost long ago":    {line[0] + bare + "\x00" + line[2][:20], 2, "where the line should end"},
		"garbage":                 {line[0] + "\x00\x00\x00\n", 2, "the checksum is wrong or missing"},
		"a line without an end":   {line[0] + strings.Repeat("x", maxRecord+1), 2, "longer than a record can be"},
		"a line that is too long": {line[0] + strings.Repeat("x", maxRecord) + "\n", 2, "longer than a record can be"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(s.Dir, id, fileName)
			if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
				t.Fatal(err)
			}
			j, h, err := s.Open(id, me())
			if err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			if h.Damage == nil || h.Damage.Line != c.line || !strings.Contains(h.Damage.Text.String(), c.text) {
				t.Fatalf("got %v, want line %d: %s", h.Damage, c.line, c.text)
			}
			if len(h.Records) != c.line-1 || h.Torn != nil || h.Newer {
				t.Errorf("%d records, torn %v, newer %v", len(h.Records), h.Torn, h.Newer)
			}
			refuses(t, j, fmt.Sprintf("the journal is damaged: line %d: ", c.line))
			if now, _ := os.ReadFile(path); string(now) != c.data {
				t.Error("the damaged journal was changed")
			}
			if _, _, err := s.Open(id, me()); err == nil || !strings.Contains(err.Error(), "held by zack@box") {
				t.Errorf("a damaged journal is not held: %v", err)
			}
		})
	}
}

// refuses looks whether nothing can be appended, and why.
func refuses(t *testing.T, j *Journal, why string) {
	t.Helper()
	err := j.Append(note("more"))
	if err == nil || err != j.Err() || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "; hint: ") {
		t.Errorf("Append: %v; want %s", err, why)
	}
}

func TestReadNewer(t *testing.T) {
	data, s, id := written(t, note("one"), note("two"))
	line := strings.SplitAfter(string(data), "\n")
	head := line[1][:len(line[1])-1-sumSize]
	for name, next := range map[string]string{
		"version 2":         strings.Replace(head, `{"v":1`, `{"v":2`, 1),
		"version 2 altered": `{"v":2,"other":[]`,
		"a type":            strings.Replace(head, `"ticked"`, `"dreamt"`, 1),
		"a field":           strings.Replace(head, `"hash"`, `"more":1,"hash"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(s.Dir, id, fileName)
			all := append(append([]byte(line[0]), sealed(next)...), "and what follows"...)
			if err := os.WriteFile(path, all, 0o600); err != nil {
				t.Fatal(err)
			}
			j, h, err := s.Open(id, me())
			if err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			if !h.Newer || len(h.Records) != 1 || h.Damage != nil || h.Torn != nil || !strings.Contains(h.Notice(), "line 2: ") {
				t.Errorf("newer %v, %d records, %s", h.Newer, len(h.Records), h.Notice())
			}
			refuses(t, j, "line 2: ")
			if now, _ := os.ReadFile(path); !bytes.Equal(now, all) {
				t.Error("the newer journal was changed")
			}
		})
	}
}

func TestOpenWithoutAnyRecord(t *testing.T) {
	_, s, id := written(t)
	j, h, err := s.Open(id, me())
	if err != nil || len(h.Records) != 0 || h.Notice() != "nothing was recorded: the run ended while it began" {
		t.Fatalf("empty: %+v, %v", h, err)
	}
	if err := j.Append(note("one")); err != nil {
		t.Error(err)
	}
	j.Close()
	if err := os.Remove(filepath.Join(s.Dir, id, fileName)); err != nil {
		t.Fatal(err)
	}
	if h, err := s.Read(id); err != nil || h.Notice() != "the journal is damaged: the file journal is missing" {
		t.Errorf("Read of a missing journal: %+v, %v", h, err)
	}
	j, h, err = s.Open(id, me())
	if err != nil || h.Damage == nil || h.Damage.Line != 0 {
		t.Fatalf("missing: %+v, %v", h, err)
	}
	refuses(t, j, "the file journal is missing")
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(s.Dir, id, fileName)); err == nil {
		t.Error("a missing journal was made again")
	}
}

// FuzzRead reads whatever bytes there are. sealed gives every line the checksum
// that belongs to it, so that the rest of the form is tried as well.
func FuzzRead(f *testing.F) {
	data, _, id := written(f, realEvents()...)
	const run = "20261123-0912-k3x9"
	data = bytes.ReplaceAll(data, []byte(id), []byte(run))
	f.Add(data, false)
	f.Add(data[:len(data)/2], true)
	for line := range bytes.Lines(data) {
		f.Add(line, true)
	}
	f.Add([]byte(`{"v":2,"seq":1`), true)
	f.Fuzz(func(t *testing.T, data []byte, seal bool) {
		if seal {
			var all []byte
			for line := range bytes.Lines(data) {
				line, end := bytes.CutSuffix(line, []byte("\n"))
				if len(line) >= sumSize {
					line = line[:len(line)-sumSize]
				}
				all = append(appendSum(append(all, line...), crc32.Checksum(line, castagnoli)), "\n"[:btoi(end)]...)
			}
			data = all
		}
		c := &chain{run: run, decode: runbook.DecodeEvent}
		h, tail, err := readHistory(c, &lines{file: bytes.NewReader(data)}, "")
		if err != nil {
			t.Fatalf("reading from memory failed: %v", err)
		}
		// What was accepted is what would be written.
		accepted, rest := []byte(nil), data
		for range h.Records {
			line, after, _ := bytes.Cut(rest, []byte("\n"))
			rest = after
			head, event, err := parseLine(line)
			if err != nil || !json.Valid(line) {
				t.Fatalf("accepted %q, %v", line, err)
			}
			accepted = head.appendLine(accepted, event)
		}
		if !bytes.HasPrefix(data, accepted) || c.seq != len(h.Records) {
			t.Fatalf("accepted\n%q, which would be written as\n%q", data, accepted)
		}
		if h.Damage == nil && !h.Newer && !bytes.Equal(append(accepted, tail...), data) {
			t.Fatalf("neither accepted nor reported: %q", rest)
		}
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
