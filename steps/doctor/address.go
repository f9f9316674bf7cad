package doctor

import (
	"net/url"
	"regexp"
	"sync"
)

// The parts of an address that can hold a secret: what stands before the host,
// where a password can hold a slash, and what stands behind the path.
var (
	before = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*://)?.*@`) })
	behind = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[?#].*$`) })
)

// shown is an address as it may be shown: without the parts that can hold a secret,
// which need not look like one.
func shown(address string) string {
	return before().ReplaceAllString(behind().ReplaceAllString(address, ""), "$1")
}

// Hidden returns the user information of an address, and what its query says, as
// values that must not be shown. It is nil where there is neither.
func Hidden(address string) []string {
	var queried []string
	if u, err := url.Parse(address); err == nil {
		for _, values := range u.Query() {
			queried = append(queried, values...)
		}
	}
	at := before().FindStringIndex(address)
	if at == nil {
		return queried
	}
	info := address[:at[1]-1]
	if scheme := before().FindStringSubmatch(address)[1]; scheme != "" {
		info = info[len(scheme):]
	}
	all := append(queried, info)
	if u, err := url.Parse(address); err == nil && u.User != nil {
		all = append(all, u.User.Username())
		if password, ok := u.User.Password(); ok {
			all = append(all, password)
		}
	}
	return all
}
