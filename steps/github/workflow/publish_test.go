package workflow_test

import (
	"fmt"
	"strings"
	"testing"

	"catalog-runbook/steps/github/workflow"
)

const reference = "ghcr.io/wordpress/openverse-catalog"

var released = workflow.Run{Event: "release", Repository: "WordPress/openverse-catalog", Tag: "v1.5.4", Commit: strings.Repeat("ab", 20)}

func parse(t *testing.T, text string) *workflow.File {
	t.Helper()
	f, err := workflow.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const login = `
      - uses: docker/login-action@v3
        with: {registry: ghcr.io, username: me, password: "${{ secrets.GITHUB_TOKEN }}"}`

// TestPublishers: which jobs push the image is taken from what they do, not from names.
func TestPublishers(t *testing.T) {
	for _, c := range []struct {
		name, head, jobs string
		want             string // "id", "id?" if it isn't certain, "id~" if it is hidden, "id!" if it pushes nothing now, "-id" if it is left out
	}{
		{name: "an action with an expression", jobs: `
  build:
    steps:
      - uses: docker/build-push-action@v6
        with: {push: true, tags: "ghcr.io/${{ github.repository }}:${{ github.ref_name }}"}
  lint:
    steps: [{run: make lint}]`, want: "build"},
		{name: "GitHub's starter workflow", head: `
env:
  REGISTRY: ghcr.io
  IMAGE_NAME: ${{ github.repository }}`, jobs: `
  ship:
    steps:
      - id: meta
        uses: docker/metadata-action@v5
        with: {images: "${{ env.REGISTRY }}/${{ env.IMAGE_NAME }}"}
      - uses: docker/build-push-action@v6
        with: {push: "${{ github.event_name != 'pull_request' }}", tags: "${{ steps.meta.outputs.tags }}"}`, want: "ship"},
		{name: "kaniko", jobs: `
  build:
    steps: [{run: "/kaniko/executor --destination=ghcr.io/wordpress/openverse-catalog:1"}]`, want: "build"},
		{name: "kaniko, its value apart", jobs: `
  build:
    steps: [{run: "/kaniko/executor -d ghcr.io/wordpress/openverse-catalog:1 --context ."}]`, want: "build"},
		{name: "kaniko that only builds", jobs: `
  build:
    steps: [{run: "/kaniko/executor --destination=ghcr.io/wordpress/openverse-catalog:1 --no-push"}]`, want: ""},
		{name: "oras", jobs: `
  build:
    steps: [{run: "oras copy a ghcr.io/wordpress/openverse-catalog:1"}]`, want: "build"},
		{name: "gcrane", jobs: `
  build:
    steps: [{run: "gcrane cp a ghcr.io/wordpress/openverse-catalog:1"}]`, want: "build"},
		{name: "Cloud Build", jobs: `
  build:
    steps: [{run: "gcloud builds submit -t ghcr.io/wordpress/openverse-catalog:1"}]`, want: "build"},
		{name: "Cloud Build of another image", jobs: `
  build:
    steps: [{run: "gcloud builds submit -t ghcr.io/wordpress/openverse-api:1"}]`, want: ""},
		{name: "a release by GoReleaser", jobs: `
  build:
    steps: [{run: "goreleaser release --clean"}]`, want: "build~"},
		{name: "a build by GoReleaser", jobs: `
  build:
    steps: [{run: "goreleaser build"}]`, want: ""},
		{name: "Jib", jobs: `
  build:
    steps: [{run: "./gradlew jib"}]`, want: "build~"},
		{name: "an action that does not push for a release", jobs: `
  build:
    steps:
      - uses: docker/build-push-action@v6
        with: {push: "${{ github.event_name == 'push' }}", tags: "ghcr.io/wordpress/openverse-catalog:x"}`, want: "build!"},
		{name: "an action that only builds", jobs: `
  build:
    steps:
      - uses: docker/build-push-action@v6
        with: {load: true, tags: "ghcr.io/wordpress/openverse-catalog:x"}`},
		{name: "an export to the registry", jobs: `
  build:
    steps:
      - uses: docker/build-push-action@v6
        with: {outputs: "type=image,name=ghcr.io/wordpress/openverse-catalog,push-by-digest=true,push=true"}`, want: "build"},
		{name: "a script", jobs: `
  images:
    steps:
      - run: |
          docker load --input /tmp/image.tar
          for tag in latest "$GITHUB_SHA"; do
            docker tag catalog "ghcr.io/wordpress/openverse-catalog:$tag"
          done
          docker push --all-tags ghcr.io/wordpress/openverse-catalog`, want: "images"},
		{name: "a script with variables", head: `
env: {OWNER: wordpress}`, jobs: `
  images:
    steps:
      - run: |
          IMAGE=ghcr.io/$OWNER/openverse-catalog
          if [ "$GITHUB_EVENT_NAME" = release ]; then sudo docker push "${IMAGE,,}:$(cat VERSION)"; fi`, want: "images"},
		{name: "a script that pushes with buildx", jobs: `
  images:
    steps:
      - run: docker buildx build --platform linux/amd64 -t ghcr.io/WordPress/openverse-catalog:${{ github.sha }} --push .
  local:
    steps:
      - run: docker buildx build -t ghcr.io/WordPress/openverse-catalog:x --load .`, want: "images"},
		{name: "an image of another name, and one whose name is known to GitHub only", jobs: `
  docs:
    steps:
      - run: docker push ghcr.io/wordpress/openverse-docs:x
  images:
    steps:
      - run: docker push ghcr.io/wordpress/${{ matrix.image }}:x`, want: "images?"},
		{name: "a copy, a tag and a manifest", jobs: `
  a: {steps: [{run: "skopeo copy docker://ttl.sh/x docker://ghcr.io/wordpress/openverse-catalog:x"}]}
  b: {steps: [{run: "crane tag ghcr.io/wordpress/openverse-catalog:sha v1"}]}
  c: {steps: [{run: "docker buildx imagetools create -t ghcr.io/wordpress/openverse-catalog:x ghcr.io/wordpress/openverse-catalog@sha256:00"}]}`, want: "a b c"},
		{name: "the same name at another registry", jobs: `
  hub: {steps: [{run: "docker push wordpress/openverse-catalog:x"}]}
  quay: {steps: [{run: "docker push quay.io/wordpress/openverse-catalog:x"}]}
  other: {steps: [{run: "docker push quay.io/wordpress/catalog:x"}]}`, want: "hub? quay?"},
		{name: "the same name at another registry too", jobs: `
  hub: {steps: [{run: "docker push wordpress/openverse-catalog:x"}]}
  ghcr: {steps: [{run: "docker push ghcr.io/wordpress/openverse-catalog:x"}]}`, want: "ghcr"},
		{name: "what is pushed is unknown, and where one logs in is not", jobs: `
  hub:
    steps:
      - uses: docker/login-action@v3
      - run: docker push "$IMAGE"
  images:
    steps:` + login + `
      - run: docker push "$IMAGE"`, want: "images?"},
		{name: "a login and a script of the repository", jobs: `
  images:
    steps:` + login + `
      - run: just push-image
  test:
    steps:
      - run: just release`, want: "images?"},
		{name: "scripts, actions and workflows that say nothing", jobs: `
  a: {steps: [{run: just release}]}
  b: {steps: [{uses: ./.github/actions/publish}]}
  c: {uses: o/r/.github/workflows/x.yml@v1}
  d: {uses: ./.github/workflows/absent.yml}
  e: {steps: [{run: make test}, {uses: softprops/action-gh-release@v2}]}`, want: "a~ b~ c~ d~"},
		{name: "a login and an action of the repository", jobs: `
  images:
    steps:
      - run: echo "$TOKEN" | docker login ghcr.io -u me --password-stdin
      - uses: ./.github/actions/publish`, want: "images?"},
		{name: "a job for other events, and one for this", jobs: `
  nightly:
    if: github.event_name == 'schedule'
    steps: [{run: "docker push ghcr.io/wordpress/openverse-catalog:nightly"}]
  release:
    if: ${{ startsWith(github.ref, 'refs/tags/v') && !github.event.release.prerelease }}
    steps: [{run: "docker push ghcr.io/wordpress/openverse-catalog:x"}]`, want: "-nightly release"},
		{name: "variables that refer to themselves", head: `
env: {A: "${{ env.B }}${{ env.B }}", B: "${{ env.A }}${{ env.A }}"}`, jobs: `
  images: {steps: [{run: "docker push ${{ env.A }}"}]}`, want: "images?"},
		{name: "no shell", jobs: `
  images:
    steps:` + login + `
      - shell: pwsh
        run: |
          foreach ($t in @("a")) { docker push "ghcr.io/x:$t" }`, want: "images?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := parse(t, "on: release"+c.head+"\njobs:"+c.jobs)
			var got []string
			for _, p := range f.Publishers(released, reference, nil) {
				id := p.ID
				if p.Hidden {
					id += "~"
				} else if !p.Certain {
					id += "?"
				}
				if p.Never {
					id += "!"
				}
				if p.Unmeant {
					id = "-" + id
				}
				got = append(got, id)
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%q, want %q", s, c.want)
			}
		})
	}
}

