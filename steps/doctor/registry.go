package doctor

import (
	"context"
	"net/url"
	"strings"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/registry"
	"catalog-runbook/steps/transport"
)

// registry asks, with at most eight requests, whether an image can be listed and
// read, and with whose credentials.
func (p Patient) registry(use use) Question {
	host, _, _ := strings.Cut(shown(use.value), "/")
	address := Finding{ID: "registry", Name: clean.Line("Registry"), Needed: true, For: use.by}
	account := Finding{ID: "registry.account", Name: clean.Line("Registry account"), Needed: true, For: clean.Line("images that not everybody may read")}
	image := Finding{ID: "registry.image", Name: clean.Line("Image"), Needed: true, For: use.by}
	return Question{About: []Finding{address, account, image}, Ask: func(ctx context.Context) []Finding {
		access, err := p.World.Registry.Access(ctx, use.value)
		cause, asked := transport.CauseOf(err)
		switch {
		case err != nil && !asked:
			image = image.is(Wrong, p.set("image", `reference = "ghcr.io/OWNER/NAME"`), "%s cannot be the name of an image", shown(use.value))
			return []Finding{image}
		case err != nil && cause != transport.Credentials && cause != transport.NotFound && cause != transport.Refused:
			address = address.reached(err, asURL(host), p.stands("image", "reference", p.Settings.Image.Reference, use.value))
			return []Finding{address, account.waits("the registry").optional(), image.waits("the registry")}
		}
		address = address.ok("%s answers", host)
		account = withWhat(account, access)
		if err != nil {
			image = image.problem(err)
			if access.From == registry.Nobody && image.Denied {
				account = account.is(Missing, image.Next.String(), "there are no credentials for %s", host)
				account.Denied = true
				return []Finding{address, account, image.waits("the registry account")}
			}
			return []Finding{address, account, image}
		}
		return []Finding{address, account, newest(ctx, p.World.Registry, image, use.value, access)}
	}}
}

// asURL is the address at which a registry answers, as its client asks it.
func asURL(host string) string {
	u := &url.URL{Scheme: "https", Host: host, Path: "/v2/"}
	if transport.Loopback(u) {
		u.Scheme = "http"
	}
	return u.String()
}

// withWhat says with whose credentials the registry was asked.
func withWhat(f Finding, a registry.Access) Finding {
	switch {
	case a.From == registry.GitHubToken:
		return f.ok("the GitHub token")
	case a.From == registry.DockerConfig && a.User != "":
		return f.ok("%s, from the Docker configuration", a.User)
	case a.From == registry.DockerConfig:
		return f.ok("from the Docker configuration")
	}
	return f.ok("none is needed: everybody may read it")
}

// newest reads the newest tag, as a check would.
func newest(ctx context.Context, c *registry.Client, f Finding, reference string, a registry.Access) Finding {
	tags := count(a.Tags, "tag", "tags")
	if a.More {
		tags = "more than " + tags
	}
	what, tag := "the newest version", a.Newest
	if tag == "" {
		what, tag = "one of them", a.Some
	}
	if tag == "" {
		return f.ok("%s: it can be listed and has no tag yet", reference)
	}
	img, err := c.Inspect(ctx, reference, tag, "")
	if err != nil {
		f = f.problem(err)
		f.Found = clean.Linef("%s: %s, and %s, %s, cannot be read: %s", reference, tags, what, tag, f.Found)
		return f
	}
	built := ""
	if !img.Created.IsZero() {
		built = ", built " + img.Created.UTC().Format(time.DateOnly)
	}
	return f.ok("%s: %s; %s, %s, can be pulled%s", reference, tags, what, tag, built)
}
