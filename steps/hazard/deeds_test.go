package hazard_test

import (
	"strings"
	"testing"
)

// TestDeeds writes each command into a step of its own, once in a code span and once in a
// block for a shell.
func TestDeeds(t *testing.T) {
	for want, commands := range map[string][]string{
		"nothing guards `": {
			"just deploy prod web", "just rollback prod web", "just up prod", "just migrate prod", "just deploy-prod web", "just -f infra/justfile deploy prod",
			"just ansible/playbook prod site.yml -e web_apply=true", "./ov just rollout prod web",
			"terraform state rm module.x", "terraform import a.b c", "terraform taint a.b", "terraform -chdir=infra apply", "terraform -chdir infra destroy -auto-approve",
			"tofu apply plan.bin", "terragrunt run-all apply", "terraform init -migrate-state",
			"pulumi up --yes", "cdk deploy Web", "npx cdk deploy --all", "helm upgrade web ./chart", "helm -n web rollback web 3", "helm uninstall web",
			"kubectl delete ns web", "kubectl -n web rollout undo deployment/web", "kubectl --context=prod apply -f x.yaml", "kubectl scale --replicas=0 deploy/web", "kubectl apply --dry-run=none -f x.yaml",
			"make deploy", "make -C infra deploy ENV=prod", "make rollback-prod", "./deploy.sh prod", "bash scripts/deploy.sh prod", "scripts/rollback prod", "./destroy_account.sh -u bob", "deploy production web",
			"npm run deploy", "yarn deploy", "pnpm run deploy:prod", "cf push web", "cf delete web -f", "fly deploy", "flyctl deploy --remote-only", "ansible-playbook site.yml", "poetry run ansible-playbook -i prod site.yml",
			"gcloud run deploy web --image x", "gcloud --project p run deploy web", "aws ecs update-service --cluster x --service web", "aws --profile prod ecs update-service --service web", "aws s3 rm s3://b/k",
			"gh workflow run deploy.yml -f environment=production", "gh workflow run build.yml -f environment=production", "gh release delete v1",
			"python manage.py migrate", "docker compose run --rm web python manage.py migrate", "bundle exec rake db:migrate", "rails db:rollback", "alembic upgrade head", "flask db upgrade",
			"psql -c 'DROP TABLE riders'", `psql "$URL" -c "delete from riders"`,
			"sudo kubectl delete pod x", "env KUBECONFIG=x kubectl delete pod x", "KUBECONFIG=x kubectl delete pod x", "sudo -u op fly deploy", "docker compose exec ops fly deploy", "xargs kubectl delete pod", `sh -c "fly deploy"`,
			`ssh op@host "cd web && make deploy"`, "chezmoi apply", "airflow db migrate", "systemctl restart web", "sudo systemctl stop web",
			"./deploy.sh diff-and-apply", "scripts/web.py deploy up", "tools/rollback prod",
			"mise run deploy", "poetry run deploy", "npx aws-cdk deploy WebStack", "nx run web:deploy", "bazel run //web:deploy", "nix run .#deploy", "earthly +deploy", "copilot svc deploy -e prod", "sst deploy --stage prod", "fab -H prod deploy", "terragrunt apply-all",
			"docker compose up -d", "docker compose -f prod.yml up web -d", "docker compose pull && docker compose up -d", "docker-compose down -v", "docker compose restart web", "docker rm -f web", "docker run -d web:2",
			"psql -f fix.sql", "psql < fix.sql", "cat fix.sql | psql prod", "mysql web < fix.sql", "pg_restore -d web dump.bin", "redis-cli FLUSHALL", "mongosh prod --eval 'db.riders.deleteMany({})'",
			"airflow dags trigger x", "airflow dags unpause x", "airflow tasks clear x", "airflow variables set a b",
			"scp web.jar prod:/srv/", "rsync -a dist/ prod:/srv/web", "rm -rf /srv/web", "curl -X DELETE https://search.example/index", "curl -X POST https://ci.example/job/deploy/build", "gh api -X POST repos/o/r/dispatches",
			"git push heroku main", "supervisorctl restart web", "pm2 reload web", "kubectl argo rollouts promote web", "oc rollout latest dc/web", "vault kv put a b=c", "puppet agent -t", "gcloud builds submit",
		},
		"~publishes something": {
			"git push --force origin main", "git push origin v1.2.3", "docker push web:1", "docker compose push web", "npm publish", "npm publish --access public", "cargo publish", "twine upload dist/*",
			"gh release create v1", "gh workflow run docs.yml", "helm push web.tgz oci://x", "goreleaser release --clean",
			"docker buildx build -t web:1 --push .", "packer build web.json",
		},
		"": {
			"cat apply.sh", "man terraform-apply", `grep -r "just apply" docs`, "terraform apply -help", "terraform plan -destroy", "terraform plan -out plan.bin", "kubectl apply --dry-run=client -f x.yaml", "just --show apply",
			"just --dry-run deploy prod", "just up", "just test", "just logs deploy", "make -n deploy", "make deploy-dry-run", "make test", "kubectl get deploy -n web", "kubectl rollout status deploy/web", "kubectl auth can-i delete pods",
			"helm list -n web", "helm upgrade web ./chart --dry-run", "helm template web", "ansible-playbook site.yml --check", "ansible-playbook -C site.yml", "git apply fix.patch", "git pull --rebase", `git commit -m "Deploy and apply"`,
			"aws eks update-kubeconfig --name web", "aws ecs describe-services", "docker build -f deploy/Dockerfile .", "docker pull web:1", "npm test", "npm install deploy-tool", "npm run build", "gh release view v1", "gh run watch 12",
			"psql -c 'select 1'", "vim deploy.sh", "ls deploy/prod", "alembic current", "gcloud run services describe web", "cf apps", "fly status", "echo fly deploy", "terraform state list", "terraform help apply", "role/web-deploy-role x", "./deploy.sh diff", "scripts/web.py deploy status", "make deploy-plan", "scripts/web.py deploy web-render --dir x", "systemctl status web", "curl https://deploy.example/apply.txt",
			"docker compose up web", "docker compose ps", "docker compose logs -f web", "docker compose build", "docker run --rm web test", "rails db:migrate:status", "psql -c '\\dt'", "pg_dump web > all.sql", "pg_restore -l dump.bin", "psql -f check.sql",
			"scp prod:/var/log/web.log .", "rm -rf node_modules", "rm -rf /tmp/x", "curl -X POST https://chat.example/hooks/1", "ssh deploy@prod", "su - deploy", "chown -R deploy /srv", "tar xzf deploy.tgz deploy", "mise run test", "argocd app get web",
			"airflow dags list", "airflow dags list-runs -d x", "vault kv get a", "gh api repos/o/r/releases", "nx run web:build", "mise tasks", "pytest tests deploy",
		},
	} {
		for _, command := range commands {
			for _, doc := range []string{"1. Now `" + command + "`", "1. Now:\n   ```sh\n   " + command + "\n   ```"} {
				got, ok := strings.Join(judge(t, doc), "\n"), false
				switch {
				case want == "":
					ok = got == ""
				case strings.HasPrefix(want, "~"):
					ok = strings.HasPrefix(got, "1~: ") && strings.Contains(got, want[1:])
				default:
					ok = strings.HasPrefix(got, "1!: ") && strings.Contains(got, want)
				}
				if !ok {
					t.Errorf("%q: got %q, want %q", doc, got, want)
				}
			}
		}
	}
}
