package steps_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-resty/resty/v2"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/doctor"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
	"catalog-runbook/steps/transport"
)

const (
	statusPage    = "https://status.test"
	statusSummary = statusPage + "/api/summary"
)

// statusClient asks a status page, a service that the program does not have. A check
// costs one request.
type statusClient struct{ http *resty.Client }

func newStatusClient(address string, o transport.Options) (*statusClient, error) {
	c, err := transport.New(address, o)
	if err != nil {
		return nil, err
	}
	return &statusClient{c}, nil
}

// incidents returns how many incidents are open.
func (c *statusClient) incidents(ctx context.Context) (int, error) {
	resp, err := c.http.R().SetContext(ctx).Get("/api/summary")
	if err := transport.ReadJSON("the status page", resp, err); err != nil {
		return 0, err
	}
	var body struct {
		Incidents *int `json:"incidents"`
	}
	if json.Unmarshal(resp.Body(), &body) != nil || body.Incidents == nil {
		return 0, &transport.Problem{Cause: transport.Broken, Status: http.StatusOK, Text: "the status page gave no number of incidents"}
	}
	return *body.Incidents, nil
}

// noIncidents is a kind that asks it.
var noIncidents = &steps.Kind{
	Name:   "no-incidents",
	Doc:    "See that the status page shows no incident.",
	Params: []steps.Param{{Name: "page", Doc: "the status page's address", Required: true, Setting: "the annotation"}},
	Recognise: func(s *document.Step) (steps.Match, bool) {
		for _, l := range s.Links {
			if strings.HasPrefix(l.Target, statusPage) {
				return steps.Match{By: steps.ByLink, Why: clean.Line("a link to a status page"), Params: steps.Params{"page": l.Target}}, true
			}
		}
		return steps.Match{}, false
	},
	Check: &steps.Check{Ask: func(ctx context.Context, in steps.Input) runbook.Result {
		r := steps.NewReport(in)
		client, err := newStatusClient(in.Params["page"], in.World.HTTP)
		if err != nil {
			return r.Problem("Asking the status page", err)
		}
		n, err := client.incidents(ctx)
		switch {
		case err != nil:
			return r.Problem("Asking the status page", err)
		case n > 0:
			return r.Failed("%d incidents are open.", n)
		}
		return r.Passed("No incident is open.")
	}},
}

// TestAServiceIsAddedWithoutTouchingAnythingElse gives Bind a kind that asks a service
// made here. It gets the limits, the explanations and the dry run of all others.
func TestAServiceIsAddedWithoutTouchingAnythingElse(t *testing.T) {
	doc := fake.Parse(t, "# Deploy\n\n1. See that [nothing is down]("+statusPage+").\n")
	begin := func(t *testing.T, base http.RoundTripper) (*steps.Engine, document.StepID) {
		bound := steps.Bind(doc, steps.Settings{}, append(kinds.All(), noIncidents))
		e, err := steps.New(bound, fake.Connect(t, base), steps.Options{Mode: runbook.Practice, Actor: "sam"})
		if err != nil {
			t.Fatal(err)
		}
		return e, bound.Steps[0].Step.ID
	}
	for name, c := range map[string]struct {
		answer  fake.Exchange
		verdict runbook.Verdict
		says    string
		denied  bool
	}{
		"none":           {fake.Exchange{Body: `{"incidents":0}`}, runbook.Passed, "No incident is open.", false},
		"some":           {fake.Exchange{Body: `{"incidents":2}`}, runbook.Failed, "2 incidents are open.", false},
		"a login page":   {fake.Exchange{Kind: "text/html", Body: "<title>Sign in</title>"}, runbook.Unknown, "most likely a login page", true},
		"not allowed":    {fake.Exchange{Status: 403, Body: `{}`}, runbook.Unknown, "Asking the status page", true},
		"failing":        {fake.Exchange{Status: 502, Body: `{}`}, runbook.Unknown, "Asking the status page", false},
		"another answer": {fake.Exchange{Body: `{"incident":0}`}, runbook.Unknown, "gave no number", false},
		"elsewhere": {fake.Exchange{Status: 302, Header: map[string]string{"Location": "https://other.test/"}, Body: ""},
			runbook.Unknown, "was not followed", true},
	} {
		t.Run(name, func(t *testing.T) {
			c.answer.URL = statusSummary
			e, id := begin(t, fake.NewScript(t, c.answer))
			res, err := e.Check(t.Context(), id)
			if err != nil || res.Verdict != c.verdict || res.Denied != c.denied || !strings.Contains(res.Summary.String(), c.says) {
				t.Errorf("it is %s, denied %t: %s, %v", res.Verdict, res.Denied, res.Summary, err)
			}
		})
	}
	t.Run("no answer", func(t *testing.T) {
		asked := make(chan struct{}, 1)
		e, id := begin(t, fake.Silence(asked))
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-asked; cancel() }()
		started := time.Now()
		_, _ = e.Check(ctx, id) // its verdict is not recorded
		if took := time.Since(started); took > time.Second {
			t.Errorf("it took %v to end", took)
		}
	})
	t.Run("a dry run only reads", func(t *testing.T) {
		var s steps.Settings
		s.GitHub.APIURL = fake.GitHubAPI
		w, err := steps.Connect(s, steps.Credentials{}, true, nil, fake.NewScript(t))
		if err != nil {
			t.Fatal(err)
		}
		client, err := newStatusClient(statusPage, w.HTTP)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.http.R().SetContext(t.Context()).Post("/api/incidents"); err == nil {
			t.Error("something was changed")
		}
	})
	t.Run("doctor", func(t *testing.T) {
		w := fake.Connect(t, fake.NewScript(t, fake.Exchange{URL: statusSummary, Status: 502, Body: `{}`}))
		about := doctor.Finding{ID: "status", Name: clean.Line("Status page"), Needed: true, For: clean.Line("step 1")}
		question := doctor.Question{About: []doctor.Finding{about}, Ask: func(ctx context.Context) []doctor.Finding {
			f := about
			client, err := newStatusClient(statusPage, w.HTTP)
			if err == nil {
				_, err = client.incidents(ctx)
			}
			if err != nil {
				f.Fail(err)
			}
			return []doctor.Finding{f}
		}}
		for _, f := range doctor.Diagnose(t.Context(), doctor.Setup{Bound: steps.Bind(doc, steps.Settings{}, kinds.All()), World: w}, question) {
			if f.ID == "status" && f.State == doctor.NotKnown && !f.Next.Empty() {
				return
			}
		}
		t.Error("doctor has no finding about it")
	})
}
