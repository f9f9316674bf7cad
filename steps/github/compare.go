package github

import (
	"context"
	"net/http"
	"net/url"

	"catalog-runbook/steps/transport"
)

// filesListed is the most files that GitHub names in a comparison.
const filesListed = 300

// Comparison is what lies between two refs.
type Comparison struct {
	// Status is "ahead", "behind", "diverged" or "identical": the head relative to
	// the base. Files are what changed from MergeBase to the head, which is what
	// changed from the base only for a head that is ahead or identical.
	Status            string
	AheadBy, BehindBy int // commits
	MergeBase         string
	Files             []ChangedFile
	// Truncated means that GitHub named as many files as it ever does: others may
	// have changed too.
	Truncated bool
	URL       string
}

// ChangedFile is a file that a pull request or what lies between two refs changes.
type ChangedFile struct {
	Name string
	// PreviousName is set for a file that was renamed or copied. A file that left a
	// folder has only its previous name there.
	PreviousName string
	Status       string // added, removed, modified, renamed, copied, changed or unchanged
}

type comparisonBody struct {
	Status    *string `json:"status"`
	AheadBy   *int    `json:"ahead_by"`
	BehindBy  *int    `json:"behind_by"`
	MergeBase *struct {
		SHA string `json:"sha"`
	} `json:"merge_base_commit"`
	Files []fileBody `json:"files"`
	URL   string     `json:"html_url"`
}

type fileBody struct {
	Name         *string `json:"filename"`
	PreviousName string  `json:"previous_filename"`
	Status       *string `json:"status"`
}

func changedFiles(rows []fileBody) ([]ChangedFile, error) {
	out := make([]ChangedFile, 0, len(rows))
	for _, f := range rows {
		if f.Name == nil || *f.Name == "" || f.Status == nil || *f.Status == "renamed" && f.PreviousName == "" {
			return nil, broken("a changed file lacks its name or status, or the name that it had before")
		}
		out = append(out, ChangedFile{Name: *f.Name, PreviousName: f.PreviousName, Status: *f.Status})
	}
	return out, nil
}

// Compare asks what lies between two refs (branches, tags or commit ids) with one
// request, and another if GitHub doesn't find one of them; the error is then ErrAbsent
// if the repository is visible.
func (c *Client) Compare(ctx context.Context, repo Repository, base, head string) (Comparison, error) {
	for _, ref := range []string{base, head} {
		if err := checkRef(ref); err != nil {
			return Comparison{}, err
		}
	}
	var body comparisonBody
	// All files are on the first page, however few commits are asked for.
	path := repo.path() + "/compare/" + url.PathEscape(base) + "..." + url.PathEscape(head)
	err := c.ask(ctx, "the comparison", path, url.Values{"per_page": {"1"}}, &body)
	if transport.StatusOf(err) == http.StatusNotFound {
		return Comparison{}, c.absent(ctx, repo, base+" or "+head)
	}
	if err != nil {
		return Comparison{}, err
	}
	return body.comparison()
}

func (b comparisonBody) comparison() (Comparison, error) {
	if b.Status == nil || b.AheadBy == nil || b.BehindBy == nil || b.MergeBase == nil || b.Files == nil {
		return Comparison{}, broken("a comparison lacks its status, ahead_by, behind_by, merge_base_commit or files")
	}
	if !commitID().MatchString(b.MergeBase.SHA) {
		return Comparison{}, broken("a comparison has a merge_base_commit without a full commit id")
	}
	files, err := changedFiles(b.Files)
	if err != nil {
		return Comparison{}, err
	}
	return Comparison{Status: *b.Status, AheadBy: *b.AheadBy, BehindBy: *b.BehindBy, MergeBase: b.MergeBase.SHA,
		Files: files, Truncated: len(b.Files) >= filesListed, URL: b.URL}, nil
}
