package github

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"catalog-runbook/steps/transport"
)

const (
	filePath   = ".github/workflows/ci.yml"
	fileCommit = sha1
)

// ofFile is what is asked about the workflow's file, and an answer.
func ofFile(status int, body string) exchange {
	return exchange{uri: root + "/contents/" + filePath + "?ref=" + fileCommit, status: status, body: body}
}

// content is GitHub's answer for a file: base64 in lines of 60 characters.
func content(text string) string {
	all := base64.StdEncoding.EncodeToString([]byte(text))
	var lines strings.Builder
	for len(all) > 60 {
		lines.WriteString(all[:60] + "\n")
		all = all[60:]
	}
	lines.WriteString(all + "\n")
	quoted, _ := json.Marshal(lines.String())
	return fmt.Sprintf(`{"type":"file","encoding":"base64","size":%d,"name":"ci.yml","path":%q,"content":%s,"sha":%q,"url":"https://api.test/u","git_url":null,"html_url":null,"download_url":null,"_links":{"self":"https://api.test/u","git":null,"html":null}}`,
		len(text), filePath, quoted, fileCommit)
}

// A workflow's file is asked for once for each commit, and so is one that isn't there.
func TestWorkflowIsAskedForOnce(t *testing.T) {
	const text = "on: [push, release] # some words, so that the content has more than one line of base64\njobs: {a: {steps: [{run: docker push x}]}}\n"
	fits(t, ofFile(200, "").uri, 200, "application/json; charset=utf-8", json.RawMessage(content(text)))
	c := serve(t, ofFile(200, content(text))).client()
	for range 2 {
		f, err := c.Workflow(t.Context(), repo, filePath+"@main", fileCommit)
		if err != nil || len(f.Triggers()) != 2 {
			t.Fatalf("%v, %v", f, err)
		}
	}
	body := `{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}`
	fits(t, ofFile(404, "").uri, 404, "application/json; charset=utf-8", json.RawMessage(body))
	c = serve(t, ofFile(404, body)).client()
	for range 2 {
		_, err := c.Workflow(t.Context(), repo, filePath, fileCommit)
		wantCause(t, err, transport.NotFound)
	}
}

// What may be another answer in a moment is asked for again.
func TestWorkflowIsAskedForAgain(t *testing.T) {
	c := serve(t, ofFile(500, `{"message":"x"}`), ofFile(403, `{"message":"x"}`), ofFile(429, `{"message":"x"}`), ofFile(200, content("on: push\njobs: {a: {steps: [{run: x}]}}"))).client()
	_, err := c.Workflow(t.Context(), repo, filePath, fileCommit)
	wantCause(t, err, transport.Broken)
	_, err = c.Workflow(t.Context(), repo, filePath, fileCommit)
	wantCause(t, err, transport.Credentials)
	_, err = c.Workflow(t.Context(), repo, filePath, fileCommit)
	wantCause(t, err, transport.RateLimited)
	if _, err := c.Workflow(t.Context(), repo, filePath, fileCommit); err != nil {
		t.Error(err)
	}
}

// What is no file that can be read is an error, and never a workflow.
func TestWorkflowThatIsNone(t *testing.T) {
	for _, body := range []string{
		`{"type":"symlink","target":"x","content":"eA==","encoding":"base64"}`, `{"type":"file","encoding":"none","content":""}`,
		`{"type":"file","encoding":"base64","content":"!"}`, `[]`, `{}`, content("no: jobs"), content("jobs: ["), content(""),
	} {
		if f, err := serve(t, ofFile(200, body)).client().Workflow(t.Context(), repo, filePath, fileCommit); err == nil {
			t.Errorf("%s: %v", body, f)
		}
	}
	for _, path := range []string{"", "../../user", "@x"} {
		if _, err := serve(t).client().Workflow(t.Context(), repo, path, fileCommit); err == nil {
			t.Errorf("%q: no error", path)
		}
	}
}
