package hazard

import (
	"path"
	"slices"
	"strings"
)

// effect is what a command does to what other people use.
type effect int

const (
	none      effect = iota
	publishes        // it hands something out that others may take: a package, a branch
	changes          // it deploys, migrates or deletes something, or changes its state
)

// runners start what a project defines under a name: "make deploy".
var runners = terms(" just make gmake task npm yarn pnpm bun rake rails invoke inv fab mage nox tox composer gradle gradlew mvnw bundle ")

// readers only show something, whatever their arguments are named.
var readers = terms(" cat man grep egrep rg less more head tail echo printf which whereis type command-not-found vi vim nvim nano emacs code cp mv mkdir touch chmod ls tree cd find diff open stat file wc awk sed jq yq history export source-highlight bat test git brew apt apt-get pip asdf ")

// starters stand before the program that they run.
var starters = terms(" alias sudo doas env time exec command nohup nice eval do then else if while until ! $ % # > bash sh zsh source . python python3 node ruby xargs timeout watch yes npx uv poetry pipenv bundle run exec -- { ./ov ov ")

// acts are the words of scripts' and targets' names that say what these do.
var acts = terms(" apply destroy deploy redeploy undeploy rollback rollout migrate delete undo promote teardown decommission ")

// trials are words by which a name or an option says that nothing is changed.
var trials = terms(" check dry preview preflight plan diff render status validate verify lint show list logs help ")

// terms are words with a space on both sides of each. Unlike a map it costs nothing when the
// program starts.
type terms string

func (l terms) has(word string) bool {
	for at := 0; word != ""; {
		i := strings.Index(string(l[at:]), word)
		if i < 0 {
			return false
		}
		at += i
		if end := at + len(word); at > 0 && l[at-1] == ' ' && end < len(l) && l[end] == ' ' {
			return true
		}
		at++
	}
	return false
}

// decisive are the tools whose first words alone say what they do.
var decisive = terms(" terraform tofu terragrunt kubectl ")

// effectOf returns what one command does, given the words between two of a shell's
// separators.
func effectOf(words []string) effect {
	at := start(words)
	if at == len(words) {
		if slices.ContainsFunc(words, func(w string) bool { return applies(w) && strings.Contains(w, "=") }) {
			return changes // the arguments of another command: "-e airflow_apply=true"
		}
		return none
	}
	reads, known := readers.has(path.Base(words[at])), false
	for i := at; i < len(words) && (!reads || i == at); i++ {
		name, rest := path.Base(words[i]), words[i+1:]
		of, ok := deedsOf(name)
		known = known || decisive.has(name)
		if ok && onTrial(name, rest) || runners.has(name) && shows(rest) {
			return none
		}
		switch {
		case !ok || anyFollows(rest, of.shows):
		case anyFollows(rest, of.changes):
			return changes
		case anyFollows(rest, of.publishes):
			return worse(name, rest)
		}
		if runners.has(name) && runs(name, rest) {
			return changes
		}
	}
	program, arguments := words[at], words[at+1:]
	switch {
	case reads:
		return none
	case hasSQL(words[at:]) || slices.ContainsFunc(words[at:], migratesDatabase) || copies(path.Base(program), arguments):
		return changes
	case !looksLikeProgram(program) || onTrial(program, arguments):
		return none
	case script(program) && !tries(arguments), named(program, acts) && slices.ContainsFunc(arguments, isLive):
		return changes
	case !known && len(words) > 1 && slices.ContainsFunc(words, applies), at > 0 && acts.has(program) && (words[at-1] == "run" || words[at-1] == "exec"):
		return changes
	case !known && !strangers.has(path.Base(program)) && asksTo(acts, arguments):
		return changes
	}
	return none
}

// strangers are programs whose arguments are names of people or of files, which may be
// called as what others do.
var strangers = terms(" ssh su id adduser useradd usermod deluser passwd chown chgrp tar zip unzip make pytest python ruff black isort flake8 mypy eslint prettier shellcheck docker podman ")

