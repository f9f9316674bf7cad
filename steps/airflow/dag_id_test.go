package airflow

import (
	"strings"
	"testing"
)

func TestValidID(t *testing.T) {
	for id, want := range map[string]bool{
		"a": true, "image_data-refresh.v2": true, "ж": true, "日本": true, "٣": true, "Ⅷ": true, "²": true, ".a": true, "a..b": true,
		strings.Repeat("x", 250): true, strings.Repeat("ж", 250): true,
		"": false, ".": false, "..": false, "...": false, "~": false, "a b": false, "a/b": false, "a%2fb": false, "a\n": false,
		"\x00": false, "a\xff": false, "\ufffd": false, "e\u0301": false, "a\u200b": false, "a?b": false, "a#b": false,
		strings.Repeat("x", 251): false, strings.Repeat("ж", 251): false,
	} {
		if got := validID(id); got != want {
			t.Errorf("validID(%.20q) is %t", id, got)
		}
	}
}
