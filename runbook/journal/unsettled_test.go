package journal

import (
	"os"
	"path/filepath"
	"testing"
)

func TestACheckoutIsTheSameHoweverItIsWritten(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for other, same := range map[string]bool{dir: true, dir + "/": true, link: true, filepath.Dir(link): false} {
		if got := samePlace(dir, other); got != same {
			t.Errorf("%s and %s are the same: %v", dir, other, got)
		}
	}
}
