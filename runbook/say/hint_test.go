package say

import (
	"errors"
	"fmt"
	"testing"
)

func TestHint(t *testing.T) {
	cause := errors.New("no such folder")
	err := Hint(fmt.Errorf("reading %q: %w", "a", cause), "create %s", "it")
	if want := `reading "a": no such folder; hint: create it`; err.Error() != want || !errors.Is(err, cause) {
		t.Errorf("got %v, want %s", err, want)
	}
	for _, tt := range []struct {
		err        error
		text, hint string
	}{
		{err, `reading "a": no such folder`, "create it"},
		{fmt.Errorf("beginning: %w", err), `beginning: reading "a": no such folder`, "create it"},
		{fmt.Errorf("%w (in between)", err), `reading "a": no such folder; hint: create it (in between)`, ""},
		{errors.New("a person wrote; hint: this"), "a person wrote; hint: this", ""},
	} {
		if text, hint := HintOf(tt.err); text != tt.text || hint != tt.hint {
			t.Errorf("%v is divided into %q and %q", tt.err, text, hint)
		}
	}
}