// asksTo reports whether one of the first two words behind a program, which are its
// subcommands or the name of a task ("ferry:deploy", ".#deploy"), is in a set.
func asksTo(in terms, words []string) bool {
	seen := 0
	for i, word := range words {
		if strings.HasPrefix(word, "-") {
			continue
		}
		if task := word[1+strings.LastIndexAny(word, ":#+"):]; in.has(task) {
			return !tries(words[i+1:])
		}
		if seen++; seen == 2 || named(word, trials) || word == "get" || word == "describe" || word == "view" {
			return false
		}
	}
	return false
}

// tries reports whether the first argument says that nothing is changed: "deploy.sh diff".
func tries(arguments []string) bool {
	i := slices.IndexFunc(arguments, func(w string) bool { return !strings.HasPrefix(w, "-") })
	return i >= 0 && named(arguments[i], trials) && !named(arguments[i], acts)
}

// copies reports whether files are copied to another machine, or folders of this one are
// deleted that belong to no work tree.
func copies(program string, words []string) bool {
	if len(words) < 2 {
		return false
	}
	last := words[len(words)-1]
	switch program {
	case "scp", "rsync":
		return strings.Contains(last, ":") && !slices.Contains(words, "-n")
	case "rm":
		return strings.HasPrefix(last, "/") && !strings.HasPrefix(last, "/tmp/") && strings.HasPrefix(words[0], "-") && strings.ContainsAny(words[0], "rR")
	case "curl", "http", "https":
		method := strings.ToUpper(strings.Join(words, " "))
		return strings.Contains(method, "DELETE ") || strings.Contains(method, "-XDELETE") ||
			(strings.Contains(method, "POST") || strings.Contains(method, "PUT")) && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, "/") && named(w, acts) })
	}
	return false
}

// start returns the index of the program behind assignments, options and programs that
// only start another.
func start(words []string) int {
	for i, word := range words {
		if !starters.has(strings.TrimPrefix(word, "/usr/bin/")) && !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") {
			return i
		}
	}
	return len(words)
}

// anyFollows reports whether the words behind a tool begin with one of its subcommands,
// which a comma separates.
func anyFollows(words []string, subcommands string) bool {
	for subcommands != "" {
		var one string
		one, subcommands, _ = strings.Cut(subcommands, ", ")
		if follows(words, one) {
			return true
		}
	}
	return false
}

// follows reports whether the words behind a tool begin with a subcommand. Options may
// stand before each of its words, with a value or without.
func follows(words []string, subcommand string) bool {
	if subcommand == "" {
		return true
	}
	first, rest, _ := strings.Cut(subcommand, " ")
	value := false // the word may be the value of an option
	for i, word := range words {
		option := strings.HasPrefix(word, "-")
		if ok, _ := path.Match(first, word); ok && (first != "*" || !option) && follows(words[i+1:], rest) {
			return true
		}
		if !option && !value {
			return false
		}
		value = option && !strings.Contains(word, "=")
	}
	return false
}

// onTrial reports whether the options of a command say that it only shows something.
func onTrial(tool string, words []string) bool {
	for i, word := range words {
		switch word {
		case "-h":
			if tool != "dropdb" {
				return true
			}
		case "--help", "-help", "--version", "--check", "--syntax-check", "--list-tasks", "--list-hosts", "--just-print", "--noop", "--preview":
			return true
		case "help", "explain":
			return i == 0
		case "-C":
			if tool == "ansible-playbook" {
				return true
			}
		}
		if option, value, _ := strings.Cut(word, "="); (option == "--dry-run" || option == "--dryrun") && value != "none" && value != "false" {
			return true
		}
	}
	return false
}

// worse returns what a subcommand does that publishes something, or more, by its arguments:
// a workflow that deploys.
func worse(tool string, words []string) effect {
	if tool == "gh" && len(words) > 1 && words[0] == "workflow" && slices.ContainsFunc(words[2:], func(w string) bool { return named(w, acts) || isLive(w) }) {
		return changes
	}
	return publishes
}

// runs reports whether a runner is told to start something that changes what is deployed.
func runs(runner string, words []string) bool {
	for i, word := range words {
		switch {
		case strings.HasPrefix(word, "-"):
		case strings.HasPrefix(word, "db:"):
			return migratesDatabase(word)
		case named(word, acts) && !named(word, trials):
			return true
		case word == "up" && i+1 < len(words) && isLive(words[i+1]), applies(word):
			return true
		case runner != "just" && (word == "run" || word == "exec" || word == "run-script"), strings.Contains(word, "="):
		case runner != "make" && runner != "just":
			return false // the arguments of what is started
		case runner == "just" && named(word, trials):
			return false
		}
	}
	return false
}

