package just

import (
	"fmt"
	"strings"
)

// justArgs are the options of just that the practice one knows.
type justArgs struct {
	justfile, directory, show      string
	list, summary, version, dryRun bool
	rest                           []string // recipes and their arguments
}

func parseJustArgs(args []string) (o justArgs, err error) {
	for len(args) > 0 {
		arg, value, joined := strings.Cut(args[0], "=")
		args = args[1:]
		var text *string
		switch arg {
		case "--list", "-l":
			o.list = true
		case "--summary":
			o.summary = true
		case "--version", "-V":
			o.version = true
		case "--dry-run", "-n":
			o.dryRun = true
		case "--yes":
			// no recipe of the practice asks for confirmation
		case "--justfile", "-f":
			text = &o.justfile
		case "--working-directory", "-d":
			text = &o.directory
		case "--show", "-s":
			text = &o.show
		default:
			if strings.HasPrefix(arg, "-") {
				return o, &exitError{code: 2, text: fmt.Sprintf("error: unexpected argument '%s' found", arg)}
			}
			o.rest = append([]string{arg}, args...)
			if joined {
				o.rest[0] += "=" + value
			}
			return o, nil
		}
		if text == nil {
			continue
		}
		if !joined {
			if len(args) == 0 {
				return o, &exitError{code: 2, text: fmt.Sprintf("error: a value is required for '%s' but none was supplied", arg)}
			}
			value, args = args[0], args[1:]
		}
		*text = value
	}
	return o, nil
}
