package clean

import (
	"slices"
	"sort"
	"strings"
	"sync/atomic"

	"catalog-runbook/runbook/pattern"
)

// secretName matches common names of environment variables that contain secrets. A name
// may have a prefix, such as TF_VAR_.
var secretName = pattern.Lazy(`(?i)TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|COOKIE|APIKEY|(ACCESS|PRIVATE|MASTER|ENCRYPTION|SIGNING)KEY` +
	`|PASS($|_)|(^|_)KEY$|_KEY_|[A-Z0-9]_?PWD$|(^|_)(PAT|CONN|DSN)($|_)|CONNECTION_?STR|AUTHORIZATION|(^|_)AUTH($|_CONFIG$)`)

// plainName matches names that look like those of secrets and hold none: folders,
// programs that ask, names of key pairs.
var plainName = pattern.Lazy(`(?i)^OLDPWD$|(^|_)(SSH|GIT|SUDO)_ASKPASS(_REQUIRE)?$|(BY|COM)PASS$|_KEY_(NAME|PAIR|TYPE)$`)

// SecretName reports whether the value of an environment variable is likely a
// secret, judged by its name.
func SecretName(name string) bool {
	return secretName().MatchString(name) && !plainName().MatchString(name)
}

// Masked returns s with known secrets, and text in the form of one, replaced by
// Mask. It doesn't clean s otherwise, so the result may contain control characters.
// s must be the whole text, because part of a secret isn't recognized.
func Masked(s string) string { return mask(s) }

// MaskedAll is Masked for each of the values, in a slice of its own.
func MaskedAll(values []string) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = Masked(v)
	}
	return all
}

// known holds the forms of all known secrets for a fast search: few texts contain
// one, and a text may be long.
type known struct {
	forms    []string            // sorted
	longest  int                 // length of the longest form in bytes
	prefixes map[string]struct{} // the first minSecret bytes of each form
	// skip is the table of the algorithm of Wu and Manber ("A fast algorithm for
	// multi-pattern searching", 1994) with blocks of two bytes. For the last two
	// bytes of a window of minSecret bytes it gives the distance to the next window
	// that could be a prefix, 0 for this one.
	skip [1 << 16]uint8
}

var current atomic.Pointer[known]

func newKnown(forms []string) *known {
	k := &known{forms: slices.Sorted(slices.Values(forms)), prefixes: map[string]struct{}{}}
	for i := range k.skip {
		k.skip[i] = minSecret - 1
	}
	for _, form := range forms {
		k.longest = max(k.longest, len(form))
		k.prefixes[form[:minSecret]] = struct{}{}
		for end := 1; end < minSecret; end++ {
			at := &k.skip[int(form[end-1])<<8|int(form[end])]
			*at = min(*at, uint8(minSecret-1-end))
		}
	}
	return k
}

// mayBeIn reports whether s contains the first minSecret bytes of a known secret.
func (k *known) mayBeIn(s string) bool {
	if k == nil {
		return false
	}
	for i := minSecret - 1; i < len(s); {
		n := int(k.skip[int(s[i-1])<<8|int(s[i])])
		if n == 0 {
			if _, ok := k.prefixes[s[i+1-minSecret:i+1]]; ok {
				return true
			}
			n = 1
		}
		i += n
	}
	return false
}

// longest returns the length of the longest form of a known secret.
func longest() int {
	if k := current.Load(); k != nil {
		return k.longest
	}
	return 0
}

// maySecret reports whether s may contain something to mask.
func maySecret(s string) bool {
	return current.Load().mayBeIn(s) || mayHaveShape(s) || mayHaveUserInfo(s) || mayHaveLabel(s)
}

// leastHalf is the fewest bytes at the end of a text that count as the beginning of a
// known secret. Shorter matches are too common.
const leastHalf = 4

// endsInSecret reports whether s may end in the middle of a known secret.
func endsInSecret(s string) bool { return secretAt(s) < len(s) }

// secretAt returns where the known secret begins in whose middle s may end, len(s) if
// there is none.
func secretAt(s string) int {
	k := current.Load()
	if k == nil {
		return len(s)
	}
	for i := max(0, len(s)-k.longest+1); i <= len(s)-leastHalf; i++ {
		end := s[i:]
		at := sort.SearchStrings(k.forms, end)
		if at < len(k.forms) && k.forms[at] == end {
			at++ // the whole secret is in s
		}
		if at < len(k.forms) && strings.HasPrefix(k.forms[at], end) {
			return i
		}
	}
	return len(s)
}

// spans returns the start and end offsets of the secrets in s, in order. Overlapping
// ones are merged.
func spans(s string) [][]int {
	var all [][]int
	if k := current.Load(); k.mayBeIn(s) {
		for _, form := range k.forms {
			for from := 0; ; {
				i := strings.Index(s[from:], form)
				if i < 0 {
					break
				}
				from += i
				all = append(all, []int{from, from + len(form)})
				from++
			}
		}
	}
	if mayHaveShape(s) {
		all = append(all, shapes().FindAllStringIndex(s, -1)...)
	}
	if mayHaveUserInfo(s) {
		all = append(all, userInfo(s)...)
	}
	if mayHaveLabel(s) {
		all = append(all, labelled().FindAllStringIndex(s, -1)...)
	}
	slices.SortFunc(all, slices.Compare)
	var apart [][]int
	for _, span := range all {
		if last := len(apart) - 1; last >= 0 && span[0] < apart[last][1] {
			apart[last][1] = max(apart[last][1], span[1])
			continue
		}
		apart = append(apart, span)
	}
	return apart
}
