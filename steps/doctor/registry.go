package doctor

import (
	"context"
	"net/url"
	"strings"
	"time"

	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/registry"
	"catalog-runbook/steps/transport"
)

// registry asks, with at most eight requests, and one more for each 1000 tags, whether an image can be listed and
// read, and with whose credentials.
func (s Setup) registry(use use) Question {
	return question(About(use.by, "registry", "registry.account", "registry.image"), func(ctx context.Context, f []*Finding) string {
		address, account, image := f[0], f[1], f[2]
		host, _, _ := strings.Cut(shown(use.value), "/")
		access, err := s.World.Registry.Access(ctx, use.value)
		cause, asked := transport.CauseOf(err)
		answered := err == nil || cause == transport.Credentials || cause == transport.NotFound || cause == transport.Refused
		switch {
		case err != nil && !asked:
			image.Is(Wrong, s.set("image", `reference = "ghcr.io/OWNER/NAME"`), "%s is not a valid image name", shown(use.value))
			return ""
		case !answered:
			address.unreached(err, s.registryURL(host), s.source("image", "reference", s.Settings.Image.Reference, use.value))
			account.optional()
			return "the registry"
		}
		address.ok("%s responds", host)
		switch {
		case access.From == registry.GitHubToken:
			account.ok("the GitHub token")
		case access.From == registry.DockerConfig && access.User != "":
			account.ok("%s, from the Docker configuration", access.User)
		case access.From == registry.DockerConfig:
			account.ok("from the Docker configuration")
		default:
			account.ok("not needed: the image is public")
		}
		if err == nil {
			newest(ctx, s.World.Registry, image, use.value, access)
			return ""
		}
		if image.Fail(err); access.From == registry.Nobody && image.Denied {
			account.Is(Missing, image.Next.String(), "there are no credentials for %s", host)
			account.Denied = true
			image.waits("the registry account")
		}
		return ""
	})
}

// registryURL is the address at which a registry answers, as its client asks it.
func (s Setup) registryURL(host string) string {
	u := &url.URL{Scheme: "https", Host: host, Path: "/v2/"}
	if s.Settings.Image.PlainHTTP && strings.HasPrefix(s.Settings.Image.Reference, host+"/") {
		u.Scheme = "http"
	}
	return u.String()
}

// newest reads the newest tag, as a check would.
func newest(ctx context.Context, c *registry.Client, f *Finding, reference string, a registry.Access) {
	tags := say.Plural(a.Tags, "tag", "tags")
	if a.More {
		tags = "more than " + tags
	}
	what, tag := "the newest version", a.Newest
	if a.More {
		what = "the newest version among these"
	}
	if tag == "" {
		what, tag = "one of them", a.Some
	}
	if tag == "" {
		f.ok("%s: no tags yet", reference)
		return
	}
	img, err := c.Inspect(ctx, reference, tag, "")
	if err != nil {
		f.Fail(err)
		f.Is(f.State, f.Next.String(), "%s: %s; can't read %s, %s: %s", reference, tags, what, tag, f.Found)
		return
	}
	built := ""
	if !img.Created.IsZero() {
		built = ", built " + img.Created.UTC().Format(time.DateOnly)
	}
	f.ok("%s: %s; %s, %s, can be pulled%s", reference, tags, what, tag, built)
}
