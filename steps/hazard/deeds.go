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

// deeds are the subcommands of a tool by what they do, as patterns of path.Match.
type deeds struct{ shows, changes, publishes string }

// deedsOf returns what is known of a tool. It is a switch since that needs no work when the
// program starts.
func deedsOf(tool string) (deeds, bool) {
	switch tool {
	case "aws":
		return deeds{shows: "eks update-kubeconfig", changes: "ecs update-service, cloudformation deploy, lambda update-*, lambda publish-version, deploy create-deployment, s3 rm, s3 rb, * delete-*, * terminate-*, * update-*, * modify-*, * reboot-*, * restore-*", publishes: "s3 sync"}, true
	case "fly", "flyctl":
		return deeds{shows: "scale show", changes: "deploy, scale, apps destroy, machine destroy, secrets set, secrets unset, volumes destroy"}, true
	case "terraform", "tofu", "terragrunt":
		return deeds{changes: "apply-all, destroy-all, apply, destroy, import, taint, untaint, state rm, state mv, state push, state replace-provider, force-unlock, run-all apply, run-all destroy, run --all apply, run --all destroy, init -migrate-state, workspace delete"}, true
	case "pulumi":
		return deeds{changes: "up, update, destroy, import, cancel, state delete, stack rm"}, true
	case "cdk", "cdktf":
		return deeds{changes: "deploy, destroy"}, true
	case "helm":
		return deeds{changes: "upgrade, install, rollback, uninstall, delete", publishes: "push"}, true
	case "helmfile":
		return deeds{changes: "apply, sync, destroy"}, true
	case "kubectl", "oc", "k":
		return deeds{changes: "argo rollouts promote, argo rollouts undo, argo rollouts abort, argo rollouts set, rollout latest, apply, create, replace, patch, edit, delete, scale, autoscale, drain, set, rollout undo, rollout restart"}, true
	case "kustomize", "netlify", "firebase":
		return deeds{changes: "deploy"}, true
	case "argocd":
		return deeds{changes: "app sync, app rollback, app set, app delete"}, true
	case "flux":
		return deeds{changes: "reconcile, delete, suspend, resume"}, true
	case "nomad":
		return deeds{changes: "run, job run, job revert, job stop"}, true
	case "docker", "podman":
		return deeds{changes: "compose up -d, compose up --detach, compose up * -d, compose up * --detach, compose down, compose restart, compose rm, compose stop, compose kill, run -d, run --detach, rm, stop, kill, restart, container rm, container stop, container restart, stack deploy, stack rm, service update, service rollback, service rm, service scale, volume rm, volume prune, system prune", publishes: "push, image push, compose push, buildx build --push, build --push"}, true
	case "cf":
		return deeds{changes: "push, delete*, restage, restart, scale, rollback, set-env, unset-env, bind-service, unbind-service, update-service, map-route, unmap-route"}, true
	case "heroku":
		return deeds{changes: "rollback, releases:rollback, container:release, ps:scale, ps:restart, config:set, pg:reset, pg:promote, apps:destroy"}, true
	case "kamal":
		return deeds{changes: "deploy, redeploy, rollback, remove, setup"}, true
	case "eb":
		return deeds{changes: "deploy, terminate, swap"}, true
	case "sls", "serverless":
		return deeds{changes: "deploy, remove, rollback"}, true
	case "sam":
		return deeds{changes: "deploy, delete"}, true
	case "vercel":
		return deeds{changes: "deploy, rollback, promote, --prod, remove, rm"}, true
	case "wrangler":
		return deeds{changes: "deploy, rollback, delete"}, true
	case "railway":
		return deeds{changes: "up, redeploy, down"}, true
	case "skaffold":
		return deeds{changes: "run, deploy, delete"}, true
	case "ansible-playbook", "ansible-pull", "dropdb":
		return deeds{changes: "*"}, true
	case "cap":
		return deeds{changes: "* deploy*"}, true
	case "gcloud":
		return deeds{changes: "builds submit, run deploy, app deploy, functions deploy, deploy releases promote, app services set-traffic, run services update*, run services delete, * * delete, * * * delete, * * update"}, true
	case "az":
		return deeds{changes: "webapp up, webapp deploy*, webapp restart, containerapp update, deployment * create, * delete, * * delete"}, true
	case "gh":
		return deeds{changes: "api -X POST, api -X PUT, api -X PATCH, api -X DELETE, api --method POST, api --method PUT, api --method PATCH, api --method DELETE, release delete, release delete-asset, repo delete, secret delete, variable delete", publishes: "release create, release edit, release upload, workflow run, pr merge"}, true
	case "systemctl":
		return deeds{changes: "reload, reload-or-restart, kill, mask, restart, stop, disable"}, true
	case "service":
		return deeds{changes: "* restart, * stop"}, true
	case "alembic":
		return deeds{changes: "upgrade, downgrade, stamp"}, true
	case "manage.py", "django-admin":
		return deeds{changes: "migrate, flush"}, true
	case "flask":
		return deeds{changes: "db upgrade, db downgrade"}, true
	case "airflow":
		return deeds{changes: "dags delete, dags trigger, dags pause, dags unpause, dags backfill, backfill create, tasks clear, tasks run, pools set, pools delete, pools import, variables set, variables delete, variables import, connections add, connections delete, connections import, db migrate, db upgrade, db downgrade, db reset, db clean"}, true
	case "prisma":
		return deeds{changes: "migrate deploy, migrate reset, db push"}, true
	case "knex":
		return deeds{changes: "migrate:*"}, true
	case "dbmate":
		return deeds{changes: "up, migrate, down, rollback, drop"}, true
	case "goose", "migrate":
		return deeds{changes: "up, down"}, true
	case "flyway":
		return deeds{changes: "migrate, clean, undo, repair"}, true
	case "liquibase":
		return deeds{changes: "update*, rollback*"}, true
	case "artisan":
		return deeds{changes: "migrate*"}, true
	case "dotnet":
		return deeds{changes: "ef database update, ef database drop", publishes: "nuget push"}, true
	case "mix":
		return deeds{changes: "ecto.migrate, ecto.rollback, ecto.drop"}, true
	case "docker-compose", "podman-compose":
		return deeds{changes: "up -d, up --detach, up * -d, up * --detach, down, restart, rm, stop, kill", publishes: "push"}, true
	case "supervisorctl", "pm2":
		return deeds{changes: "restart, reload, stop, update, delete"}, true
	case "pg_restore", "mysqlimport", "mongorestore":
		return deeds{shows: "-l, --list", changes: "*"}, true
	case "crontab":
		return deeds{changes: "-r"}, true
	case "etcdctl":
		return deeds{changes: "put, del"}, true
	case "consul", "vault":
		return deeds{changes: "kv put, kv patch, kv delete, kv destroy, write, delete"}, true
	case "velero":
		return deeds{changes: "restore create"}, true
	case "istioctl":
		return deeds{changes: "install, upgrade, uninstall"}, true
	case "werf":
		return deeds{changes: "converge, dismiss"}, true
	case "amplify":
		return deeds{changes: "push, publish"}, true
	case "doctl", "kn":
		return deeds{changes: "* update, * create, * delete, * create-deployment"}, true
	case "puppet":
		return deeds{changes: "agent -t, agent --test"}, true
	case "argo":
		return deeds{changes: "submit, resubmit, retry, stop, terminate"}, true
	case "packer":
		return deeds{publishes: "build"}, true
	case "git":
		return deeds{changes: "push heroku, push dokku, push production, push prod", publishes: "push"}, true
	case "gem":
		return deeds{publishes: "push"}, true
	case "npm", "yarn", "pnpm", "lerna", "changeset", "cargo", "poetry", "uv", "flit", "hatch", "vsce":
		return deeds{publishes: "publish, npm publish"}, true
	case "twine":
		return deeds{publishes: "upload"}, true
	case "goreleaser":
		return deeds{publishes: "release"}, true
	case "mvn":
		return deeds{publishes: "deploy, *:deploy"}, true
	case "skopeo", "crane":
		return deeds{publishes: "copy, push"}, true
	}
	return deeds{}, false
}
