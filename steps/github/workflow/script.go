package workflow

import (
	"path"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
	"mvdan.cc/sh/v3/syntax"
)

// script returns what the commands of a step have to do with registries. Commands that a
// condition of the shell may leave out count too.
func (s *scope) script(e *actionlint.ExecRun) stepUse {
	text := s.text(e.Run)
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return stepUse{opaque: maybePushes(text)} // PowerShell, Python, ...
	}
	sh := shell{scope: s, set: map[string]string{}}
	var use stepUse
	syntax.Walk(file, func(node syntax.Node) bool {
		call, ok := node.(*syntax.CallExpr)
		if !ok {
			return true
		}
		if len(call.Args) == 0 {
			for _, a := range call.Assigns {
				sh.assign(a)
			}
			return true
		}
		var words []string
		for _, w := range call.Args {
			words = append(words, sh.word(w.Parts))
		}
		use.command(words)
		return true
	})
	return use
}

// A shell knows the variables that a script has set so far.
type shell struct {
	scope *scope
	set   map[string]string
}

func (sh shell) assign(a *syntax.Assign) {
	value := gap
	if a.Value != nil && !a.Append {
		value = sh.word(a.Value.Parts)
	}
	if before, twice := sh.set[a.Name.Value]; twice && before != value {
		value = gap
	}
	sh.set[a.Name.Value] = value
}

