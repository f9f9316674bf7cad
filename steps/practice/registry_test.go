package practice

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

const acceptImages = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, " +
	"application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"

func registryToken(t *testing.T, w *World) string {
	t.Helper()
	got := wants[struct{ Token string }](t, get(t, w.registry.origin+"/token?service=ghcr.io&scope=repository:"+imageName+":pull"), http.StatusOK)
	return "Bearer " + got.Token
}

func TestRegistryWantsATokenAndGivesOne(t *testing.T) {
	w, _ := begin(t, "calm", 2)
	a := get(t, w.registry.origin+"/v2/"+imageName+"/manifests/latest", "Accept", acceptImages)
	want := `Bearer realm="` + w.registry.origin + `/token",service="ghcr.io",scope="repository:` + imageName + `:pull"`
	if a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") != want {
		t.Errorf("%d %q, want %q", a.status, a.header.Get("WWW-Authenticate"), want)
	}
	if a := get(t, w.registry.origin+"/v2/", "Authorization", registryToken(t, w)); a.status != http.StatusOK || a.header.Get("Docker-Distribution-Api-Version") != "registry/2.0" {
		t.Errorf("with the token: %d", a.status)
	}
	denied := get(t, w.registry.origin+"/token?service=ghcr.io&scope=repository:wordpress/another:pull")
	if denied.status != http.StatusForbidden || !strings.Contains(denied.body, "requested access to the resource is denied") {
		t.Errorf("another image: %d %s", denied.status, denied.body)
	}
}

func TestRegistryTokensEnd(t *testing.T) {
	w, c := begin(t, "calm", 2)
	token := registryToken(t, w)
	see := func() answer {
		return get(t, w.registry.origin+"/v2/"+imageName+"/manifests/latest", "Accept", acceptImages, "Authorization", token)
	}
	c.pass(tokenLasts - time.Millisecond)
	if a := see(); a.status != http.StatusOK {
		t.Errorf("before its end: %d", a.status)
	}
	c.pass(time.Millisecond)
	if a := see(); a.status != http.StatusUnauthorized || !strings.HasSuffix(a.header.Get("WWW-Authenticate"), `,error="invalid_token"`) {
		t.Errorf("at its end: %d %q", a.status, a.header.Get("WWW-Authenticate"))
	}
	if again := registryToken(t, w); again == token {
		t.Error("the same token was given again")
	} else if token = again; see().status != http.StatusOK {
		t.Error("a new token is no good")
	}
}

func TestRegistryListsTagsInPages(t *testing.T) {
	w, _ := begin(t, "calm", 2)
	token := registryToken(t, w)
	var pages [][]string
	at := "/v2/" + imageName + "/tags/list?n=2"
	for at != "" && len(pages) < 9 {
		a := get(t, w.registry.origin+at, "Authorization", token)
		pages = append(pages, wants[struct{ Tags []string }](t, a, http.StatusOK).Tags)
		at, _ = strings.CutSuffix(a.header.Get("Link"), `>; rel="next"`)
		at = strings.TrimPrefix(at, "<")
	}
	all := slices.Concat(pages...)
	if len(pages) != 3 || len(all) != 5 || !slices.IsSorted(all) {
		t.Errorf("pages %q", pages)
	}
	if a := get(t, w.registry.origin+"/v2/"+imageName+"/tags/list?n=-1", "Authorization", token); a.status != http.StatusBadRequest {
		t.Errorf("a negative number: %d", a.status)
	}
}

func TestRegistryErrors(t *testing.T) {
	w, _ := begin(t, "calm", 2)
	token := registryToken(t, w)
	base := w.registry.origin + "/v2/" + imageName
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
		p := wants[problems](t, get(t, base+c.path, "Authorization", token, "Accept", c.accept), http.StatusNotFound)
		if len(p.Errors) != 1 || p.Errors[0].Code != c.code || p.Errors[0].Message != c.message {
			t.Errorf("%s: %+v", c.path, p)
		}
	}
	if a := fetch(t, http.MethodDelete, base+"/manifests/latest", "", "Authorization", token); a.status != http.StatusForbidden {
		t.Errorf("a DELETE got %d", a.status)
	}
	head := fetch(t, http.MethodHead, base+"/manifests/v9.9.9", "", "Authorization", token, "Accept", acceptImages)
	if head.status != http.StatusNotFound || head.body != "" {
		t.Errorf("HEAD: %d %q", head.status, head.body)
	}
}

func TestImageArrivesAfterItsBuild(t *testing.T) {
	w, c := begin(t, "calm", 2)
	token := registryToken(t, w)
	tag := func(name string) answer {
		return fetch(t, http.MethodHead, w.registry.origin+"/v2/"+imageName+"/manifests/"+name, "", "Authorization", token, "Accept", acceptImages)
	}
	digest := func(name string) string { return tag(name).header.Get("Docker-Content-Digest") }
	old := digest(release1)
	if old == "" || digest("latest") != old || digest(commitOf(release1)) != old {
		t.Fatalf("the old image: %q, latest %q", old, digest("latest"))
	}
	if err := w.Do(publishAct); err != nil {
		t.Fatal(err)
	}
	c.pass(imageComes - time.Millisecond)
	if a := tag(draftTag); a.status != http.StatusNotFound || digest("latest") != old {
		t.Errorf("before it arrives: %d", a.status)
	}
	c.pass(time.Millisecond)
	fresh := digest(draftTag)
	if fresh == "" || fresh == old || digest("latest") != fresh || digest(commitOf(draftTag)) != fresh || digest(release1) != old {
		t.Errorf("afterwards: new %q, latest %q, old %q", fresh, digest("latest"), digest(release1))
	}
	list := get(t, w.registry.origin+"/v2/"+imageName+"/tags/list", "Authorization", token)
	if tags := wants[struct{ Tags []string }](t, list, http.StatusOK).Tags; len(tags) != 7 {
		t.Errorf("tags %q", tags)
	}
}
