package github

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"catalog-runbook/steps/transport"
)

const comparing = root + "/compare/v1...a%2Fb?per_page=1"

var compareCall = call{"Compare", comparing, "", func(ctx context.Context, c *Client) error {
	_, err := c.Compare(ctx, repo, "v1", "a/b")
	return err
}}

func comparison(status string, files ...string) string {
	return fmt.Sprintf(`{"status":%q,"ahead_by":2,"behind_by":0,"total_commits":2,"html_url":"https://github.com/c",
		"merge_base_commit":{"sha":%q},"files":[%s]}`, status, sha1, strings.Join(files, ","))
}

func file(name, status, previous string) string {
	if previous != "" {
		previous = fmt.Sprintf(`,"previous_filename":%q`, previous)
	}
	return fmt.Sprintf(`{"filename":%q,"status":%q%s}`, name, status, previous)
}

func TestCompare(t *testing.T) {
	body := comparison("ahead", file("dags/a.py", "modified", ""), file("docs/b.py", "renamed", "dags/b.py"))
	got, err := serve(t, exchange{uri: comparing, body: body}).client().Compare(t.Context(), repo, "v1", "a/b")
	want := Comparison{Status: "ahead", AheadBy: 2, MergeBase: sha1, URL: "https://github.com/c", Files: []ChangedFile{
		{Name: "dags/a.py", Status: "modified"}, {Name: "docs/b.py", PreviousName: "dags/b.py", Status: "renamed"},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

// GitHub names 300 files and no more, and does not say that there are others.
func TestCompareOfManyFiles(t *testing.T) {
	for n, truncated := range map[int]bool{0: false, 299: false, 300: true, 301: true} {
		var files []string
		for i := range n {
			files = append(files, file(fmt.Sprintf("f%d", i), "added", ""))
		}
		got, err := serve(t, exchange{uri: comparing, body: comparison("ahead", files...)}).client().Compare(t.Context(), repo, "v1", "a/b")
		if err != nil || len(got.Files) != n || got.Truncated != truncated {
			t.Errorf("%d files: %d, truncated %t, %v", n, len(got.Files), got.Truncated, err)
		}
	}
}

func TestCompareThatCannotBeUsed(t *testing.T) {
	good := comparison("ahead", file("a", "renamed", "b"))
	without := func(field string) string { return strings.Replace(good, `"`+field+`":`, `"x":`, 1) }
	for _, body := range []string{
		"null", "[]", "{}", without("status"), without("ahead_by"), without("behind_by"), without("merge_base_commit"), without("files"),
		without("filename"), without("previous_filename"), strings.Replace(good, sha1, "0123456", 1),
		strings.Replace(good, `[{`, `[null,{`, 1), comparison("ahead", file("", "added", "")), comparison("ahead", `{"filename":"a"}`),
	} {
		err := compareCall.do(t.Context(), serve(t, exchange{uri: comparing, body: body}).client())
		if err == nil {
			t.Fatalf("accepted %s", body)
		}
		wantCause(t, err, transport.Broken)
	}
}

func TestCompareRefusesNamesThatGitDoes(t *testing.T) {
	c := serve(t).client()
	for _, pair := range [][2]string{{"", "v1"}, {"v1", ""}, {"v1...v2", "v3"}, {"v1", "../x"}} {
		if _, err := c.Compare(t.Context(), repo, pair[0], pair[1]); err == nil {
			t.Errorf("%q was accepted", pair)
		}
	}
}
