package practice

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// deployment is what the practice `just` needs to know of the world: what runs,
// and what is the newest release.
type deployment struct {
	Deployed string `json:"deployed"`
	Database bool   `json:"database"`
	Newest   string `json:"newest"`
}

// controlHandler lets the practice `just` read and change the infrastructure.
// Only those who bring the token may: other programs of the machine reach the
// port too.
func controlHandler(token string, s *state) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /deployment", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, "application/json", s.deployment())
	})
	mux.HandleFunc("PUT /deployment", func(w http.ResponseWriter, r *http.Request) {
		var d deployment
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&d); err != nil || d.Deployed == "" {
			http.Error(w, "a deployment is wanted", http.StatusBadRequest)
			return
		}
		s.deploy(d.Deployed, d.Database)
		w.WriteHeader(http.StatusNoContent)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !same(r.Header.Get("Authorization"), "Bearer "+token) {
			http.Error(w, "this is a practice world of catalog-runbook; it wants its token", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// controlClient is the practice `just`'s side.
type controlClient struct{ url, token string }

func controlFromEnviron() controlClient {
	return controlClient{url: os.Getenv(controlVariable), token: os.Getenv(tokenVariable)}
}

func (c controlClient) read(ctx context.Context) (d deployment, err error) {
	return d, c.do(ctx, http.MethodGet, nil, &d)
}

func (c controlClient) write(ctx context.Context, d deployment) error {
	return c.do(ctx, http.MethodPut, d, nil)
}

func (c controlClient) do(ctx context.Context, method string, body, answer any) error {
	if err := c.exchange(ctx, method, body, answer); err != nil {
		return fmt.Errorf("asking the practice world: %w; hint: it ends with the program that started it, run `catalog-runbook practice` again", err)
	}
	return nil
}

func (c controlClient) exchange(ctx context.Context, method string, body, answer any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+"/deployment", bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	// A proxy of the environment must not see a loopback address.
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	switch {
	case err != nil:
		return err
	case resp.StatusCode/100 != 2:
		return errors.New(strings.TrimSpace(string(text)))
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}
