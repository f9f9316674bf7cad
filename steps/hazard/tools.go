package hazard

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
