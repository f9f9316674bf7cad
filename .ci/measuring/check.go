package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"catalog-runbook/steps/practice"
)

// latency is added to every request of check.
const latency = 500 * time.Millisecond

// check measures what the three checks of a deployed release take where every answer
// takes its time, together and each alone.
func (b *bench) check() (err error) {
	world, err := practice.Start("calm", practice.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = world.Close() }()
	registry, image, _ := strings.Cut(world.Image(), "/")
	services := map[string]string{"github": world.GitHubURL(), "airflow": world.AirflowURL(), "registry": "http://" + registry}
	for name, address := range services {
		to, err := url.Parse(address)
		if err != nil {
			return err
		}
		proxy := httputil.NewSingleHostReverseProxy(to)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(latency):
				proxy.ServeHTTP(w, r)
			case <-r.Context().Done():
			}
		}))
		defer server.Close()
		services[name] = server.URL
	}
	settings, err := b.file("check/settings.toml", fmt.Sprintf("[github]\napi_url = %q\nrepository = %q\n[image]\nreference = %q\n[airflow]\nurl = %q\nusername = %q\n[infrastructure]\ndirectory = %q\n",
		services["github"], world.Repository(), strings.TrimPrefix(services["registry"], "http://")+"/"+image, services["airflow"], world.AirflowUser(), world.InfrastructureDir()))
	if err != nil {
		return err
	}
	environ := []string{"GH_TOKEN=" + world.GitHubToken(), "AIRFLOW_PASSWORD=" + world.AirflowPassword()}
	var all []subject
	for _, name := range []string{"now", "earlier"} {
		step := func(n string, more ...string) subject {
			return subject{name: name + n, argv: append([]string{name, "check", "--settings", settings, "--release", "v1.5.3"}, more...), environ: environ}
		}
		const id = "airflow/service-deployments/deployment-workflow#"
		all = append(all, step(": 1, 2 and 3", "--step", id+"1", "--step", id+"2", "--step", id+"3"),
			step(": 1", "--step", id+"1"), step(": 2", "--step", id+"2"), step(": 3", "--step", id+"3"))
	}
	all = b.subjects(all...)
	samples, err := interleave(5, all, b.once)
	if err == nil {
		show(fmt.Sprintf("check, %v added to each request", latency), all, samples, []string{"wall ms", "exit"}, "earlier: 1, 2 and 3")
	}
	return err
}
