package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"

	"catalog-runbook/steps/github"
	"catalog-runbook/steps/practice"
	"catalog-runbook/steps/transport"
)

// ground is a registry that the contract is run against. It asks to sign in for
// tokens, and gives them to everybody for one image.
type ground struct {
	image  string // a public image of a single manifest, without a tag
	tag    string
	commit string              // that it was built from, by its label
	hidden string              // an image that is not there, or not for everybody
	ended  func(string) string // a token that has ended, for one that was given
}

// onEachGround runs a test against the practice world's registry and the real one.
func onEachGround(t *testing.T, test func(*testing.T, ground)) {
	t.Run("practice", func(t *testing.T) { test(t, practiceGround(t)) })
	t.Run("distribution", func(t *testing.T) { test(t, realGround(t)) })
}

func realGround(t *testing.T) ground {
	d := startDistribution(t, byToken)
	d.push(path, makeImage(t, "amd64", commit, built), "v1", commit)
	d.push("wordpress/hidden", makeImage(t, "amd64", commit, built), "v1")
	d.tokens.private["wordpress/hidden"] = true
	return ground{image: d.image(path), tag: "v1", commit: commit, hidden: d.image("wordpress/hidden"), ended: d.tokens.end}
}

func practiceGround(t *testing.T) ground {
	t.Setenv("TMPDIR", t.TempDir())
	w, err := practice.Start("calm", practice.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	const tag = "v1.5.3"
	repo, err := github.ParseRepository(w.Repository())
	if err != nil {
		t.Fatal(err)
	}
	gh, err := github.New(w.GitHubURL(), transport.NewToken(w.GitHubToken()), true, &http.Transport{DisableKeepAlives: true})
	if err != nil {
		t.Fatal(err)
	}
	built, err := gh.TagCommit(t.Context(), repo, tag)
	if err != nil {
		t.Fatal(err)
	}
	hidden := strings.Replace(w.Image(), "openverse-catalog", "hidden", 1)
	if hidden == w.Image() || !strings.HasSuffix(w.Image(), "/"+path) {
		t.Fatalf("the practice image is %s", w.Image())
	}
	return ground{image: w.Image(), tag: tag, commit: built, hidden: hidden,
		ended: func(string) string { return "a-token-that-nobody-knows" }}
}

// line leads to the registry, which is asked without TLS.
func (g ground) line(t *testing.T) *line {
	host, _, _ := strings.Cut(g.image, "/")
	return &line{t: t, plain: host}
}

const (
	ping  = "GET HOST/v2/"
	token = "GET HOST/token"
)

func get(what string) string { return "GET HOST/" + what + " Bearer" }

func head(what string) string { return "HEAD HOST/" + what + " Bearer" }

// respelled asks for other spellings of the tag of a version.
func (g ground) respelled() []string {
	var all []string
	for _, other := range spellings(g.tag) {
		all = append(all, head("manifests/"+other))
	}
	return all
}

// TestContract is what the client says of a registry, with the requests that it
// takes.
func TestContract(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		found := get("manifests/" + g.tag)
		renewed := append([]string{ping, token, found, get("blobs/DIGEST")}, g.respelled()...)
		for name, c := range map[string]struct {
			image, tag, commit string
			o                  Options
			cause              transport.Cause
			absent             bool
			want               Provenance
			asked              []string
		}{
			"built from the commit":                   {image: g.image, tag: g.tag, commit: g.commit, want: FromCommit, asked: renewed},
			"built from another":                      {image: g.image, tag: g.tag, commit: other, want: OtherCommit, asked: []string{ping, token, found, get("blobs/DIGEST"), head("manifests/" + other), head("manifests/sha-" + other[:7])}},
			"no commit to compare":                    {image: g.image, tag: g.tag, want: provenanceUnknown, asked: renewed[:4]},
			"the tag of the commit":                   {image: g.image, tag: g.commit, commit: g.commit, want: FromCommit, asked: []string{ping, token, get("manifests/" + g.commit), get("blobs/DIGEST")}},
			"missing tag":                             {image: g.image, tag: "v9.9.9", commit: g.commit, absent: true, asked: []string{ping, token, get("manifests/v9.9.9"), get("tags/list")}},
			"a tag in capitals":                       {image: g.image, tag: strings.ToUpper(g.tag), commit: g.commit, absent: true, asked: []string{ping, token, get("manifests/" + strings.ToUpper(g.tag)), get("tags/list")}},
			"wrong password, unused":                  {image: g.image, tag: g.tag, commit: g.commit, o: Options{Keychain: holding(g, "not-the-password")}, want: FromCommit, asked: renewed},
			"a token that is no good":                 {image: g.hidden, tag: g.tag, commit: g.commit, o: Options{Keychain: heldToken(g)}, cause: transport.Credentials},
			"hidden":                                  {image: g.hidden, tag: g.tag, commit: g.commit, cause: transport.Credentials},
			"hidden, wrong password":                  {image: g.hidden, tag: g.tag, commit: g.commit, o: Options{Keychain: holding(g, "not-the-password")}, cause: transport.Credentials},
			"GitHub's token is not for this registry": {image: g.hidden, tag: g.tag, commit: g.commit, o: Options{GitHubToken: transport.NewToken(secret)}, cause: transport.Credentials},
		} {
			t.Run(name, func(t *testing.T) {
				l := g.line(t)
				img, err := l.client(c.o).Inspect(t.Context(), c.image, c.tag, c.commit)
				for _, n := range l.notes {
					if !strings.HasSuffix(c.image, "hidden") && strings.HasSuffix(n, " Basic") {
						t.Errorf("credentials were given for what everybody may see: %s", n)
					}
				}
				if c.asked == nil {
					c.asked = l.notes
				}
				l.asked(img, c.asked...)
				switch {
				case c.absent:
					if _, is := transport.CauseOf(err); !errors.Is(err, ErrAbsent) || is {
						t.Errorf("error is %v, want ErrAbsent", err)
					}
				case c.want == provenanceUnknown && c.commit != "":
					if p := wantCause(t, err, c.cause); !strings.Contains(p.Text, "it doesn't exist, or it is private") || p.Hint == "" {
						t.Error(p)
					}
				default:
					wantProvenance(t, img, err, c.want, "")
					if !strings.HasPrefix(img.Digest, "sha256:") || img.Revision != g.commit || img.Created.IsZero() ||
						len(img.Platforms) != 1 || img.Platforms[0] != "linux/amd64" || img.attestations != 0 {
						t.Errorf("image is %+v", img)
					}
				}
			})
		}
	})
}

