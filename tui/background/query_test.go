package background

import "testing"

func TestAnswer(t *testing.T) {
	for body, want := range map[string]struct{ dark, ok bool }{
		"11;rgb:ffff/ffff/ffff": {false, true}, "11;rgb:0000/0000/0000": {true, true}, "11;rgb:f/f/f": {false, true}, "11;rgb:1e/1e/2e": {true, true},
		"11;rgba:fdfd/f6f6/e3e3/ffff": {false, true}, "11;rgb:0000/2b2b/3636": {true, true}, // both of Solarized
		"11;rgb:": {false, false}, "11;rgb:ffff/ffff": {false, false}, "11;rgb:x/y/z": {false, false}, "11;rgb:fffff/0/0": {false, false},
		"11;?": {false, false}, "10;rgb:ffff/ffff/ffff": {false, false}, "11;rgb:-1/0/0": {false, false}, "11;rgb://": {false, false},
	} {
		var q Question
		if _, ok := q.Answer(']', body); ok {
			t.Errorf("%q counts, though nobody has asked", body)
		}
		q.Asked()
		if dark, ok := q.Answer(']', body); ok != want.ok || ok && dark != want.dark {
			t.Errorf("%q is dark %v, %v", body, dark, ok)
		}
		q.Answer('[', "?62;22c")
		if _, ok := q.Answer(']', body); ok {
			t.Errorf("%q counts after the wait has ended", body)
		}
	}
}