// TestNames: GitHub lists jobs and steps under names that it makes of the file's.
func TestNames(t *testing.T) {
	f := parse(t, `
on: release
jobs:
  call:
    name: Ship it
    uses: ./.github/workflows/build.yml
    with: {image: openverse-catalog}
  plain:
    steps: [{run: "docker push ghcr.io/wordpress/openverse-catalog:b"}]
  many:
    name: Publish for ${{ matrix.arch }}
    strategy: {matrix: {arch: [amd64, arm64]}}
    steps:
      - name: Push ${{ github.ref_name }}
        run: docker push ghcr.io/wordpress/openverse-catalog:a
      - uses: docker/build-push-action@v6
        with: {push: true, tags: ghcr.io/wordpress/openverse-catalog}
      - run: |

          docker push ghcr.io/wordpress/openverse-catalog:c
          echo done
      - run: echo done
`)
	called := parse(t, `
on:
  workflow_call:
    inputs: {image: {type: string}, host: {type: string, default: ghcr.io}}
jobs:
  images:
    strategy: {matrix: {of: [a]}}
    steps: [{run: "docker push ${{ inputs.host }}/wordpress/${{ inputs.image }}"}]
`)
	if calls := f.Calls(); len(calls) != 1 || calls[0] != ".github/workflows/build.yml" {
		t.Errorf("it calls %q", calls)
	}
	all := f.Publishers(released, reference, map[string]*workflow.File{".github/workflows/build.yml": called})
	is := func(name string) (ids []string) {
		for _, p := range all {
			if p.Is(name) {
				ids = append(ids, p.ID)
			}
		}
		return ids
	}
	for name, want := range map[string]string{
		"plain": "[plain]", "many": "[]", "plain 2": "[]",
		"Publish for amd64": "[many]", "Publish for ${{ matrix.arch }}": "[many]",
		"Ship it": "[call / images]", "Ship it / images": "[call / images]", "Ship it / images (a)": "[call / images]", "Ship it / lint": "[]",
	} {
		if got := fmt.Sprint(is(name)); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for _, p := range all {
		if p.ID != "many" {
			continue
		}
		for name, want := range map[string]bool{
			"Push v1.5.4": true, "Run docker/build-push-action@v6": true, "Run docker push ghcr.io/wordpress/openverse-catalog:c": true,
			"Run echo done": false, "Post Run docker/build-push-action@v6": false,
		} {
			if p.Pushes(name) != want {
				t.Errorf("the step %q pushes: %t", name, !want)
			}
		}
	}
}

func TestTriggers(t *testing.T) {
	f := parse(t, `
on:
  release: {types: [released, prereleased]}
  push: {branches: [main]}
  workflow_dispatch:
jobs: {a: {steps: [{run: "true"}]}}`)
	if got := fmt.Sprint(f.Triggers()); got != "[{release [released prereleased] false} {push [] false} {workflow_dispatch [] false}]" {
		t.Error(got)
	}
	f = parse(t, "on: [push, create]\njobs: {a: {steps: [{run: 'true'}]}}")
	if got := fmt.Sprint(f.Triggers()); got != "[{push [] true} {create [] false}]" {
		t.Error(got)
	}
}

// FuzzPublishers: nothing that stands in a file makes reading it fail badly or go on.
func FuzzPublishers(f *testing.F) {
	for _, seed := range []string{
		"on: release\njobs: {a: {steps: [{run: docker push x}]}}",
		"on: release\nenv: {A: \"${{ env.A }}${{ format('{0}', env.B) }}\"}\njobs: {a: {if: \"!cancelled() && 1 < '2'\", uses: ./.github/workflows/a.yml, with: {x: \"${{ inputs.y }}\"}}}",
		"jobs:\n  a:\n    name: ${{ matrix.x }}\n    strategy: {matrix: {x: [1]}}\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {push: '${{ true }}', tags: 'a,b'}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := workflow.Parse(data)
		if err != nil {
			return
		}
		file.Triggers()
		called := map[string]*workflow.File{}
		for _, at := range file.Calls() {
			called[at] = file
		}
		for _, p := range file.Publishers(released, reference, called) {
			p.Is("a")
			p.Pushes("Run docker push x")
		}
	})
}
