// Package why holds what a person should know about the steps of each kind: why the step
// is there, what can go wrong, and how it looks where it is really done. A text is
// Markdown with one heading for each of the three.
package why

import _ "embed"

// The texts, named after their kinds.
var (
	//go:embed bump.md
	Bump string
	//go:embed bump-landed.md
	BumpLanded string
	//go:embed dags-on.md
	DAGsOn string
	//go:embed dags-synced.md
	DAGsSynced string
	//go:embed idle-dags.md
	IdleDAGs string
	//go:embed image-tag.md
	ImageTag string
	//go:embed manual.md
	Manual string
	//go:embed migration.md
	Migration string
	//go:embed plan-and-apply.md
	PlanAndApply string
	//go:embed postgres-access.md
	PostgresAccess string
	//go:embed pull-request.md
	PullRequest string
	//go:embed release.md
	Release string
	//go:embed service-back.md
	ServiceBack string
	//go:embed which-deployment.md
	WhichDeployment string
)
