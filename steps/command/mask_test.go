package command

import (
	"context"
	"os"
	"strings"
	"testing"

	"catalog-runbook/runbook/clean"
)

// What is learned to be a secret after the command has ended is masked in what is kept,
// and the command can still be rejoined, with all of its output.
func TestMaskAfterwards(t *testing.T) {
	for name, c := range map[string]struct{ secret, prints, kept string }{
		"longer than the mask":  {"learned-afterwards-from-the-plan-1", "one\r\nvalue = learned-afterwards-from-the-plan-1.\r\nthree\r\n", "one\r\nvalue = [redacted].\r\nthree\r\n"},
		"shorter than the mask": {"l3arned2", "a l3arned2 b l3arned2\r\n", "a [redacted] b [redacted]\r\n"},
		"nothing to mask":       {"learned-afterwards-from-the-plan-3", "nothing\r\n", "nothing\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := supervised(t, `printf '%s' "$1"; exit 3`, strings.ReplaceAll(c.prints, "\r\n", "\n"))
			f := start(t, cmd)
			<-f.done
			if f.err != nil || f.result.Exit != 3 || !f.result.Whole {
				t.Fatalf("%+v, %v", f.result, f.err)
			}
			before, err := os.Stat(OutputFile(cmd.Folder))
			if err != nil {
				t.Fatal(err)
			}
			clean.Secret(c.secret)
			for range 2 {
				if err := Mask(cmd.Folder); err != nil {
					t.Fatal(err)
				}
			}
			after, err := os.Stat(OutputFile(cmd.Folder))
			if err != nil || after.Mode().Perm() != 0o600 {
				t.Fatalf("%v, %v", after.Mode(), err)
			}
			if os.SameFile(before, after) != (c.prints == c.kept) {
				t.Error("the file was replaced without need, or not replaced")
			}
			if kept, err := os.ReadFile(OutputFile(cmd.Folder)); err != nil || string(kept) != c.kept {
				t.Errorf("%q is kept, %v", kept, err)
			}
			var said strings.Builder
			outcome, err := Supervised{}.Rejoin(context.Background(), cmd.Folder, Streams{Output: func(p []byte) { said.Write(p) }})
			if err != nil || outcome.Exit != 3 || !outcome.Whole || said.String() != c.kept {
				t.Errorf("rejoined: %+v, %v, %q", outcome, err, said.String())
			}
		})
	}
	if err := Mask(t.TempDir()); err != nil {
		t.Errorf("of a command that was never begun: %v", err)
	}
}
