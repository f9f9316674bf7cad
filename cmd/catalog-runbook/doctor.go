package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/doctor"
	"catalog-runbook/steps/github"
)

type doctorCommand struct {
	source
	JSON bool `help:"Write JSON."`
}

// doctorOutput is the JSON of doctor. `help json` documents its shape.
type doctorOutput struct {
	Title    clean.Text       `json:"title"`
	Document clean.Text       `json:"document"`
	Settings clean.Text       `json:"settings"`
	Findings []doctor.Finding `json:"findings"`
	Exit     int              `json:"exit"`
}

// Run checks that this machine has what the document needs.
func (c doctorCommand) Run(ctx context.Context, s streams) error {
	l, err := c.load()
	if err != nil {
		return err
	}
	if err := l.someSteps(); err != nil {
		return err
	}
	found, err := examine(ctx, s, l)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return exitError{code: exitInterrupted}
	}
	out := doctorOutput{
		Title: l.bound.Document.Title, Document: clean.Line(l.bound.Document.Name), Settings: clean.Line(l.settingsFile),
		Findings: found, Exit: doctorExits[doctor.Of(found)],
	}
	if c.JSON {
		err = writeJSON(s.out, out)
	} else {
		err = writeDoctor(s.out, out, textWidth(s), s.terminal)
	}
	if err != nil {
		return err
	}
	return asError(out.Exit)
}

// examine runs all checks of the doctor with the settings, credentials and services that
// the check command would use.
func examine(ctx context.Context, s streams, l *loaded) ([]doctor.Finding, error) {
	hideAddresses(l)
	environ := commandEnvironment(s, ownVariables(l.settings))
	fmt.Fprintf(s.err, "Checking what %s needs.\n", clean.Line(l.bound.Document.Name))
	creds := settings.Credentials(ctx, l.settings, s.getenv)
	setup := doctor.Setup{
		Bound: l.bound, Settings: l.settings, SettingsFile: l.settingsFile, Lint: lintLine(l),
		GitHub: whichToken(ctx, creds, s.getenv), Airflow: whichAccount(creds, s.getenv, l.settingsFile),
	}
	if setup.Airflow.Problems = creds.AirflowMissing; len(creds.AirflowMissing) > 0 {
		creds = withoutHalves(creds, l.settings)
	}
	var err error
	if setup.World, err = steps.Connect(l.settings, creds, true, environ, nil); err != nil { // of GitHub's address alone
		setup.APIProblem = err
		elsewhere := l.settings
		elsewhere.GitHub.APIURL, creds.GitHubToken = github.APIURL, nil // a token that may be another server's
		if setup.World, err = steps.Connect(elsewhere, creds, true, environ, nil); err != nil {
			return nil, err
		}
	}
	setup.World.Earlier = earlierRuns(s)
	return doctor.Diagnose(ctx, setup, runsQuestion(s, setup.World.Checkout.Dir), terminalQuestion(s, l.settings)), nil
}

// lintLine is the command that lints the same document with the same settings, from wherever it is run.
func lintLine(l *loaded) string {
	argv := []string{"catalog-runbook", "lint"}
	if l.document != "" {
		argv = append(argv, l.document)
	}
	if l.settingsFile != "" {
		argv = append(argv, "--settings", l.settingsFile)
	}
	return say.CommandLine(argv).String()
}

// hideAddresses registers the user information in the addresses of the settings and
// of the document as secrets, whatever they look like.
func hideAddresses(l *loaded) {
	s := l.settings
	addresses := []string{s.GitHub.APIURL, s.Airflow.URL, s.Image.Reference, s.GitHub.InfrastructureRepository}
	for i := range l.bound.Steps {
		addresses = append(addresses, slices.Collect(maps.Values(l.bound.Steps[i].Params))...)
	}
	for _, a := range addresses {
		clean.Secret(doctor.Hidden(a)...)
	}
}

// withoutHalves drops the credentials that can't be used without those that are
// missing, so that the other services can still be asked.
func withoutHalves(c steps.Credentials, s steps.Settings) steps.Credentials {
	c.AirflowUsername, c.AirflowPassword, c.AirflowToken, c.AirflowMissing = "", "", "", nil
	if len(c.AirflowHeaders) != len(s.Airflow.Headers) {
		c.AirflowHeaders = nil
	}
	return c
}

// whichToken says where the GitHub token was found.
func whichToken(ctx context.Context, c steps.Credentials, getenv func(string) string) doctor.Token {
	token, err := c.GitHubToken.Value(ctx)
	if err != nil || token == "" {
		return doctor.Token{}
	}
	t := doctor.Token{From: "`gh auth token`", Kind: github.TokenKind(token)}
	for _, name := range []string{"GITHUB_TOKEN", "GH_TOKEN"} { // the last one wins
		if getenv(name) == token {
			t.From = name
		}
	}
	return t
}

// whichAccount names the credentials that Airflow gets.
func whichAccount(c steps.Credentials, getenv func(string) string, settings string) doctor.Account {
	var a doctor.Account
	switch {
	case c.AirflowToken != "" && c.AirflowToken == getenv("AIRFLOW_TOKEN"):
		a.Given, a.Renew = "the token in AIRFLOW_TOKEN", "set AIRFLOW_TOKEN to a new token"
	case c.AirflowToken != "":
		a.Given = "the token that [airflow] token_command prints"
		a.Renew = "run that command yourself and check that its token is for this Airflow and hasn't expired"
	case c.AirflowUsername != "" && c.AirflowPassword != "":
		a.Given = "the user " + c.AirflowUsername + ", with AIRFLOW_PASSWORD"
		a.Renew = "correct AIRFLOW_PASSWORD, or username under [airflow] in " + settings
	}
	if names := slices.Sorted(maps.Keys(c.AirflowHeaders)); len(names) > 0 {
		a.Extra = "the header " + strings.Join(names, " and ")
	}
	return a
}

// doctorExits maps the sum of the findings to the exit code.
var doctorExits = map[doctor.Sum]int{doctor.Fit: 0, doctor.Unknown: exitUnknown, doctor.Denied: exitCredentials, doctor.Impaired: exitFailed}

// textWidth returns the width of the text in cells: that of the terminal, within limits
// that read well, or where there is no terminal COLUMNS, or 80.
func textWidth(s streams) int {
	const widest, narrowest, without = 100, 40, 80
	if columns, _, ok := terminalSize(s); ok {
		return min(max(columns, narrowest), widest)
	}
	if columns, err := strconv.Atoi(s.getenv("COLUMNS")); err == nil {
		return max(columns, narrowest)
	}
	return without
}

// terminalSize returns the size of the terminal that is written to, if there is one.
func terminalSize(s streams) (columns, rows int, ok bool) {
	f, is := s.out.(*os.File)
	if !is || !s.terminal {
		return 0, 0, false
	}
	columns, rows, err := term.GetSize(int(f.Fd()))
	return columns, rows, err == nil && columns > 0
}