func holding(g ground, password string) keys {
	host, _, _ := strings.Cut(g.image, "/")
	return keys{host: {Username: robot, Password: password}}
}

func heldToken(g ground) keys {
	host, _, _ := strings.Cut(g.image, "/")
	return keys{host: authn.AuthConfig{RegistryToken: "a-token-that-is-no-good"}}
}

// A second look costs less, and a third after the token's end no more than four. How else
// the tag may be written is asked once.
func TestContractOfASecondLook(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		l := g.line(t)
		c := l.client(Options{})
		look := func(tag string, asked ...string) {
			t.Helper()
			img, err := c.Inspect(t.Context(), g.image, tag, g.commit)
			if tag != g.tag {
				if !errors.Is(err, ErrAbsent) {
					t.Errorf("error is %v, want ErrAbsent", err)
				}
			} else {
				wantProvenance(t, img, err, FromCommit, "names the commit")
			}
			l.asked(img, asked...)
		}
		found, blob := get("manifests/"+g.tag), get("blobs/DIGEST")
		look("v9.9.9", ping, token, get("manifests/v9.9.9"), get("tags/list"))
		look("v9.9.9", get("manifests/v9.9.9"), get("tags/list"))
		look(g.tag, append([]string{found, blob}, g.respelled()...)...)
		// The token that is remembered is no longer good.
		l.token, l.from = func(token string) string { l.token = nil; return g.ended(token) }, 1
		look(g.tag, found, token, found, blob)
		look(g.tag, found, blob)
	})
}

