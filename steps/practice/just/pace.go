package just

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// pace is the factor of the pauses between lines of output, which make a command feel
// like the real one.
type pace float64

func paceFromEnviron() pace {
	if p, err := strconv.ParseFloat(os.Getenv(PaceVariable), 64); err == nil && p >= 0 {
		return pace(p)
	}
	return 1
}

// wait returns after a pause, or earlier with the context's error if that ends.
func (p pace) wait(ctx context.Context, pause time.Duration) error {
	pause = time.Duration(float64(pause) * float64(p))
	if pause <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// line is a line of output and the pause before it.
type line struct {
	after time.Duration
	text  string
}

// play prints lines one by one.
func (p pace) play(ctx context.Context, w io.Writer, lines []line) error {
	for _, l := range lines {
		if err := p.wait(ctx, l.after); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, l.text); err != nil {
			return err
		}
	}
	return nil
}
