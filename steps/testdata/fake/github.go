package fake

import (
	"fmt"
	"time"
)

// release bodies are as GitHub's REST documentation has them.
func ReleaseBody(tag string, published time.Time) Object {
	return Object{"id": 1, "tag_name": tag, "name": tag, "draft": false, "prerelease": false,
		"published_at": Stamp(published), "created_at": Stamp(published.Add(-time.Hour)), "html_url": "https://github.com/o/r/releases/tag/" + tag}
}

func RunBody(id int, branch, status, conclusion string) Object {
	return Attempt(id, 1, branch, status, conclusion, Moment.Add(-10*time.Minute))
}

func Attempt(id, attempt int, branch, status, conclusion string, started time.Time) Object {
	body := Object{"id": id, "name": "CI + CD", "path": ".github/workflows/ci_cd.yml", "event": "release", "status": status,
		"conclusion": nil, "head_branch": branch, "head_sha": Commit, "run_attempt": attempt,
		"run_started_at": Stamp(started), "html_url": fmt.Sprintf("https://github.com/o/r/actions/runs/%d", id)}
	if conclusion != "" {
		body["conclusion"] = conclusion
	}
	return body
}

func JobBody(name, conclusion string) Object {
	return Object{"name": name, "status": "completed", "conclusion": conclusion, "html_url": "https://github.com/o/r/actions/job/1",
		"started_at": Stamp(Moment), "completed_at": Stamp(Moment)}
}

// Missing is the body of a 404.
var Missing = Object{"message": "Not Found"}