// A token that ends between two requests is renewed, and what that leaves no
// request for is asked the next time.
func TestContractOfATokenThatEnds(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		found, blob := get("manifests/"+g.tag), get("blobs/DIGEST")
		none, list := get("manifests/v9.9.9"), get("tags/list")
		end := func(l *line, request int) {
			l.from, l.token = request, func(token string) string { l.token = nil; return g.ended(token) }
		}
		t.Run("before the configuration", func(t *testing.T) {
			l := g.line(t)
			c := l.client(Options{})
			end(l, 4)
			img, err := c.Inspect(t.Context(), g.image, g.tag, g.commit)
			wantProvenance(t, img, err, provenanceUnknown, "not checked: when and from what")
			l.asked(img, ping, token, found, blob, token)
			img, err = c.Inspect(t.Context(), g.image, g.tag, g.commit)
			wantProvenance(t, img, err, FromCommit, "names the commit")
			l.asked(img, append([]string{found, blob}, g.respelled()...)...)
		})
		t.Run("before the list of tags", func(t *testing.T) {
			l := g.line(t)
			c := l.client(Options{})
			end(l, 4)
			img, err := c.Inspect(t.Context(), g.image, "v9.9.9", g.commit)
			wantCause(t, err, transport.Unreachable)
			l.asked(img, ping, token, none, list, token)
			img, err = c.Inspect(t.Context(), g.image, "v9.9.9", g.commit)
			if !errors.Is(err, ErrAbsent) {
				t.Errorf("error is %v, want ErrAbsent", err)
			}
			l.asked(img, none, list)
		})
		t.Run("at once", func(t *testing.T) {
			l := g.line(t)
			l.from, l.token = 1, g.ended
			img, err := l.client(Options{}).Inspect(t.Context(), g.image, g.tag, g.commit)
			if p := wantCause(t, err, transport.Credentials); !strings.Contains(p.Text, "it doesn't exist, or it is private") {
				t.Error(p)
			}
			l.asked(img, ping, token, found)
		})
	})
}

// Wherever a connection fails, nothing is known: neither that the tag is there
// nor that it is absent. When the line is good again, so is the answer.
func TestContractOfABadLine(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		for how, says := range map[harm]string{reset: "closed the connection", hangup: "closed the connection", stall: "timed out", refuse: "can't reach"} {
			for _, where := range []place{inHeader, inBody} {
				for request := 1; request <= 4; request++ {
					for _, tag := range []string{g.tag, "v9.9.9"} {
						if how == refuse && where == inBody {
							continue
						}
						t.Run(fmt.Sprintf("%d %d request %d for %s", how, where, request, tag), func(t *testing.T) {
							l := g.line(t)
							c := l.client(Options{})
							l.hurt(c, request, how, where)
							img, err := c.Inspect(t.Context(), g.image, tag, g.commit)
							if p := wantCause(t, err, transport.Unreachable); !strings.Contains(p.Text, says) || p.Hint == "" {
								t.Errorf("%v does not say %q with a hint", p, says)
							}
							if len(l.notes) != request || img.Requests != request {
								t.Errorf("went on after request %d: %q", request, l.notes)
							}
							l.mend(c)
							img, err = c.Inspect(t.Context(), g.image, tag, g.commit)
							if tag == g.tag {
								wantProvenance(t, img, err, FromCommit, "names the commit")
							} else if !errors.Is(err, ErrAbsent) {
								t.Errorf("error is %v, want ErrAbsent", err)
							}
						})
					}
				}
			}
		}
	})
}

func TestContractOfASlowLine(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		for request := 1; request <= 4; request++ {
			l := g.line(t)
			c := l.client(Options{})
			l.hurt(c, request, dribble, inHeader)
			img, err := c.Inspect(t.Context(), g.image, g.tag, g.commit)
			wantProvenance(t, img, err, FromCommit, "names the commit")
		}
	})
}

func TestContractOfGivingUp(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		for request := 1; request <= 4; request++ {
			for _, where := range []place{inHeader, inBody} {
				l := g.line(t)
				c := l.client(Options{})
				l.hurt(c, request, stall, where)
				ctx, cancel := context.WithCancel(t.Context())
				c.limit = func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} }
				go func() {
					<-l.stuck
					cancel()
				}()
				_, err := c.Inspect(ctx, g.image, g.tag, g.commit)
				wantCause(t, err, transport.Cancelled)
				cancel()
			}
		}
	})
}
