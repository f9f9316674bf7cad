package steps

import "testing"

func TestAsksSecret(t *testing.T) {
	for output, want := range map[string]bool{
		"":                                   false,
		"Continue? ":                         false,
		"Password:":                          true,
		"password\nContinue? ":               false,
		"Enter passphrase for key '/a/id': ": true,
		"PIN: ":                              true,
		"Spinning: ":                         false,
		"Type the one-time code: ":           true,
		"var.name\n  Enter a value: ":        false,
		"var.db_password\n  The one of the database.\n\n  Enter a value: ":                                 true,
		"var.db_password\n  Enter a value: \n\nvar.size\n  How large it is.\n\n  Enter a value: ":          false,
		"a token\n1\n2\n3\n4\n5\n6\n7\n  Enter a value: ":                                                  false,
		"Do you want to perform these actions?\n  Only 'yes' will be accepted.\n\n  Enter a value: ":       false,
		"var.size\n  Enter a value: 3\r\n\r\nvar.api_token\r\n  That of the API.\r\n\r\n  Enter a value: ": true,
	} {
		if got := asksSecret(output); got != want {
			t.Errorf("%q: got %v", output, got)
		}
	}
}
