package registry

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
)

const acceptImages = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, " +
	"application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"

func registryToken(t *testing.T, w *world) string {
	t.Helper()
	got := ask.Wants[struct{ Token string }](t, ask.Get(t, w.url+"/token?service=ghcr.io&scope=repository:"+Image+":pull"), http.StatusOK)
	return "Bearer " + got.Token
}

func TestRegistryWantsATokenAndGivesOne(t *testing.T) {
	w, _ := begin(t)
	a := ask.Get(t, w.url+"/v2/"+Image+"/manifests/latest", "Accept", acceptImages)
	want := `Bearer realm="` + w.url + `/token",service="ghcr.io",scope="repository:` + Image + `:pull"`
	if a.Status != http.StatusUnauthorized || a.Header.Get("WWW-Authenticate") != want {
		t.Errorf("%d %q, want %q", a.Status, a.Header.Get("WWW-Authenticate"), want)
	}
	if a := ask.Get(t, w.url+"/v2/", "Authorization", registryToken(t, w)); a.Status != http.StatusOK || a.Header.Get("Docker-Distribution-Api-Version") != "registry/2.0" {
		t.Errorf("with the token: %d", a.Status)
	}
	denied := ask.Get(t, w.url+"/token?service=ghcr.io&scope=repository:wordpress/another:pull")
	if denied.Status != http.StatusForbidden || !strings.Contains(denied.Body, "requested access to the resource is denied") {
		t.Errorf("another image: %d %s", denied.Status, denied.Body)
	}
}

func TestRegistryTokensEnd(t *testing.T) {
	w, c := begin(t)
	token := registryToken(t, w)
	see := func() ask.Answer {
		return ask.Get(t, w.url+"/v2/"+Image+"/manifests/latest", "Accept", acceptImages, "Authorization", token)
	}
	c.Pass(tokenLasts - time.Millisecond)
	if a := see(); a.Status != http.StatusOK {
		t.Errorf("before its end: %d", a.Status)
	}
	c.Pass(time.Millisecond)
	if a := see(); a.Status != http.StatusUnauthorized || !strings.HasSuffix(a.Header.Get("WWW-Authenticate"), `,error="invalid_token"`) {
		t.Errorf("at its end: %d %q", a.Status, a.Header.Get("WWW-Authenticate"))
	}
	if again := registryToken(t, w); again == token {
		t.Error("the same token was given again")
	} else if token = again; see().Status != http.StatusOK {
		t.Error("a new token is no good")
	}
}

func TestRegistryListsTagsInPages(t *testing.T) {
	w, _ := begin(t)
	token := registryToken(t, w)
	var pages [][]string
	at := "/v2/" + Image + "/tags/list?n=2"
	for at != "" && len(pages) < 9 {
		a := ask.Get(t, w.url+at, "Authorization", token)
		pages = append(pages, ask.Wants[struct{ Tags []string }](t, a, http.StatusOK).Tags)
		at, _ = strings.CutSuffix(a.Header.Get("Link"), `>; rel="next"`)
		at = strings.TrimPrefix(at, "<")
	}
	all := slices.Concat(pages...)
	if len(pages) != 3 || len(all) != 5 || !slices.IsSorted(all) {
		t.Errorf("pages %q", pages)
	}
}

func TestRegistryErrors(t *testing.T) {
	w, _ := begin(t)
	token := registryToken(t, w)
	base := w.url + "/v2/" + Image
	type problems struct {
		Errors []struct{ Code, Message string }
	}
	for _, c := range []struct {
		path, accept, code, message string
	}{
		{"/manifests/v9.9.9", acceptImages, "MANIFEST_UNKNOWN", "manifest unknown"},
		{"/manifests/latest", "application/json", "MANIFEST_UNKNOWN", "OCI manifest found, but accept header does not support OCI manifests"},
		{"/blobs/sha256:" + strings.Repeat("0", 64), acceptImages, "BLOB_UNKNOWN", "blob unknown to registry"},
	} {
		p := ask.Wants[problems](t, ask.Get(t, base+c.path, "Authorization", token, "Accept", c.accept), http.StatusNotFound)
		if len(p.Errors) != 1 || p.Errors[0].Code != c.code || p.Errors[0].Message != c.message {
			t.Errorf("%s: %+v", c.path, p)
		}
	}
	if a := ask.Fetch(t, http.MethodDelete, base+"/manifests/latest", "", "Authorization", token); a.Status != http.StatusForbidden {
		t.Errorf("a DELETE got %d", a.Status)
	}
	head := ask.Fetch(t, http.MethodHead, base+"/manifests/v9.9.9", "", "Authorization", token, "Accept", acceptImages)
	if head.Status != http.StatusNotFound || head.Body != "" {
		t.Errorf("HEAD: %d %q", head.Status, head.Body)
	}
}

func TestImageArrivesAfterItsBuild(t *testing.T) {
	w, c := begin(t)
	token := registryToken(t, w)
	tag := func(name string) ask.Answer {
		return ask.Fetch(t, http.MethodHead, w.url+"/v2/"+Image+"/manifests/"+name, "", "Authorization", token, "Accept", acceptImages)
	}
	digest := func(name string) string { return tag(name).Header.Get("Docker-Content-Digest") }
	old := digest(release1)
	if old == "" || digest("latest") != old || digest(state.CommitOf(release1)) != old {
		t.Fatalf("the old image: %q, latest %q", old, digest("latest"))
	}
	w.publish(t)
	c.Pass(state.UsualBuild.Image - time.Millisecond)
	if a := tag(draftTag); a.Status != http.StatusNotFound || digest("latest") != old {
		t.Errorf("before it arrives: %d", a.Status)
	}
	c.Pass(time.Millisecond)
	fresh := digest(draftTag)
	if fresh == "" || fresh == old || digest("latest") != fresh || digest(state.CommitOf(draftTag)) != fresh || digest(release1) != old {
		t.Errorf("afterwards: new %q, latest %q, old %q", fresh, digest("latest"), digest(release1))
	}
	list := ask.Get(t, w.url+"/v2/"+Image+"/tags/list", "Authorization", token)
	if tags := ask.Wants[struct{ Tags []string }](t, list, http.StatusOK).Tags; len(tags) != 7 {
		t.Errorf("tags %q", tags)
	}
}
