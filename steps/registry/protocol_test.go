package registry

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

const allTypes = "application/vnd.oci.image.index.v1+json,application/vnd.docker.distribution.manifest.list.v2+json," +
	"application/vnd.oci.image.manifest.v1+json,application/vnd.docker.distribution.manifest.v2+json"

// TestProtocol is what a registry answers, request by request. It was written
// down from distribution 3.1.2, and holds the practice world's registry to it.
func TestProtocol(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		good := tokenOf(t, g)
		host, _, _ := strings.Cut(g.image, "/")
		const here, nothing = "/v2/" + path, "sha256:0000000000000000000000000000000000000000000000000000000000000000"
		const manifestType, oci = "application/vnd.oci.image.manifest.v1+json", "OCI manifest found, but accept header does not support OCI manifests"
		for name, c := range map[string]struct {
			method, path, accept, auth string
			status                     int
			kind                       string // Content-Type
			code, says                 string // of the error, or a part of the body
			challenge                  string // of WWW-Authenticate, behind the service
		}{
			"root, nobody":               {path: "/v2/", status: 401, kind: "application/json", code: "UNAUTHORIZED", challenge: `(,scope="repository:user/image:pull")?$`},
			"root, a good token":         {path: "/v2/", auth: good, status: 200, kind: "application/json", says: "{}"},
			"root, a bad token":          {path: "/v2/", auth: "bad", status: 401, kind: "application/json", code: "UNAUTHORIZED", challenge: `.*,error="invalid_token"$`},
			"manifest, nobody":           {path: here + "/manifests/" + g.tag, accept: allTypes, status: 401, kind: "application/json", code: "UNAUTHORIZED", challenge: `,scope="repository:` + path + `:pull"$`},
			"manifest, a bad token":      {path: here + "/manifests/" + g.tag, accept: allTypes, auth: "bad", status: 401, kind: "application/json", code: "UNAUTHORIZED", challenge: `,scope="repository:` + path + `:pull",error="invalid_token"$`},
			"manifest, an ended token":   {path: here + "/manifests/" + g.tag, accept: allTypes, auth: g.ended(good), status: 401, kind: "application/json", code: "UNAUTHORIZED", challenge: `.*,error="invalid_token"$`},
			"another's manifest":         {path: "/v2/wordpress/hidden/manifests/" + g.tag, accept: allTypes, auth: good, status: 401, kind: "application/json", code: "UNAUTHORIZED", challenge: `,scope="repository:wordpress/hidden:pull",error="insufficient_scope"$`},
			"another's tags":             {path: "/v2/wordpress/hidden/tags/list", auth: good, status: 401, kind: "application/json", code: "UNAUTHORIZED", challenge: `,scope="repository:wordpress/hidden:pull",error="insufficient_scope"$`},
			"manifest":                   {path: here + "/manifests/" + g.tag, accept: allTypes, auth: good, status: 200, kind: manifestType, says: `"schemaVersion":2`},
			"manifest, its type only":    {path: here + "/manifests/" + g.tag, accept: manifestType, auth: good, status: 200, kind: manifestType, says: `"schemaVersion":2`},
			"manifest, another type":     {path: here + "/manifests/" + g.tag, accept: "application/vnd.oci.image.index.v1+json", auth: good, status: 404, kind: "application/json", code: "MANIFEST_UNKNOWN", says: oci},
			"manifest, any type":         {path: here + "/manifests/" + g.tag, accept: "*/*", auth: good, status: 404, kind: "application/json", code: "MANIFEST_UNKNOWN", says: oci},
			"manifest, no type":          {path: here + "/manifests/" + g.tag, auth: good, status: 404, kind: "application/json", code: "MANIFEST_UNKNOWN", says: oci},
			"HEAD":                       {method: "HEAD", path: here + "/manifests/" + g.tag, accept: allTypes, auth: good, status: 200, kind: manifestType},
			"HEAD, nobody":               {method: "HEAD", path: here + "/manifests/" + g.tag, accept: allTypes, status: 401, kind: "application/json", challenge: `,scope="repository:` + path + `:pull"$`},
			"HEAD of a missing tag":      {method: "HEAD", path: here + "/manifests/v9.9.9", accept: allTypes, auth: good, status: 404, kind: "application/json"},
			"missing tag":                {path: here + "/manifests/v9.9.9", accept: allTypes, auth: good, status: 404, kind: "application/json", code: "MANIFEST_UNKNOWN", says: "unknown tag=v9.9.9"},
			"missing digest":             {path: here + "/manifests/" + nothing, accept: allTypes, auth: good, status: 404, kind: "application/json", code: "MANIFEST_UNKNOWN"},
			"a tag that cannot be":       {path: here + "/manifests/bad%20tag", accept: allTypes, auth: good, status: 404, kind: "text/plain; charset=utf-8", says: "404 page not found\n"},
			"a tag that is too long":     {path: here + "/manifests/" + strings.Repeat("a", 129), accept: allTypes, auth: good, status: 404, kind: "text/plain; charset=utf-8", says: "404 page not found\n"},
			"a name that cannot be":      {path: "/v2/UPPER/manifests/" + g.tag, accept: allTypes, auth: good, status: 404, kind: "text/plain; charset=utf-8", says: "404 page not found\n"},
			"a path that means nothing":  {path: "/nothing", auth: good, status: 404, kind: "text/plain; charset=utf-8", says: "404 page not found\n"},
			"a digest that cannot be":    {path: here + "/blobs/sha256:12", auth: good, status: 400, kind: "application/json", code: "DIGEST_INVALID"},
			"a manifest of that digest":  {path: here + "/manifests/sha256:12", accept: allTypes, auth: good, status: 400, kind: "application/json", code: "DIGEST_INVALID"},
			"missing blob":               {path: here + "/blobs/" + nothing, auth: good, status: 404, kind: "application/json", code: "BLOB_UNKNOWN"},
			"tags":                       {path: here + "/tags/list", auth: good, status: 200, kind: "application/json", says: `"tags":["`},
			"tags, the first of several": {path: here + "/tags/list?n=1", auth: good, status: 200, kind: "application/json", says: `"name":"` + path + `"`},
		} {
			t.Run(name, func(t *testing.T) {
				if c.method == "" {
					c.method = http.MethodGet
				}
				resp, body := raw(t, c.method, "http://"+host+c.path, c.accept, c.auth)
				if resp.StatusCode != c.status || resp.Header.Get("Content-Type") != c.kind {
					t.Errorf("status %d, type %q: %s", resp.StatusCode, resp.Header.Get("Content-Type"), body)
				}
				var said struct {
					Errors []struct{ Code string }
				}
				_ = json.Unmarshal([]byte(body), &said) // what is no JSON has no code
				code := ""
				if len(said.Errors) > 0 {
					code = said.Errors[0].Code
				}
				if code != c.code || !strings.Contains(body, c.says) || (c.method == http.MethodHead) != (body == "") {
					t.Errorf("want code %q and %q in %s", c.code, c.says, body)
				}
				challenge := resp.Header.Get("WWW-Authenticate")
				if c.challenge == "" && challenge != "" {
					t.Errorf("challenge %s", challenge)
				}
				if want := regexp.MustCompile(`^Bearer realm="http://` + regexp.QuoteMeta(host) + `/token",service="[^"]+"` + c.challenge); c.challenge != "" && !want.MatchString(challenge) {
					t.Errorf("challenge %s, want %s", challenge, want)
				}
				if got := resp.Header.Get("Docker-Distribution-Api-Version"); got != "registry/2.0" {
					t.Errorf("API version %q", got)
				}
				found := c.kind == manifestType
				digest := resp.Header.Get("Docker-Content-Digest")
				if found != strings.HasPrefix(digest, "sha256:") || found && resp.Header.Get("ETag") != `"`+digest+`"` {
					t.Errorf("digest %q, ETag %q", digest, resp.Header.Get("ETag"))
				}
				if found && resp.ContentLength <= 0 {
					t.Errorf("length %d", resp.ContentLength)
				}
				if strings.HasSuffix(c.path, "?n=1") != (resp.Header.Get("Link") != "") {
					t.Errorf("Link %q", resp.Header.Get("Link"))
				}
			})
		}
		t.Run("nothing has changed", func(t *testing.T) {
			at := "http://" + host + here + "/manifests/" + g.tag
			first, _ := raw(t, http.MethodGet, at, allTypes, good)
			again, body := raw(t, http.MethodGet, at, allTypes, good, "If-None-Match", first.Header.Get("ETag"))
			if again.StatusCode != http.StatusNotModified || body != "" {
				t.Errorf("status %d: %s", again.StatusCode, body)
			}
		})
	})
}

// tokenOf asks for a token for the image as everybody may.
func tokenOf(t *testing.T, g ground) string {
	t.Helper()
	host, _, _ := strings.Cut(g.image, "/")
	_, body := raw(t, http.MethodGet, fmt.Sprintf("http://%s/token?service=tests&scope=repository:%s:pull", host, path), "", "")
	var answer struct{ Token string }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Token == "" {
		t.Fatalf("no token in %s: %v", body, err)
	}
	return answer.Token
}

// raw sends one request; more is pairs of header names and values.
func raw(t *testing.T, method, url, accept, token string, more ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(more); i += 2 {
		req.Header.Set(more[i], more[i+1])
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}