// shows reports whether the options directly behind a runner say that it only shows what it
// would start.
func shows(words []string) bool {
	for _, word := range words {
		switch word {
		case "--show", "-s", "--list", "-l", "--summary", "--dump", "--evaluate", "--usage", "-n", "--dry-run", "--just-print":
			return true
		}
		if !strings.HasPrefix(word, "-") {
			break
		}
	}
	return false
}

// named reports whether one of the parts of a word is in a set.
func named(word string, in terms) bool {
	for from := 0; from < len(word); {
		to := from
		for to < len(word) && word[to] >= 'a' && word[to] <= 'z' {
			to++
		}
		if in.has(word[from:to]) {
			return true
		}
		from = to + 1
	}
	return false
}

var live = terms(" prod production live staging stage ")

// isLive reports whether a word names an environment that others use, also as the value of
// a variable.
func isLive(word string) bool {
	_, value, ok := strings.Cut(word, "=")
	if !ok {
		value = word
	}
	return named(value, live)
}

// folders are those in which scripts lie, as paths begin with them.
const folders = terms(" . .. ~ bin script scripts tool tools hack ops ci .ci infra deploy deployment dev dist ")

// script reports whether a program is a script whose name says that it changes what is
// deployed.
func script(program string) bool {
	base := path.Base(program)
	ext := path.Ext(base)
	if folder, _, _ := strings.Cut(program, "/"); ext == "" && !folders.has(folder) && folder != "" {
		return false // a name such as role/deploy-web
	}
	return (base != program || ext == ".sh" || ext == ".py") && (ext == "" || ext == ".sh" || ext == ".py" || ext == ".js" || ext == ".rb" || ext == ".ps1") &&
		named(base, acts) && !named(base, trials)
}

var tasks = terms(" migrate rollback drop reset setup seed ")

// migratesDatabase reports whether a word is a task that changes a database: "db:migrate".
func migratesDatabase(word string) bool {
	task, ok := strings.CutPrefix(word, "db:")
	return ok && named(task, tasks) && !named(task, trials)
}

var (
	clients    = terms(" psql mysql mariadb sqlite3 sqlcmd bq redis-cli mongo mongosh ")
	statements = terms(" drop delete truncate alter update insert flushall flushdb del ")
)

// hasSQL reports whether a database's client is given a statement that changes something.
func hasSQL(words []string) bool {
	if !slices.ContainsFunc(words, func(w string) bool { return clients.has(path.Base(w)) }) {
		return false
	}
	return slices.ContainsFunc(words, func(w string) bool {
		first, _, _ := strings.Cut(strings.TrimLeft(w, " "), " ")
		_, call, _ := strings.Cut(w, ".") // "db.dropDatabase"
		return statements.has(strings.ToLower(first)) && !strings.HasPrefix(w, "-") ||
			strings.HasPrefix(w, "db.") && (strings.Contains(call, "drop") || strings.Contains(call, "delete") || strings.Contains(call, "remove") || strings.Contains(call, "update"))
	})
}

// readsSQL reports whether a database's client is given a file of statements: by an option,
// redirected or through a pipe.
func readsSQL(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return clients.has(path.Base(w)) }) &&
		slices.ContainsFunc(words, func(w string) bool { return path.Ext(w) == ".sql" && !named(path.Base(w), trials) }) &&
		!slices.Contains(words, ">")
}

// looksLikeProgram reports whether a word may be a program or its arguments, and not the
// beginning of a sentence or of a drawing.
func looksLikeProgram(word string) bool {
	c := word[0]
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '/' || c == '~' || c == '$'
}

var applying = terms(" apply destroy ")

// applies reports whether a part of a word says that something is applied or destroyed:
// "apply", "apply-prod", "airflow_apply=true".
func applies(word string) bool {
	return !strings.Contains(word, "://") && (strings.Contains(word, "apply") || strings.Contains(word, "destroy")) && named(word, applying)
}
