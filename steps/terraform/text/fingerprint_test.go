package text

import (
	"strings"
	"testing"
)

func TestFingerprintIsOfWhatWouldBeDone(t *testing.T) {
	plain := Fingerprint(fixture(t, "replace-and-update"))
	if len(plain) != 64 {
		t.Fatalf("got %q", plain)
	}
	for _, same := range []string{"coloured", "coloured-crlf", "apply-question"} {
		if got := Fingerprint(fixture(t, same)); got != plain {
			t.Errorf("%s: another fingerprint", same)
		}
	}
	deploy := fixture(t, "cloud-deploy")
	if Fingerprint(deploy) != Fingerprint(fixture(t, "cloud-deploy-apply")) {
		t.Error("the plan that apply shows has another fingerprint")
	}
	if Fingerprint(deploy) != Fingerprint(fixture(t, "cloud-deploy-coloured")) {
		t.Error("colours change the fingerprint")
	}
	if Fingerprint(deploy) != Fingerprint("$ just plan\n"+drifted+deploy+"\nplease read it\n") {
		t.Error("what stands around the plan changes its fingerprint")
	}
	for _, other := range []string{"cloud-other", "cloud-database-update"} {
		if Fingerprint(fixture(t, other)) == Fingerprint(deploy) {
			t.Errorf("%s: the same fingerprint", other)
		}
	}
	if Fingerprint(strings.Replace(deploy, `-> "DOCKER_IMAGE_TAG=v1.5.3"`, `-> "DOCKER_IMAGE_TAG=v1.5.4"`, 1)) == Fingerprint(deploy) {
		t.Error("another value, the same fingerprint")
	}
	if Fingerprint(strings.Replace(deploy, "  # aws_instance", "  # aws_db_instance.x will be renewed\n\n  # aws_instance", 1)) == Fingerprint(deploy) {
		t.Error("another resource first, the same fingerprint")
	}
}

func TestFingerprintOfNoPlan(t *testing.T) {
	deploy := fixture(t, "cloud-deploy")
	for name, text := range map[string]string{
		"empty":      "",
		"no changes": fixture(t, "no-changes"),
		"error":      fixture(t, "syntax-error"),
		"cut off":    deploy[:strings.Index(deploy, "Plan:")],
		"two plans":  deploy + deploy,
		"no list":    strings.Replace(deploy, "will perform the following actions:", "will act:", 1),
		"drift only": drifted + "Plan: 0 to add, 0 to change, 0 to destroy.\n",
	} {
		if got := Fingerprint(text); got != "" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestAsksApproval(t *testing.T) {
	question := fixture(t, "apply-question")
	tests := map[string]struct {
		text string
		want bool
	}{
		"the question":         {question, true},
		"as a terminal has it": {strings.ReplaceAll(question, "\n", "\r\n") + "\x1b[0m ", true},
		"of a workspace":       {strings.Replace(question, "these actions?", `these actions in workspace "prod"?`, 1), true},
		"answered":             {question + "yes\n", false},
		"still being written":  {question[:len(question)-20], false},
		"a variable":           {"var.image\n  Enter a value: ", false},
		"a variable after it":  {question + "yes\nvar.image\n  Enter a value: ", false},
		"a plan":               {fixture(t, "cloud-deploy"), false},
		"nothing":              {"", false},
	}
	for name, test := range tests {
		if got := AsksApproval(test.text); got != test.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
