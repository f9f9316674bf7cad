package state

import "time"

// Release is a GitHub release; Published is zero for a draft.
type Release struct {
	ID         int64     `json:"id"`
	Tag        string    `json:"tag"`
	Commit     string    `json:"commit"`
	Annotated  string    `json:"annotated,omitzero"` // unused, but in files of earlier versions
	Created    time.Time `json:"created"`
	Published  time.Time `json:"published,omitzero"`
	Prerelease bool      `json:"prerelease,omitzero"`
	Author     string    `json:"author,omitzero"` // the login, if it isn't a person's
	Build      Build     `json:"build,omitzero"`  // zero for UsualBuild
	// Unbuilt says that its publication starts no workflow run, Runs which it starts if that
	// isn't the usual one.
	Unbuilt bool  `json:"unbuilt,omitzero"`
	Runs    []Run `json:"runs,omitzero"`
	Image   Image `json:"image,omitzero"`
}

// Run is a workflow run for a release's tag. The zero value is the usual one.
type Run struct {
	Event      string        `json:"event,omitzero"`      // "" is release
	Workflow   string        `json:"workflow,omitzero"`   // another one's file name
	Commit     string        `json:"commit,omitzero"`     // where the tag was at first
	After      time.Duration `json:"after,omitzero"`      // since the publication
	Lasts      time.Duration `json:"lasts,omitzero"`      // if it takes longer than the build
	Waits      bool          `json:"waits,omitzero"`      // for someone's approval
	Conclusion string        `json:"conclusion,omitzero"` // "" is success
	Withheld   string        `json:"withheld,omitzero"`   // what was skipped: the publishing "job" or its "steps"
	Unlisted   bool          `json:"unlisted,omitzero"`   // GitHub doesn't list its jobs yet
}

// Image is how a release's image is in the registry. The zero value is under the release's
// tag and that of its commit, with a label that names the commit.
type Image struct {
	Tag      string `json:"tag,omitzero"`      // in another spelling
	Revision string `json:"revision,omitzero"` // what the label names instead
	Attested string `json:"attested,omitzero"` // the commit that BuildKit's provenance names; "" is none
	Untied   bool   `json:"untied,omitzero"`   // it has no tag of its commit
	Deleted  bool   `json:"deleted,omitzero"`  // its version was deleted after the build
	Hidden   bool   `json:"hidden,omitzero"`   // its package is private
}

// Build says how long after a release is published its workflow run starts and
// ends, and its image arrives in the registry.
type Build struct {
	Starts time.Duration `json:"starts"`
	Ends   time.Duration `json:"ends"`
	Image  time.Duration `json:"image"`
}

// UsualBuild is the build of a release that does not state another.
var UsualBuild = Build{Starts: 2 * time.Second, Ends: 6 * time.Second, Image: 8 * time.Second}

// BuildTimes returns the release's build.
func (r Release) BuildTimes() Build {
	if r.Build == (Build{}) {
		return UsualBuild
	}
	return r.Build
}

// Draft reports whether the release is not published yet.
func (r Release) Draft() bool { return r.Published.IsZero() }
