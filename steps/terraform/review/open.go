// Package review reads a plan apart from any run, and writes what a reviewer needs of
// it: Markdown for a pull request, and the annotations of a GitHub workflow.
package review

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
	"catalog-runbook/steps/terraform/text"
)

// Plan is a plan that was read from a file or a stream, with what it needs to show each
// change. It may be used concurrently until Close.
type Plan struct {
	terraform.Plan
	Secrets []string // the values that it marks as sensitive

	file *os.File // holds the JSON; nil if Lines isn't wanted or the plan is a text
	ours bool     // file is a copy that has no name any more
	base int64    // where the plan begins in file
	size int64    // of file, and
	made time.Time
}

// Options are the options of Open.
type Options struct {
	Policy terraform.Policy // says which differences are kept of which changes
	// Lines says that Lines will be called. A stream is then copied to a temporary file
	// that only its owner can read and that has no name; a file must stay open.
	Lines bool
}

// Open reads a plan, as JSON or as text, depending on its first bytes. The values that
// it marks as sensitive are known secrets from then on. Open returns when ctx ends, even
// while the stream is silent; nothing must be done with in then.
func Open(ctx context.Context, in *os.File, o Options) (*Plan, error) {
	type reading struct {
		plan *Plan
		err  error
	}
	done := make(chan reading, 1)
	go func() {
		p, err := open(in, o)
		done <- reading{p, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		return r.plan, r.err
	}
}

func open(in *os.File, o Options) (*Plan, error) {
	p := &Plan{}
	defer func() { clean.Secret(p.Secrets...) }() // which costs the same for one as for many
	secret := func(value string) { p.Secrets = append(p.Secrets, value) }
	from := io.Reader(in)
	if o.Lines {
		var err error
		if from, err = p.keep(in); err != nil {
			p.Close()
			return nil, fmt.Errorf("reading the plan: %w", err)
		}
	}
	all, isJSON, err := exact.Sniff(from)
	switch {
	case err != nil:
	case isJSON:
		p.Plan, err = exact.Read(all, exact.Options{Edits: o.Policy.NeedsEdits, Attributes: o.Policy.NeedsAttributes, Noise: o.Lines, Secret: secret})
	default:
		p.Plan, err = text.Read(all)
	}
	if err == nil {
		err = p.stamp()
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// keep returns a reader of the plan that leaves behind a file from which its changes can
// be read again: the plan's own, or a copy of a stream.
func (p *Plan) keep(in *os.File) (io.Reader, error) {
	if info, err := in.Stat(); err == nil && info.Mode().IsRegular() {
		p.file = in
		p.base, err = in.Seek(0, io.SeekCurrent)
		return in, err
	}
	copied, err := os.CreateTemp("", "plan-*") // with the mode 0600
	if err != nil {
		return nil, err
	}
	p.file, p.ours = copied, true
	return io.TeeReader(in, copied), os.Remove(copied.Name())
}

// stamp remembers the state of the file.
func (p *Plan) stamp() error {
	if p.file == nil {
		return nil
	}
	info, err := p.file.Stat()
	if err == nil {
		p.size, p.made = info.Size(), info.ModTime()
	}
	return err
}

// Close removes the copy of a stream.
func (p *Plan) Close() {
	if p.ours {
		_ = p.file.Close() // nothing was written that is still needed
	}
}

var errChanged = errors.New("the file of the plan has changed since it was read")

// Lines returns what the plan would do to Changes[i], attribute by attribute. For a text
// it returns no lines but the block as it was printed.
func (p *Plan) Lines(i int) ([]terraform.Line, clean.Text, error) {
	c := p.Changes[i]
	if !p.JSON {
		return nil, c.Body, nil
	}
	address := clean.Line(c.Address)
	info, err := p.file.Stat()
	if err == nil && (info.Size() != p.size || !info.ModTime().Equal(p.made)) {
		err = errChanged
	}
	if err != nil {
		return nil, clean.Text{}, fmt.Errorf("showing %s: %w", address, err)
	}
	object := make([]byte, c.At.Length)
	if _, err := p.file.ReadAt(object, p.base+c.At.Offset); err != nil {
		return nil, clean.Text{}, fmt.Errorf("showing %s: %w", address, err)
	}
	lines, err := exact.Diff(object)
	return lines, clean.Text{}, err
}
