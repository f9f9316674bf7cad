package saved

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
	"catalog-runbook/steps/terraform/text"
)

// Read reads the JSON that Show has written, of a plan command that ended well. What
// the plan marks as sensitive is a known secret from then on. printed is what was read
// of the command's output, nil if that can't be read. It is evidence of how planning
// ended only if it is complete and the same plan; an output without a plan is none.
func (f Folder) Read(ctx context.Context, policy terraform.Policy, printed *terraform.Plan) (terraform.Plan, error) {
	if printed == nil || !printed.Complete {
		return f.read(ctx, policy, false)
	}
	plan, err := f.read(ctx, policy, true)
	if err == nil && !Same(plan, *printed) {
		return f.read(ctx, policy, false)
	}
	return plan, err
}

func (f Folder) read(ctx context.Context, policy terraform.Policy, ended bool) (terraform.Plan, error) {
	file, err := os.Open(f.json())
	if err != nil {
		return terraform.Plan{}, err
	}
	defer file.Close()
	var secrets []string
	plan, err := exact.Read(bufio.NewReaderSize(reader{ctx, file}, 1<<20), exact.Options{
		Edits: policy.NeedsEdits, Attributes: policy.NeedsAttributes, Noise: true, Secret: func(s string) { secrets = append(secrets, s) }, Ended: ended,
	})
	clean.Secret(secrets...)
	return plan, err
}

// KnowSecrets makes known secrets of what the plan marks as sensitive, as Read does.
func (f Folder) KnowSecrets(ctx context.Context) error {
	_, err := f.read(ctx, terraform.Policy{}, false)
	return err
}

// Printed reads the plan from what the command printed.
func (f Folder) Printed(ctx context.Context) (terraform.Plan, error) {
	file, err := os.Open(command.OutputFile(string(f)))
	if err != nil {
		return terraform.Plan{}, err
	}
	defer file.Close()
	return text.Read(reader{ctx, file})
}

// reader ends with a context.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// maxObject is the largest resource that is shown, in bytes.
const maxObject = 32 << 20

// Lines reads what one change of the plan changes from the JSON.
func (f Folder) Lines(c terraform.Change) ([]terraform.Line, error) {
	if c.At.Length > maxObject {
		return nil, fmt.Errorf("showing %s: it is larger than %d MiB", clean.Line(c.Address), maxObject>>20)
	}
	file, err := os.Open(f.json())
	if err != nil {
		return nil, fmt.Errorf("showing %s: the plan is gone", clean.Line(c.Address))
	}
	defer file.Close()
	object := make([]byte, c.At.Length)
	if _, err := file.ReadAt(object, c.At.Offset); err != nil {
		return nil, fmt.Errorf("showing %s: %w", clean.Line(c.Address), err)
	}
	return exact.Diff(object)
}

// Same reports whether two readings of a plan would do the same to the same resources.
func Same(exact, printed terraform.Plan) bool {
	type change struct {
		address, deposed string
		action           terraform.Action
	}
	count := map[change]int{}
	for _, c := range exact.Changes {
		count[change{c.Address, c.Deposed, c.Action}]++
	}
	for _, c := range printed.Changes {
		count[change{c.Address, c.Deposed, c.Action}]--
	}
	for _, i := range exact.Invocations {
		count[change{unkeyed(i), i.Trigger, terraform.Invoke}]++
	}
	for _, i := range printed.Invocations {
		count[change{unkeyed(i), i.Trigger, terraform.Invoke}]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return exact.NoChanges == printed.NoChanges && exact.OutputsOnly == printed.OutputsOnly
}

// unkeyed returns the address of an action without its key, which a text doesn't show if a
// resource triggers it.
func unkeyed(i terraform.Invocation) string {
	at := max(strings.LastIndex(i.Address, "action."), 0)
	if key := strings.IndexByte(i.Address[at:], '['); key >= 0 && i.Trigger != "" {
		return i.Address[:at+key]
	}
	return i.Address
}

// Warnings returns the warnings of both readings. The JSON only has failed checks, and
// OpenTofu's doesn't even say that resources were left out by -target.
func Warnings(exact, printed terraform.Plan) []terraform.Warning {
	all := exact.Warnings
	for _, w := range printed.Warnings {
		if !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return all
}
