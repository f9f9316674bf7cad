package airflow

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/go-resty/resty/v2"
	"golang.org/x/net/html"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// wrongPath is the Problem of an address at which Airflow 3 answers with its web page,
// as it does at every path that it doesn't know.
type wrongPath struct{ *transport.Problem }

func (w wrongPath) Unwrap() error { return w.Problem }

// ownPage returns a wrongPath instead of err if the answer is Airflow's own page, which
// names where Airflow really is, and that is somewhere else than the address that was
// given. A page at the right address is a login page.
func (c *Client) ownPage(err error, resp *resty.Response) error {
	if resp == nil || !strings.HasPrefix(resp.Header().Get("Content-Type"), "text/html") {
		return err
	}
	title, base := readPage(resp.Body())
	at, parseErr := url.Parse(base)
	if title != "Airflow" || base == "" || parseErr != nil {
		return err
	}
	right := c.base.ResolveReference(at)
	if right.Host != c.base.Host || strings.TrimRight(right.Path, "/") == c.base.Path {
		return err
	}
	right.RawQuery, right.Fragment, right.User = "", "", nil
	address := strings.TrimRight(right.String(), "/")
	return wrongPath{&transport.Problem{Cause: transport.NotFound, Status: resp.StatusCode(),
		Text: clean.Linef("the path in Airflow's address is wrong: the web page there says that Airflow is at %s", address).String(),
		Hint: clean.Linef("set url = %q under [airflow]", address).String()}}
}

// readPage returns the title of a web page, and its <base href>.
func readPage(page []byte) (title, base string) {
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return title, base
		case html.StartTagToken, html.SelfClosingTagToken:
			switch t := z.Token(); t.Data {
			case "base":
				for _, a := range t.Attr {
					if a.Key == "href" {
						base = a.Val
					}
				}
			case "title":
				if z.Next() == html.TextToken {
					title = strings.TrimSpace(string(z.Text()))
				}
			case "body":
				return title, base
			}
		}
	}
}
