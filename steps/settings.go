package steps

// Settings are what a person can say about the services beyond the document.
// Every field may be empty: the document's own links and commands are the
// defaults, so that the Openverse document needs no settings at all.
type Settings struct {
	GitHub struct {
		APIURL                   string `toml:"api_url"` // "" is https://api.github.com
		Repository               string `toml:"repository"`
		Workflow                 string `toml:"workflow"`
		InfrastructureRepository string `toml:"infrastructure_repository"`
	} `toml:"github"`
	Image struct {
		Reference string `toml:"reference"`
	} `toml:"image"`
	Airflow struct {
		URL          string            `toml:"url"`
		Username     string            `toml:"username"`
		TokenCommand []string          `toml:"token_command"`
		Headers      map[string]string `toml:"headers"`
		ExpectedDAGs int               `toml:"expected_dags"` // at least; 0 is 1
	} `toml:"airflow"`
	Infrastructure struct {
		Directory   string `toml:"directory"`
		Environment string `toml:"environment"`
		Service     string `toml:"service"`
	} `toml:"infrastructure"`
}

// params returns the settings under the names that kinds use.
func (s Settings) params() Params {
	return Params{
		"repository":  s.GitHub.Repository,
		"workflow":    s.GitHub.Workflow,
		"image":       s.Image.Reference,
		"airflow":     s.Airflow.URL,
		"environment": s.Infrastructure.Environment,
		"service":     s.Infrastructure.Service,
	}
}