func (sh shell) word(parts []syntax.WordPart) string {
	var b strings.Builder
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			b.WriteString(strings.ReplaceAll(p.Value, `\`, ""))
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			b.WriteString(sh.word(p.Parts))
		case *syntax.ParamExp:
			b.WriteString(sh.parameter(p))
		default:
			b.WriteString(gap)
		}
	}
	return b.String()
}

func (sh shell) parameter(p *syntax.ParamExp) string {
	if p.Param == nil || p.Excl || p.Length || p.Width || p.Index != nil || p.Slice != nil || p.Repl != nil || p.Exp != nil && p.Exp.Op != syntax.LowerAll {
		return gap
	}
	value, ok := sh.set[p.Param.Value]
	if !ok {
		value = sh.variable(p.Param.Value)
	}
	if p.Exp != nil {
		return strings.ToLower(value)
	}
	return value
}

// variable returns the value of a variable of the environment: one that the file sets, or
// one of the runner's own.
func (sh shell) variable(name string) string {
	if value := textOf(sh.scope.variableOf(name)); value != gap {
		return value
	}
	if own, ok := strings.CutPrefix(name, "GITHUB_"); ok {
		return textOf(sh.scope.variable("github." + strings.ToLower(own)))
	}
	return gap
}

// wrappers are commands that run the command behind them.
var wrappers = []string{"sudo", "env", "time", "exec", "command", "retry", "nice", "eval", "then", "do"}

// command adds what one command, as its words, has to do with registries.
func (use *stepUse) command(words []string) {
	for len(words) > 0 && (slices.Contains(wrappers, words[0]) || strings.Contains(words[0], "=")) {
		words = words[1:]
	}
	if len(words) < 2 {
		if len(words) == 1 && maybePushes(words[0]) {
			use.opaque = true
		}
		return
	}
	plain, tags := arguments(words[1:])
	sub := strings.Join(plain[:min(len(plain), 3)], " ")
	is := func(prefix string) bool { return sub == prefix || strings.HasPrefix(sub, prefix+" ") }
	last := func() []string { return plain[len(plain)-1:] }
	flag := func(name string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return w == name || w == name+"=true" })
	}
	exports := slices.ContainsFunc(words, func(w string) bool {
		return strings.Contains(w, "type=registry") || strings.Contains(w, "push=true")
	})
	add := func(targets ...string) { use.pushes = append(use.pushes, push{targets: targets}) }
	switch tool := path.Base(words[0]); {
	case slices.Contains([]string{"docker", "podman", "buildah", "nerdctl"}, tool):
		switch {
		case is("login"):
			use.logins = append(use.logins, host(plain[1:]))
		case is("push") || is("image push") || is("manifest push"):
			if len(plain) > 1+strings.Count(sub[:strings.Index(sub, "push")], " ") {
				add(last()...)
			} else {
				add()
			}
		case is("compose push"):
			add()
		case is("buildx imagetools create"):
			add(tags...)
		case is("buildx bake") && (flag("--push") || exports):
			add()
		case (is("build") || is("buildx build") || is("image build") || is("builder build")) && (flag("--push") || exports):
			add(tags...)
		case is("compose build") && flag("--push"):
			add()
		}
	case tool == "docker-compose" && is("push"), tool == "ko" && (is("build") || is("publish") || is("resolve") || is("apply")):
		add()
	case tool == "skopeo" && is("login"):
		use.logins = append(use.logins, host(plain[1:]))
	case tool == "crane" && is("auth login"), tool == "regctl" && is("registry login"):
		use.logins = append(use.logins, host(plain[2:]))
	case tool == "skopeo" && is("copy"), tool == "regctl" && is("image copy"), (tool == "crane" || tool == "gcrane" || tool == "oras") && (is("push") || is("copy") || is("cp")):
		add(last()...)
	case tool == "crane" && is("tag") && len(plain) > 1:
		add(plain[1])
	case tool == "pack" && is("build") && flag("--publish"):
		add(append(tags, plain[1:]...)...)
	case tool == "gcloud" && is("builds submit"), tool == "az" && is("acr build"):
		add(tags...)
	case (tool == "executor" || tool == "kaniko") && !flag("--no-push"):
		for i, w := range words {
			if to, ok := strings.CutPrefix(w, "--destination="); ok {
				add(to)
			} else if (w == "--destination" || w == "-d") && i+1 < len(words) {
				add(words[i+1])
			}
		}
	case tool == "goreleaser" && is("release"):
		use.opaque = true // its own file says whether that has images
	case slices.Contains([]string{"make", "just", "task", "npm", "yarn", "pnpm", "bash", "sh", "python", "python3", "earthly", "dagger", "nix", "bazel", "mage", "gradle", "./gradlew", "mvn", "./mvnw"}, tool) || strings.HasPrefix(words[0], "./"):
		use.opaque = use.opaque || maybePushes(strings.Join(words, " "))
	}
}

// host returns the first of some words, or "".
func host(words []string) string {
	if len(words) > 0 {
		return words[0]
	}
	return ""
}

// valued are the flags of these tools that take the next word as their value.
var valued = []string{"-u", "--username", "-p", "--password", "-f", "--file", "--platform", "--build-arg", "--cache-from", "--cache-to", "--label",
	"--target", "-o", "--output", "--builder", "--secret", "--ssh", "--annotation", "--metadata-file", "--creds", "--authfile", "--progress", "--build-context", "--iidfile", "--provenance", "--sbom", "--set", "--digestfile", "--format", "--context", "-H", "--host", "--config"}

// arguments returns the words that are no flags and no values of flags, and the values of
// -t and --tag.
func arguments(words []string) (plain, tags []string) {
	for i := 0; i < len(words); i++ {
		w := words[i]
		name, value, joined := strings.Cut(w, "=")
		switch {
		case name == "-t" || name == "--tag":
			if !joined && i+1 < len(words) {
				i++
				value = words[i]
			}
			tags = append(tags, value)
		case slices.Contains(valued, w):
			i++
		case !strings.HasPrefix(w, "-") && w != "":
			plain = append(plain, w)
		}
	}
	return plain, tags
}

// maybePushes reports whether a command's words, or a path, are about publishing.
func maybePushes(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "push") || strings.Contains(text, "publish") || strings.Contains(text, "release") || strings.Contains(text, "deploy") || strings.Contains(text, "jib")
}
