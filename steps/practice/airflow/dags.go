package airflow

import (
	"slices"
	"strings"
	"time"

	"catalog-runbook/steps/practice/state"
)

// dag is an Airflow DAG of the Catalog.
type dag struct {
	id       string
	schedule string // "" for a DAG that only people or assets trigger
	assets   bool   // is triggered by assets
	paused   bool   // at the start; see isPaused
	catchup  bool
}

// dags are the Catalog's DAGs, in the order of their ids, as Airflow lists them.
var dags = []dag{
	{id: "add_license_url", paused: true},
	{id: "airflow_log_cleanup", schedule: "@weekly"},
	{id: "audio_data_refresh", schedule: "@weekly"},
	{id: "brooklyn_museum_workflow", schedule: "@monthly"},
	{id: "check_silenced_dags", schedule: "@weekly"},
	{id: "cleveland_museum_workflow", schedule: "@monthly"},
	{id: "europeana_reingestion_workflow", schedule: "@weekly"},
	{id: "europeana_workflow", schedule: "@daily"},
	{id: "finnish_museums_workflow", schedule: "@daily"},
	{id: "flickr_audit_sub_provider_workflow", schedule: "@monthly"},
	{id: "flickr_reingestion_workflow", schedule: "@weekly"},
	{id: "flickr_workflow", schedule: "@daily"},
	{id: "freesound_workflow", schedule: "@quarterly"},
	{id: "image_data_refresh"},
	{id: "inaturalist_workflow", schedule: "0 0 2 * *"},
	{id: "jamendo_workflow", schedule: "@monthly"},
	{id: "metropolitan_museum_reingestion_workflow", schedule: "@weekly"},
	{id: "metropolitan_museum_workflow", schedule: "@daily"},
	{id: "museum_victoria_workflow", schedule: "@monthly"},
	{id: "nappy_workflow", schedule: "@monthly"},
	{id: "nypl_workflow", schedule: "@monthly"},
	{id: "oauth2_authorization"},
	{id: "oauth2_token_refresh", schedule: "0 */12 * * *"},
	{id: "phylopic_reingestion_workflow", schedule: "@weekly"},
	{id: "phylopic_workflow", schedule: "@weekly"},
	{id: "pr_review_reminders", schedule: "0 0 * * 1-5"},
	{id: "rawpixel_workflow", schedule: "@monthly"},
	{id: "recreate_audio_popularity_calculation"},
	{id: "recreate_image_popularity_calculation", assets: true},
	{id: "report_pending_reported_media", schedule: "@weekly"},
	{id: "rotate_db_snapshots", schedule: "0 0 * * 6"},
	{id: "science_museum_workflow", schedule: "@monthly"},
	{id: "smithsonian_workflow", schedule: "@weekly"},
	{id: "smk_workflow", schedule: "@monthly"},
	{id: "stocksnap_workflow", schedule: "@monthly"},
	{id: "wikimedia_commons_workflow", schedule: "@daily"},
	{id: "wikimedia_reingestion_workflow", schedule: "@weekly"},
	{id: "wordpress_workflow", schedule: "@monthly"},
}

// known returns the DAGs that Airflow knows: those, and those that a pull request has added.
func known(k state.Facts, now time.Time) []dag {
	all := slices.Clone(dags)
	for _, f := range k.Pull.Files {
		if commit, _ := k.Pull.Has(f, now); f.New && commit != "" {
			all = append(all, dag{id: f.DAG, schedule: f.Schedule, paused: true, catchup: f.Schedule != ""})
		}
	}
	slices.SortFunc(all, func(a, b dag) int { return strings.Compare(a.id, b.id) })
	return all
}

func findDAG(k state.Facts, now time.Time, id string) (dag, bool) {
	for _, d := range known(k, now) {
		if d.id == id {
			return d, true
		}
	}
	return dag{}, false
}
