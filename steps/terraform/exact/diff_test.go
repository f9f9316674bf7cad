package exact

import (
	"fmt"
	"strings"
	"testing"

	"catalog-runbook/steps/terraform"
)

// shown writes the lines of a diff as the tests have them.
func shownLines(lines []terraform.Line) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%s%c", strings.Repeat("  ", l.Depth), l.Mark)
		if !l.Name.Empty() {
			b.WriteString(" " + l.Name.String() + ":")
		}
		switch before, after := l.Before.String(), l.After.String(); {
		case before != "" && after != "":
			b.WriteString(" " + before + " -> " + after)
		case before != "" || after != "":
			b.WriteString(" " + before + after)
		}
		for _, is := range []struct {
			so   bool
			word string
		}{{l.Forces, " FORCES"}, {l.Sensitive, " SENSITIVE"}, {l.Unknown, " UNKNOWN"}} {
			if is.so {
				b.WriteString(is.word)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestDiff(t *testing.T) {
	for name, c := range map[string]struct{ change, want string }{
		"an attribute": {
			`"actions":["update"],"before":{"ami":"a","id":"i"},"after":{"id":"i","ami":"b"}`, `
~ ami: "a" -> "b"
  (1 unchanged attribute)`},
		"created, with what is null": {
			`"actions":["create"],"before":null,"after":{"a":"x","b":null,"c":[],"d":{},"e":[{"f":1,"g":null}],"h":true},"after_unknown":{"id":true,"e":[{"arn":true}]}`, `
+ a: "x"
+ c: []
+ d: {}
+ e:
  + [0]:
    + arn: (known after apply) UNKNOWN
    + f: 1
+ h: true
+ id: (known after apply) UNKNOWN`},
		"destroyed": {
			`"actions":["delete"],"before":{"a":"x","b":null,"c":[1]},"after":null,"after_unknown":{}`, `
- a: "x"
- c:
  - [0]: 1`},
		"forgotten": {
			`"actions":["forget"],"before":{"a":"x"},"after":null`, `
  a: "x"`},
		"null and absent": {
			`"actions":["update"],"before":{"a":null,"b":"x","c":null,"m":{"gone":null,"same":null},"n":1},"after":{"a":"x","b":null,"m":{"new":null,"same":null},"n":2}`, `
~ a: null -> "x"
~ b: "x" -> null
~ m:
  - gone: null
  + new: null
    (1 unchanged attribute)
~ n: 1 -> 2`},
		"numbers as they are written": {
			`"actions":["update"],"before":{"a":12345678901234567890,"b":1.10,"c":1e3},"after":{"a":12345678901234567891,"b":1.1,"c":1e3}`, `
~ a: 12345678901234567890 -> 12345678901234567891
~ b: 1.10 -> 1.1
  (1 unchanged attribute)`},
		"another kind": {
			`"actions":["update"],"before":{"a":"1","b":{"c":1},"d":[1],"e":true},"after":{"a":1,"b":[1],"d":"x","e":"true"}`, `
~ a: "1" -> 1
~ b: {"c":1} -> [1]
~ d: [1] -> "x"
~ e: true -> "true"`},
		"from and to null": {
			`"actions":["update"],"before":{"a":{"x":1},"b":null},"after":{"a":null,"b":[1]}`, `
- a:
  - x: 1
+ b:
  + [0]: 1`},
		"nested": {
			`"actions":["update"],"before":{"tags":{"Name":"a","a b":"1","same":"x"},"disk":[{"size":1,"kind":"x"},{"size":2}]},"after":{"tags":{"Name":"b","a b":"2","same":"x"},"disk":[{"size":1,"kind":"x"},{"size":3}]}`, `
~ disk:
  ~ [1]:
    ~ size: 2 -> 3
    (1 unchanged element)
~ tags:
  ~ Name: "a" -> "b"
  ~ "a b": "1" -> "2"
    (1 unchanged attribute)`},
		"an element more, and one less": {
			`"actions":["update"],"before":{"a":["x","y","z"],"b":["x","y"]},"after":{"a":["x","z"],"b":["w","x","y"]}`, `
~ a:
  - [1]: "y"
    (2 unchanged elements)
~ b:
  + [0]: "w"
    (2 unchanged elements)`},
		"known after apply": {
			`"actions":["update"],"before":{"a":"x","b":["x","y"],"c":{"d":1,"e":2},"f":null},"after":{"b":["x",null],"c":{"d":1}},"after_unknown":{"a":true,"b":[false,true],"c":{"e":true},"f":true,"g":{}}`, `
~ a: "x" -> (known after apply) UNKNOWN
~ b:
  ~ [1]: "y" -> (known after apply) UNKNOWN
    (1 unchanged element)
~ c:
  ~ e: 2 -> (known after apply) UNKNOWN
    (1 unchanged attribute)
~ f: null -> (known after apply) UNKNOWN`},
		"a set": {
			`"actions":["update"],"before":{"ports":[22,443,80]},"after":{"ports":[100,22,80]}`, `
~ ports:
  + [0]: 100
  - [1]: 443
    (2 unchanged elements)`},
		"another order": {
			`"actions":["update"],"before":{"a":["x","y","z"]},"after":{"a":["z","x","y"]}`, `
~ a:
    (only the order differs)
  + [0]: "z"
  - [2]: "z"
    (2 unchanged elements)`},
		"JSON": {
			`"actions":["update"],"before":{"p":"{\"a\":1,\"b\":{\"c\":[\"x\"]}}","q":"{\"a\":1,\"b\":2}","r":"[1]"},"after":{"p":"{\"a\":1,\"b\":{\"c\":[\"y\"]}}","q":"{\n \"b\": 2, \"a\": 1}","r":"{}"}`, `
~ p (JSON):
  ~ b:
    ~ c:
      ~ [0]: "x" -> "y"
    (1 unchanged attribute)
~ q (JSON): the same JSON, written differently
~ r: "[1]" -> "{}"`},
		"JSON with what is sensitive": {
			`"actions":["update"],"before":{"p":"{\"a\":\"correct-horse\",\"b\":1}","s":"correct-horse"},"after":{"p":"{\"a\":\"correct-horse\",\"b\":2}","s":"correct-horse"},"before_sensitive":{"s":true},"after_sensitive":{"s":true}`, `
~ p (JSON):
  ~ b: 1 -> 2
    (1 unchanged attribute)
  (1 unchanged attribute)`},
		"JSON that is sensitive": {
			`"actions":["update"],"before":{"p":"{\"a\":1}"},"after":{"p":"{\"a\":2}"},"before_sensitive":{"p":true},"after_sensitive":{"p":true}`, `
~ p: (sensitive value) -> (sensitive value) SENSITIVE`},
		"JSON that forces the replacement": {
			`"actions":["delete","create"],"before":{"p":"{\"a\":1}","q":"{}"},"after":{"p":"{\"a\":2}","q":" {}"},"replace_paths":[["p"],["q"]]`, `
~ p (JSON): FORCES
  ~ a: 1 -> 2
~ q (JSON): the same JSON, written differently FORCES`},
		"a list that is not known": {
			`"actions":["update"],"before":{"a":["x",{"b":1}]},"after":{},"after_unknown":{"a":true}`, `
~ a: ["x",{"b":1}] -> (known after apply) UNKNOWN`},
		"what forces the replacement": {
			`"actions":["delete","create"],"before":{"a":"x","d":[{"s":1},{"s":2}],"l":[1],"m":{"n":{"o":1}},"u":"y","set":[{"p":1}]},"after":{"a":"z","d":[{"s":1},{"s":3}],"l":[1],"m":{},"u":"y","set":[{"p":2}]},"replace_paths":[["a"],["d",1,"s"],["m","n","o"],["u"],["gone"],["set",{"p":2},"p"]]`, `
~ a: "x" -> "z" FORCES
~ d:
  ~ [1]:
    ~ s: 2 -> 3 FORCES
    (1 unchanged element)
~ m:
  - n:
    - o: 1 FORCES
~ set: FORCES
  ~ [0]:
    ~ p: 1 -> 2
  u: "y" FORCES
  (1 unchanged attribute)
  gone: FORCES`},
		"lines": {
			`"actions":["update"],"before":{"u":"1\n2\n3\n4\n5\n6\nold\n7\n"},"after":{"u":"1\n2\n3\n4\n5\n6\nnew\n\n7\n"}`, `
~ u:
    (4 unchanged lines)
    5
    6
  - old
  + new
  +
    7`},
		"a line that becomes two": {
			`"actions":["update"],"before":{"u":"a"},"after":{"u":"a\nb"}`, `
~ u:
    a
  + b`},
		"a last line end": {
			`"actions":["update"],"before":{"u":"a\nb"},"after":{"u":"a\nb\n"}`, `
~ u:
    a
    b
  +`},
		"new lines": {
			`"actions":["create"],"after":{"u":"a\r\n\u001b[31mb\n"}`, `
+ u:
  + a^M
  + ^[[31mb`},
		"sensitive": {
			`"actions":["update"],"before":{"p":"old","q":"x","r":{"s":"one1","t":1},"u":"two2","v":"open"},"after":{"p":"new","q":"x","r":{"s":"one2","t":2},"u":"two2","v":"shut"},"before_sensitive":{"p":true,"q":true,"r":{"s":true}},"after_sensitive":{"p":true,"q":true,"r":{"s":true},"u":true}`, `
~ p: (sensitive value) -> (sensitive value) SENSITIVE
~ r:
  ~ s: (sensitive value) -> (sensitive value) SENSITIVE
  ~ t: 1 -> 2
~ u: (sensitive value) -> (sensitive value) SENSITIVE
~ v: "open" -> "shut"
  (1 unchanged attribute)`},
		"sensitive on one side": {
			`"actions":["update"],"before":{"a":"was1","b":"was2"},"after":{"a":"is11","b":"is22"},"before_sensitive":{"a":true},"after_sensitive":{"b":true}`, `
~ a: (sensitive value) -> (sensitive value) SENSITIVE
~ b: (sensitive value) -> (sensitive value) SENSITIVE`},
		"all of it is sensitive": {
			`"actions":["update"],"before":{"a":"was1"},"after":{"a":"is11"},"before_sensitive":true,"after_sensitive":false`, `
~ (sensitive value) -> (sensitive value) SENSITIVE`},
		"sensitive and not known": {
			`"actions":["update"],"before":{"a":"was1"},"after":{},"before_sensitive":{"a":true},"after_unknown":{"a":true}`, `
~ a: (sensitive value) -> (known after apply) SENSITIVE UNKNOWN`},
		"a mark of another structure": {
			`"actions":["update"],"before":{"a":{"b":"was1"}},"after":{"a":{"b":"is11"}},"before_sensitive":{"a":[true]},"after_sensitive":{}`, `
~ a: (sensitive value) -> (sensitive value) SENSITIVE`},
		"the same secret without a mark": {
			`"actions":["create"],"after":{"input":"hunter2","output":"hunter2","in":["hunter2"],"more":{"x":{"y":"hunter2"}}},"after_sensitive":{"input":true}`, `
+ in:
  + [0]: (sensitive value) SENSITIVE
+ input: (sensitive value) SENSITIVE
+ more:
  + x:
    + y: (sensitive value) SENSITIVE
+ output: (sensitive value) SENSITIVE`},
		"a secret in what is not taken apart": {
			`"actions":["update"],"before":{"a":{"b":"hunter2"},"c":["hunter3"]},"after":{"a":"x","c":"y"},"before_sensitive":{"a":{"b":true},"c":[true]}`, `
~ a: (sensitive value) -> (sensitive value) SENSITIVE
~ c: (sensitive value) -> (sensitive value) SENSITIVE`},
		"nothing": {
			`"actions":["no-op"],"before":{"a":1,"b":null},"after":{"a":1,"b":null}`, `
  (1 unchanged attribute)`},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := Diff([]byte(jsonChange("aws_instance.a", c.change)))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := shownLines(lines), strings.TrimPrefix(c.want, "\n")+"\n"; bare(got) != bare(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			for _, l := range lines {
				for _, secret := range []string{"hunter", "was1", "is11", "one1", "two2"} {
					if strings.Contains(l.Before.String()+l.After.String(), secret) {
						t.Errorf("%s is shown: %+v", secret, l)
					}
				}
			}
		})
	}
}

// bare removes the indentation of an unmarked line.
func bare(s string) string {
	var all []string
	for line := range strings.Lines(s) {
		all = append(all, strings.TrimSpace(line))
	}
	return strings.Join(all, "\n")
}

func TestDiffDepths(t *testing.T) {
	lines, err := Diff([]byte(jsonChange("aws_instance.a", `"actions":["update"],"before":{"a":[{"b":1,"c":1}],"d":1},"after":{"a":[{"b":2,"c":1}],"d":1}`)))
	if err != nil {
		t.Fatal(err)
	}
	want := "~ a:\n  ~ [0]:\n    ~ b: 1 -> 2\n      (1 unchanged attribute)\n  (1 unchanged attribute)\n"
	if got := shownLines(lines); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDiffIsBounded(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	many := strings.TrimSuffix(strings.Repeat(`"line",1,`, 20_000), ",")
	deep := strings.Repeat(`{"a":`, 3000) + `1` + strings.Repeat(`}`, 3000)
	for name, change := range map[string]string{
		"a long value":      `"before":{"a":"` + long + `1"},"after":{"a":"` + long + `2"}`,
		"many elements":     `"before":{"a":[]},"after":{"a":[` + many + `]}`,
		"other elements":    `"before":{"a":[` + strings.ReplaceAll(many, "1", "2") + `]},"after":{"a":[` + strings.ReplaceAll(many, "line", "x") + `]}`,
		"many lines":        `"before":{"a":"` + strings.Repeat(`a\nb\n`, 20_000) + `"},"after":{"a":"` + strings.Repeat(`c\nb\n`, 20_000) + `"}`,
		"very deep":         `"before":{"a":` + deep + `},"after":{"a":` + strings.Replace(deep, "1", "2", 1) + `}`,
		"a long name":       `"before":{"` + long + `":1},"after":{}`,
		"long in one piece": `"before":{"a":["` + long + `"]},"after":{"a":"x"}`,
	} {
		lines, err := Diff([]byte(jsonChange("aws_instance.a", `"actions":["update"],`+change)))
		if err != nil || len(lines) == 0 || len(lines) > maxLines+1 {
			t.Errorf("%s: %d lines, %v", name, len(lines), err)
		}
		for _, l := range lines {
			if n := len(l.Before.String()); n > 2*maxShown || len(l.After.String()) > 2*maxShown || len(l.Name.String()) > 8<<10 {
				t.Errorf("%s: a line of %d bytes", name, n)
			}
		}
		if name == "a long value" {
			if before, after := lines[0].Before.String(), lines[0].After.String(); !strings.Contains(before, `x1"`) || !strings.Contains(after, `x2"`) || !strings.Contains(after, "bytes)") {
				t.Errorf("the difference is not shown: %s, %s", before, after)
			}
		}
		if last := lines[len(lines)-1].After.String(); len(lines) == maxLines+1 && !strings.Contains(last, "not shown") {
			t.Errorf("%s: it does not say that there is more: %q", name, last)
		}
	}
}

func TestDiffOfWhatIsNoChange(t *testing.T) {
	for _, object := range []string{"", "{", "null", "[]", "{}", `{"change":{}}`, `{"change":{"actions":[]}}`, `{"change":{"actions":["update"],"actions":["no-op"]}}`, `{"change":{"actions":["update"]}} x`, `{"change":{"actions":["update"],"after":"` + "\xff" + `"}}`} {
		if lines, err := Diff([]byte(object)); err == nil {
			t.Errorf("%s has %d lines", object, len(lines))
		}
	}
}
