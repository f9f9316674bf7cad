package document

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// FuzzParse: no bytes make Parse panic, an error has a place, and a document
// holds together and is the same each time.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		_, doc, _ := readGolden(f, file)
		f.Add([]byte(doc))
	}
	f.Add(readDefault(f))
	f.Add([]byte("\ufeff---\ntitle: x\n---\r\n1.\t[ ] \U0001F512 <!-- runbook: a=\"b\" -->\r\n\t2. x\r"))
	f.Add([]byte("- 1. 2) - [ ] x\n\n\t- y\n1.\n\n   z\n"))
	if real, err := os.ReadFile(realDocument); err == nil {
		f.Add(real)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		d, err := Parse("f.md", src)
		if err != nil {
			var refused *parseError
			if !errors.As(err, &refused) || refused.Reason == "" || refused.Line < 0 {
				t.Fatalf("refused without a reason: %v", err)
			}
			return
		}
		checkDocument(t, d)
		again, err := Parse("f.md", src)
		if err != nil || !reflect.DeepEqual(d, again) {
			t.Fatalf("a second parse differs: %v", err)
		}
	})
}
