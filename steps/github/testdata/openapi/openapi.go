// Package openapi compares requests to GitHub, and answers given in its name,
// with GitHub's own OpenAPI description of its REST API.
//
// Only tests import it. It is in testdata because the tests of two packages share
// it: the client's, and those of the practice world that stands in for GitHub.
package openapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// API is a description of GitHub's REST API. It may be used concurrently.
type API struct {
	document *openapi3.T
	routes   []route // those with fewer parameters first
}

// init registers the formats that GitHub's description names. The library checks
// date-time by itself.
func init() {
	openapi3.DefineStringFormatValidator("uri", openapi3.NewCallbackValidator(absolute))
	// A commit can be asked for as its bare id.
	openapi3filter.RegisterBodyDecoder("application/vnd.github.sha", openapi3filter.PlainBodyDecoder)
}

func absolute(text string) error {
	u, err := url.Parse(text)
	if err == nil && (u.Scheme == "" || u.Host == "") {
		err = fmt.Errorf("%q is not an absolute URL", text)
	}
	return err
}

// Load reads a description from a file.
func Load(path string) (*API, error) {
	document, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading GitHub's description: %w", err)
	}
	a := &API{document: document}
	if err := a.findRoutes(); err != nil {
		return nil, fmt.Errorf("reading GitHub's description: %w", err)
	}
	return a, nil
}

// Request returns nil if GitHub describes the request: its operation and all of
// its parameters are known, and their values are valid. prefix precedes the path
// of the description: "" for github.com, "/api/v3" for an Enterprise server.
func (a *API) Request(r *http.Request, prefix string) error {
	_, err := a.request(r, prefix)
	return err
}

func (a *API) request(r *http.Request, prefix string) (*openapi3filter.RequestValidationInput, error) {
	route, values, err := a.find(r, prefix)
	if err != nil {
		return nil, err
	}
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: values, QueryParams: r.URL.Query(), Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, IncludeResponseStatus: true,
			// Else each fault prints the whole schema and the whole body.
			SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.DisableSchemaErrorDetails()},
		},
	}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		return nil, err
	}
	for name, given := range r.URL.Query() {
		if route.Operation.Parameters.GetByInAndName("query", name) == nil {
			return nil, fmt.Errorf("%s knows no parameter %q", route.Operation.OperationID, name)
		}
		if len(given) != 1 {
			return nil, fmt.Errorf("the parameter %q is given %d times", name, len(given))
		}
	}
	return input, headersAndLimits(r)
}

// headersAndLimits checks what GitHub's documentation requires only in prose: the
// headers of every request, and pages of at most 100 items.
func headersAndLimits(r *http.Request) error {
	if r.UserAgent() == "" {
		return fmt.Errorf("no User-Agent, without which GitHub answers nothing")
	}
	if got := r.Header.Get("X-GitHub-Api-Version"); got != "2022-11-28" && got != "2026-03-10" {
		return fmt.Errorf("X-GitHub-Api-Version is %q", got)
	}
	if got := r.Header.Get("Accept"); !strings.HasPrefix(got, "application/vnd.github") {
		return fmt.Errorf("the Accept header %q asks for no type of GitHub's", got)
	}
	if got := r.Header.Get("Authorization"); got != "" && !strings.HasPrefix(got, "Bearer ") {
		return fmt.Errorf("the Authorization header is no Bearer token")
	}
	if per := r.URL.Query().Get("per_page"); per != "" {
		if n, err := strconv.Atoi(per); err != nil || n < 1 || n > 100 {
			return fmt.Errorf("per_page is %q, which GitHub cuts to 100", per)
		}
	}
	return nil
}

// Answer returns nil if GitHub could give this answer to the request: the status
// is described for the operation, and the body has the type and the schema that go
// with it. An error that any operation can return (a rate limit, a refused token, a
// repository that moved) must match GitHub's basic error.
func (a *API) Answer(r *http.Request, prefix string, status int, header http.Header, body []byte) error {
	input, err := a.request(r, prefix)
	if err != nil {
		return err
	}
	if input.Route.Operation.Responses.Status(status) == nil {
		return a.commonError(status, header, body)
	}
	return openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: status, Header: header,
		Body: io.NopCloser(bytes.NewReader(body)), Options: input.Options,
	})
}

// commonStatuses are those that GitHub's documentation describes for all
// operations: redirects, tokens, limits, and what the law withholds.
var commonStatuses = []int{301, 307, 401, 403, 404, 429, 451}

func (a *API) commonError(status int, header http.Header, body []byte) error {
	for _, common := range commonStatuses {
		if status != common {
			continue
		}
		kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
		if kind != "application/json" {
			return fmt.Errorf("an error with status %d has the type %q", status, kind)
		}
		value, err := decode(body)
		if err != nil {
			return fmt.Errorf("an error with status %d: %w", status, err)
		}
		if message, _ := value["message"].(string); message == "" {
			return fmt.Errorf("an error with status %d has no message", status)
		}
		return a.document.Components.Schemas["basic-error"].Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails())
	}
	return fmt.Errorf("the status %d is not described", status)
}

// find returns the operation that a request means, and the values in its path.
func (a *API) find(r *http.Request, prefix string) (*routers.Route, map[string]string, error) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), prefix)
	if !ok {
		return nil, nil, fmt.Errorf("%s does not begin with %s", r.URL.EscapedPath(), prefix)
	}
	path = byName(path)
	for _, route := range a.routes {
		if values, ok := route.match(path); ok {
			item := a.document.Paths.Value(route.template)
			operation := item.GetOperation(r.Method)
			if operation == nil {
				return nil, nil, fmt.Errorf("%s %s is not described", r.Method, route.template)
			}
			return &routers.Route{Spec: a.document, Path: route.template, PathItem: item, Method: r.Method, Operation: operation}, values, nil
		}
	}
	return nil, nil, fmt.Errorf("%s %s is not described", r.Method, r.URL.EscapedPath())
}

// Check is a transport that compares every exchange that passes through it with
// the description, and reports each mismatch. It changes nothing.
type Check struct {
	API    *API
	Base   http.RoundTripper
	Prefix string
	// Tell is called for each fault. It may be called concurrently.
	Tell func(error)
}

// RoundTrip is part of http.RoundTripper.
func (c *Check) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.Base.RoundTrip(r)
	if err != nil {
		if fault := c.API.Request(r, c.Prefix); fault != nil {
			c.Tell(fmt.Errorf("%s %s: %w", r.Method, r.URL, fault))
		}
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if closed := resp.Body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	// The asker's context may have ended, which is no fault of the answer.
	held := r.Clone(context.WithoutCancel(r.Context()))
	if fault := c.API.Answer(held, c.Prefix, resp.StatusCode, resp.Header, body); fault != nil {
		c.Tell(fmt.Errorf("%s %s answered with %d: %w", r.Method, r.URL, resp.StatusCode, fault))
	}
	return resp, nil
}
