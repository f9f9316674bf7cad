package command

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"catalog-runbook/runbook/testdata/poll"
)

// A prompt is shown although its line has not ended, whatever it ends with.
func TestPromptsAreShown(t *testing.T) {
	cmd := supervised(t, `printf 'Continue?'; read a; printf 'Press enter to go on'; read b; echo "got <$a> <$b>"`)
	f := start(t, cmd)
	f.waitFor(t, "Continue?")
	f.input <- Input{Data: []byte("y\n")}
	f.waitFor(t, "go on")
	f.input <- Input{Data: []byte("\n")}
	if got, err := f.wait(t); err != nil || got.Exit != 0 || f.String() != "Continue?y\r\nPress enter to go on\r\ngot <y> <>\r\n" {
		t.Errorf("got %+v, %v, %q", got, err, f)
	}
}

// What is typed as a secret is neither echoed nor kept, although the command leaves the
// echo on, and although the secret is too short to be masked.
func TestSecretInputIsNotKept(t *testing.T) {
	const short, long = "hunter2", "correct horse"
	cmd := supervised(t, `printf 'Password: '; read a; printf 'Again: '; read b; printf 'Name: '; read c; echo "${#a} $b"`)
	f := start(t, cmd)
	f.waitFor(t, "Password: ")
	f.input <- Input{Data: []byte(short + "\n"), Secret: true}
	f.waitFor(t, "Again: ")
	f.input <- Input{Data: []byte(long + "\n"), Secret: true}
	f.waitFor(t, "Name: ")
	f.input <- Input{Data: []byte("mar\n")}
	if got, err := f.wait(t); err != nil || got.Exit != 0 || f.String() != "Password: \r\nAgain: \r\nName: mar\r\n7 [redacted]\r\n" {
		t.Errorf("got %+v, %v, %q", got, err, f)
	}
	entries, err := os.ReadDir(cmd.Folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		if kept, err := os.ReadFile(f.folder.file(e.Name())); err != nil || bytes.Contains(kept, []byte(short)) || bytes.Contains(kept, []byte("correct")) {
			t.Errorf("%s has %q, %v", e.Name(), kept, err)
		}
	}
}

func TestHides(t *testing.T) {
	cmd := supervised(t, `printf 'First: '; read a; stty -echo; printf 'PIN: '; read b; stty echo; printf 'Last: '; read c`)
	f := start(t, cmd)
	for _, s := range []struct {
		prompt string
		hides  bool
	}{{"First: ", false}, {"PIN: ", true}, {"Last: ", false}} {
		f.waitFor(t, s.prompt)
		poll.Until(t, "it is known whether the terminal echoes", func() bool { return Hides(cmd.Folder) == s.hides })
		f.input <- Input{Data: []byte("1234\n")}
	}
	if got, err := f.wait(t); err != nil || got.Exit != 0 || strings.Count(f.String(), "1234") != 2 {
		t.Errorf("got %+v, %v, %q", got, err, f)
	}
}

// Output that comes without a pause isn't split, and nothing is passed on after the end.
func TestMaskedOutputWaitsForASilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pieces []string
		waits := 0
		o := newMaskedOutput(output(func(chunk []byte) { pieces = append(pieces, string(chunk)) }), func() { waits++ })
		for range 3 {
			o.write([]byte("half"))
			time.Sleep(silence - 1)
			o.write([]byte(" a line\n"))
		}
		o.write([]byte("Go on?"))
		time.Sleep(silence)
		synctest.Wait()
		o.write([]byte("yes"))
		o.close()
		time.Sleep(2 * silence)
		if got := strings.Join(pieces, "|"); got != "half a line\n|half a line\n|half a line\n|Go on?|yes" || waits != 1 {
			t.Errorf("got %q, waited %d times", got, waits)
		}
	})
}
