package command

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// TestMailComesWhole has letters of several senders among each other, letters
// that are never whole, and what is no letter.
func TestMailComesWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var senders [][][]byte
	want := map[string]string{}
	for i := range 20 {
		l := letter{ID: string(rune('a' + i)), Data: bytes.Repeat([]byte{byte(i), 0xff, '\n'}, random.IntN(2000))}
		frames, err := l.frames()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range frames {
			if len(f) > frameMost || bytes.IndexByte(f, '\n') != len(f)-1 {
				t.Fatalf("a frame is %d bytes: %q", len(f), f)
			}
		}
		switch {
		case i%5 == 0 && len(frames) > 1:
			frames = frames[:len(frames)-1] // it stopped in the middle
		case i%7 == 0 && len(frames) > 2:
			frames = append(frames[:1], frames[2:]...) // it lost one
		default:
			want[l.ID] = string(l.Data)
		}
		senders = append(senders, frames)
	}
	if len(want) < 10 {
		t.Fatal("too few letters are whole")
	}
	var pipe bytes.Buffer
	for left := true; left; {
		left = false
		for i, frames := range senders {
			if len(frames) == 0 {
				continue
			}
			left = true
			if random.IntN(2) == 0 {
				pipe.Write(frames[0])
				senders[i] = frames[1:]
			}
		}
		if random.IntN(20) == 0 {
			pipe.WriteString([]string{"\n", "{}\n", "hello\n", strings.Repeat("x", 3*frameMost) + "\n"}[random.IntN(4)])
		}
	}
	got := map[string]string{}
	receive(&pipe, func(l letter) {
		if _, twice := got[l.ID]; twice {
			t.Errorf("%q came twice", l.ID)
		}
		got[l.ID] = string(l.Data)
	})
	delete(got, "") // of {}: nothing to anybody
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%d letters came, %d were sent", len(got), len(want))
	}
}
