package justfile

import (
	"path"
	"slices"
	"strings"
)

// elsewhere are programs that start others without the environment of their caller, and
// the options with which they keep it.
var elsewhere = map[string][]string{
	"sudo": {"-E", "--preserve-env"}, "doas": nil, "su": {"-m", "-p", "--preserve-environment"}, "runuser": {"-m", "-p", "--preserve-environment"},
	"ssh": nil, "docker": nil, "docker-compose": nil, "podman": nil, "nerdctl": nil, "kubectl": nil, "systemd-run": nil, "machinectl": nil, "flatpak": nil, "lxc": nil,
}

// clears reports whether a command starts Terraform, or a command of its name, without
// the variable.
func (s *search) clears(words []string) bool {
	for i, w := range words {
		rest := words[i+1:]
		keeps, known := elsewhere[path.Base(w)]
		switch {
		case path.Base(w) == "env" && s.emptied(rest):
			return s.matters(rest)
		case path.Base(w) == "exec" && slices.Contains(rest, "-c"):
			return s.matters(rest)
		case strings.HasPrefix(path.Base(w), "nix") && (slices.Contains(rest, "--pure") || slices.Contains(rest, "--ignore-environment") || slices.Contains(rest, "-i")):
			return s.matters(rest)
		case known && !slices.ContainsFunc(rest, func(arg string) bool {
			name, _, _ := strings.Cut(arg, "=")
			return slices.Contains(keeps, name)
		}):
			return s.matters(rest)
		}
	}
	return false
}

// emptied reports whether the arguments of env remove the variable or all.
func (s *search) emptied(arguments []string) bool {
	for i, a := range arguments {
		switch {
		case a == "-", a == "--ignore-environment", a == "-i", strings.HasPrefix(a, "-") && !strings.HasPrefix(a, "--") && strings.ContainsRune(a, 'i') && !strings.HasPrefix(a, "-u"):
			return true
		case a == "-u"+s.variable, a == "--unset="+s.variable, (a == "-u" || a == "--unset") && i+1 < len(arguments) && arguments[i+1] == s.variable:
			return true
		case !strings.HasPrefix(a, "-") && !strings.ContainsRune(a, '=') && (i == 0 || arguments[i-1] != "-u"):
			return false // the program that env starts
		}
	}
	return false
}

// matters reports whether the command that is started may be Terraform: it is named so,
// or has the name of its command among its words.
func (s *search) matters(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		return w == s.starts || isTerraform(w) || strings.HasSuffix(w, ".sh")
	})
}

func isTerraform(word string) bool {
	return slices.Contains([]string{"terraform", "tofu", "terragrunt"}, path.Base(word))
}

// destroys reports whether a command destroys: `terraform destroy` takes no saved plan
// and doesn't read the variables of apply.
func (s *search) destroys(words []string) bool {
	at := slices.IndexFunc(words, isTerraform)
	return at >= 0 && s.starts == "apply" && slices.Contains(words[at+1:], "destroy")
}
