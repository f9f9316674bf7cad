package workflow

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
)

// A Publisher is a job that pushes an image.
type Publisher struct {
	ID string // of the job; "caller / called" for one of a called workflow
	// Certain is set if what it pushes is the image beyond doubt. It isn't if parts of
	// the reference are known to GitHub only.
	Certain bool
	// Never is set if for this run the job only builds, so that it pushes nothing
	// although it and its steps succeed.
	Never bool
	// Hidden is set if the file doesn't show whether the job pushes anything: it runs a
	// script or an action of the repository that may, or calls another repository's workflow.
	Hidden bool
	// Unmeant is set if the job's own condition leaves it out for this run.
	Unmeant bool

	match       match
	job, caller string   // expressions for the names of the job and of the one that calls it
	steps       []string // expressions for the names of the steps that push
}

// Is reports whether a job is the publisher, by the name that GitHub lists it under. Of a
// matrix there are several; of a called workflow that was skipped, GitHub lists the
// calling job alone.
func (p *Publisher) Is(name string) bool {
	return whole(p.job).MatchString(name) || p.caller != "" && whole(p.caller).MatchString(name)
}

// Pushes reports whether a step of the job is one that pushes the image, by the name that
// GitHub lists it under.
func (p *Publisher) Pushes(name string) bool {
	return slices.ContainsFunc(p.steps, func(shape string) bool { return whole(shape).MatchString(name) })
}

// Publishers returns the jobs that push an image in a run: those that do so beyond doubt,
// or if there is none, those that may. If none of these pushes in this run, it returns those
// that would in another, else those that push an image of the same name to another
// registry, else the hidden ones. reference is the image without a tag; if it is empty, any
// image may be it. called has the called workflows of the same repository by their paths; a
// job that calls one that it lacks is hidden.
func (f *File) Publishers(run Run, reference string, called map[string]*File) []Publisher {
	work := mostWork
	all := f.publishers(&scope{run: run, work: &work}, image(strings.ToLower(reference)), called, 0)
	for _, wanted := range []func(Publisher) bool{
		func(p Publisher) bool { return p.match == certain && !p.Never },
		func(p Publisher) bool { return p.match == maybe && !p.Never },
		func(p Publisher) bool { return p.match == certain },
		func(p Publisher) bool { return p.match == elsewhere && !p.Never },
		func(p Publisher) bool { return p.Hidden },
	} {
		if some := slices.DeleteFunc(slices.Clone(all), func(p Publisher) bool { return !wanted(p) }); len(some) > 0 {
			return some
		}
	}
	return nil
}

// mostNested is how deep GitHub lets workflows call one another (documentation, "Reusing
// workflow configurations").
const mostNested = 10

func (f *File) publishers(outer *scope, img image, files map[string]*File, nested int) (all []Publisher) {
	for _, id := range slices.Sorted(maps.Keys(f.parsed.Jobs)) {
		job := f.parsed.Jobs[id]
		s := *outer
		s.env = nil
		for _, env := range []*actionlint.Env{job.Env, f.parsed.Env} {
			if env != nil {
				s.env = append(s.env, env.Vars)
			}
		}
		name := cmp.Or(s.text(job.Name), job.ID.Value)
		shape := shape(name)
		if job.Strategy != nil && !strings.Contains(name, gap) {
			shape += `(?: \(.*\))?` // what a matrix adds, but not to one that was skipped
		}
		holds, known := s.condition(job.If)
		unmeant := known && !holds
		if job.WorkflowCall != nil {
			at, _ := called(job)
			file := files[at]
			if file == nil || nested == mostNested || s.spent() {
				all = append(all, Publisher{ID: id, Hidden: true, Unmeant: unmeant, job: shape + "(?: / .*)?"})
				continue
			}
			s.inputs = file.inputs(&s, job.WorkflowCall)
			for _, p := range file.publishers(&s, img, files, nested+1) {
				p.ID, p.Unmeant = id+" / "+p.ID, p.Unmeant || unmeant
				p.caller, p.job = shape, shape+" / (?:"+p.job+")"
				all = append(all, p)
			}
			continue
		}
		if p, ok := s.publisher(job, img); ok {
			p.ID, p.Unmeant, p.job = id, unmeant, shape
			all = append(all, p)
		}
	}
	return all
}

// inputs returns the inputs of a called workflow: what the caller gives, else the defaults.
func (f *File) inputs(caller *scope, call *actionlint.WorkflowCall) map[string]any {
	values := map[string]any{}
	if event, ok := f.parsed.FindWorkflowCallEvent(); ok {
		for _, in := range event.Inputs {
			values[strings.ToLower(in.ID)] = caller.text(in.Default)
			if in.Default == nil {
				values[strings.ToLower(in.ID)] = nil
			}
		}
	}
	for id, in := range call.Inputs {
		values[strings.ToLower(id)] = caller.value(in.Value)
	}
	return values
}

// value evaluates a text that may be an expression as a whole, whose type it then keeps.
func (s *scope) value(of *actionlint.String) any {
	if of == nil {
		return nil
	}
	if rest, ok := strings.CutPrefix(strings.TrimSpace(of.Value), "${{"); ok {
		if value, length := s.expression(rest); length == len(rest) {
			return value
		}
	}
	text := s.text(of)
	if !of.Quoted && (text == "true" || text == "false") {
		return text == "true"
	}
	return text
}

// publisher returns whether a job pushes the image. A push to a reference that isn't known
// counts only if the job doesn't log in to other registries alone.
func (s *scope) publisher(job *actionlint.Job, img image) (p Publisher, ok bool) {
	s.images = s.metadata(job.Steps)
	uses := make([]stepUse, len(job.Steps))
	login, logins := other, 0
	for i, step := range job.Steps {
		uses[i] = s.use(step)
		for _, host := range uses[i].logins {
			logins++
			login = max(login, img.at(host))
		}
	}
	best, never := other, true
	hidden := false
	for i, step := range job.Steps {
		m := other
		silent := true
		hidden = hidden || uses[i].opaque
		for _, one := range uses[i].pushes {
			of := img.pushed(one, login, logins)
			m = max(m, of)
			silent = silent && (one.never || of == other)
		}
		if m == other && uses[i].opaque && login != other {
			m, silent = maybe, false
		}
		if m == other || m < best {
			continue
		}
		if m > best {
			best, never, p.steps = m, true, nil
		}
		never = never && silent
		p.steps = append(p.steps, s.stepName(step))
	}
	p.match, p.Certain, p.Never, p.Hidden = best, best == certain, best != other && never, best == other
	return p, best != other || hidden
}

// pushed returns whether a push is one of the image.
func (i image) pushed(p push, login match, logins int) match {
	if len(p.targets) == 0 {
		p.targets = []string{gap}
	}
	best := other
	for _, target := range p.targets {
		m := i.named(target)
		if m == maybe && logins > 0 && login == other {
			m = other
		}
		best = max(best, m)
	}
	return best
}

// stepName returns an expression for the name that GitHub lists a step under: its name, or
// "Run" with the action or the first line of the script.
func (s *scope) stepName(step *actionlint.Step) string {
	if step.Name != nil {
		return shape(s.text(step.Name))
	}
	name := ""
	switch e := step.Exec.(type) {
	case *actionlint.ExecAction:
		name = s.text(e.Uses)
	case *actionlint.ExecRun:
		name, _, _ = strings.Cut(strings.TrimSpace(s.text(e.Run)), "\n")
		name = strings.TrimSpace(name)
	}
	return shape("Run " + name)
}
