package registry

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"catalog-runbook/steps/practice/server"
)

// serve answers what the store has. The store cares for no Accept header, and its
// errors are not those of the specification.
func (g *registryServer) serve(w http.ResponseWriter, r *http.Request, asked request) {
	if asked.what == "tags" {
		g.listTags(w, r)
		return
	}
	answer := newRecorder()
	g.store.ServeHTTP(answer, r)
	switch {
	case answer.status == http.StatusNotFound && asked.what == "blobs":
		registryError(w, http.StatusNotFound, "BLOB_UNKNOWN", "blob unknown to registry", asked.digest)
		return
	case answer.status == http.StatusNotFound && asked.digest != "":
		registryError(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "manifest unknown", "unknown manifest name="+asked.repository+" revision="+asked.digest)
		return
	case answer.status == http.StatusNotFound:
		registryError(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "manifest unknown", "unknown tag="+path.Base(r.URL.Path))
		return
	}
	if asked.what == "manifests" && answer.status == http.StatusOK {
		etag := `"` + answer.header.Get("Docker-Content-Digest") + `"`
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		// Measured on distribution, and ghcr.io does the same.
		if !accepts(r.Header, answer.header.Get("Content-Type")) {
			registryError(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "OCI manifest found, but accept header does not support OCI manifests", nil)
			return
		}
		w.Header().Set("ETag", etag)
	}
	for k, v := range answer.header {
		w.Header()[k] = v
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body.Bytes())
}

// accepts reports whether the Accept headers name the type: not a range that
// holds it, which registries do not understand.
func accepts(h http.Header, kind string) bool {
	for _, line := range h.Values("Accept") {
		for one := range strings.SplitSeq(line, ",") {
			if got, _, err := mime.ParseMediaType(one); err == nil && got == kind {
				return true
			}
		}
	}
	return false
}

// listTags lists the tags in order, from behind "last" and at most "n".
func (g *registryServer) listTags(w http.ResponseWriter, r *http.Request) {
	answer := newRecorder()
	all := r.Clone(r.Context())
	all.Method, all.URL.RawQuery = http.MethodGet, ""
	g.store.ServeHTTP(answer, all)
	var list struct {
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}
	if answer.status == http.StatusNotFound || json.Unmarshal(answer.body.Bytes(), &list) != nil {
		registryError(w, http.StatusNotFound, "NAME_UNKNOWN", "repository name not known to registry", server.Object{"name": Image})
		return
	}
	slices.Sort(list.Tags)
	from, found := slices.BinarySearch(list.Tags, r.URL.Query().Get("last"))
	if found {
		from++
	}
	list.Tags = list.Tags[from:]
	if n := r.URL.Query().Get("n"); n != "" {
		most, err := strconv.Atoi(n)
		if err != nil || most < 0 {
			registryError(w, http.StatusBadRequest, "PAGINATION_NUMBER_INVALID", "invalid number of results requested", nil)
			return
		}
		if most < len(list.Tags) && most > 0 {
			next := url.Values{"n": {n}, "last": {list.Tags[most-1]}}
			w.Header().Set("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, r.URL.Path, next.Encode()))
		}
		list.Tags = list.Tags[:min(most, len(list.Tags))]
	}
	body, err := json.Marshal(list)
	if err != nil {
		registryError(w, http.StatusInternalServerError, "UNKNOWN", err.Error(), nil)
		return
	}
	answerRegistry(w, body)
}

func answerRegistry(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

func registryError(w http.ResponseWriter, status int, code, message string, detail any) {
	problem := server.Object{"code": code, "message": message}
	if detail != nil {
		problem["detail"] = detail
	}
	server.Reply(w, status, "application/json", server.Object{"errors": []server.Object{problem}})
}
