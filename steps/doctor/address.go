package doctor

import (
	"net/url"

	"catalog-runbook/runbook/pattern"
)

// The parts of an address that can hold a secret: the user information, in which a
// password can contain a slash, and everything after the path.
var (
	before = pattern.Lazy(`^([A-Za-z][A-Za-z0-9+.-]*://)?.*@`)
	behind = pattern.Lazy(`[?#].*$`)
)

// shown returns an address without the parts that can hold a secret, whatever they look
// like.
func shown(address string) string {
	return before().ReplaceAllString(behind().ReplaceAllString(address, ""), "$1")
}

// Hidden returns the user information and the query's values of an address, which must
// not be shown. It is nil if there is neither.
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
