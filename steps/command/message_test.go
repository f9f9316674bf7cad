package command

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// TestMessagesArriveWhole has messages of several senders among each other, messages
// that are never whole, and what is not a message.
func TestMessagesArriveWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var senders [][][]byte
	want := map[string]string{}
	for i := range 20 {
		l := message{ID: string(rune('a' + i)), Data: bytes.Repeat([]byte{byte(i), 0xff, '\n'}, random.IntN(2000))}
		parts, err := l.parts()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range parts {
			if len(f) > partMost || bytes.IndexByte(f, '\n') != len(f)-1 {
				t.Fatalf("a part is %d bytes: %q", len(f), f)
			}
		}
		switch {
		case i%5 == 0 && len(parts) > 1:
			parts = parts[:len(parts)-1] // it stopped in the middle
		case i%7 == 0 && len(parts) > 2:
			parts = append(parts[:1], parts[2:]...) // it lost one
		default:
			want[l.ID] = string(l.Data)
		}
		senders = append(senders, parts)
	}
	if len(want) < 10 {
		t.Fatal("too few messages are whole")
	}
	var pipe bytes.Buffer
	for left := true; left; {
		left = false
		for i, parts := range senders {
			if len(parts) == 0 {
				continue
			}
			left = true
			if random.IntN(2) == 0 {
				pipe.Write(parts[0])
				senders[i] = parts[1:]
			}
		}
		if random.IntN(20) == 0 {
			pipe.WriteString([]string{"\n", "{}\n", "hello\n", strings.Repeat("x", 3*partMost) + "\n"}[random.IntN(4)])
		}
	}
	got := map[string]string{}
	receive(&pipe, func(l message) {
		if _, twice := got[l.ID]; twice {
			t.Errorf("%q came twice", l.ID)
		}
		got[l.ID] = string(l.Data)
	})
	delete(got, "") // of {}: nothing to anybody
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%d messages came, %d were sent", len(got), len(want))
	}
}
