package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
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
	var asked requests
	for name, address := range services {
		proxy, err := asked.slow(address)
		if err != nil {
			return err
		}
		defer proxy.Close()
		services[name] = proxy.URL
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
	samples, err := interleave(5, all, func(s subject) (sample, error) {
		asked.forget()
		out, err := b.once(s)
		if err == nil {
			out["requests"], out["in a row"] = asked.figures()
		}
		return out, err
	})
	if err == nil {
		show(fmt.Sprintf("check, %v added to each request", latency), all, samples, []string{"wall ms", "requests", "in a row", "exit"}, "earlier: 1, 2 and 3")
		for _, name := range []string{"now", "earlier"} {
			wall := func(n string) float64 { return quantile(samples[name+n], "wall ms", 0.5) }
			if slowest := max(wall(": 1"), wall(": 2"), wall(": 3")); slowest > 0 {
				fmt.Printf("%s: all three take %.2f x as long as the slowest alone\n", name, wall(": 1, 2 and 3")/slowest)
			}
		}
	}
	return err
}

// requests are those that one program sent.
type requests struct {
	mu  sync.Mutex
	all []request
}

// A request begins when it comes in and ends when its answer may leave.
type request struct{ begun, ended time.Time }

// slow serves a service at another address, where every answer takes its time. It
// writes that address into what the service says about where to sign in: the registry's
// client follows it only to the registry's own host and port.
func (q *requests) slow(address string) (*httptest.Server, error) {
	to, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		select {
		case <-time.After(latency):
			q.add(request{begun, time.Now()})
			proxy.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	}))
	proxy.ModifyResponse = func(resp *http.Response) error {
		for i, challenge := range resp.Header["Www-Authenticate"] {
			resp.Header["Www-Authenticate"][i] = strings.ReplaceAll(challenge, address, server.URL)
		}
		return nil
	}
	return server, nil
}

func (q *requests) add(r request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.all = append(q.all, r)
}

func (q *requests) forget() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.all = nil
}

// figures returns how many requests there were, and the length of the longest chain of
// them in which each began after the one before had ended.
func (q *requests) figures() (n, chain float64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	depth := make([]float64, len(q.all)) // they are in the order in which they ended
	for i, r := range q.all {
		for j, before := range q.all[:i] {
			if !r.begun.Before(before.ended) {
				depth[i] = max(depth[i], depth[j])
			}
		}
		depth[i]++
		chain = max(chain, depth[i])
	}
	return float64(len(q.all)), chain
}
