package checkout

import "testing"

func TestRemoteNames(t *testing.T) {
	for _, c := range []struct {
		remote, repository string
		want               bool
	}{
		{"https://github.com/WordPress/openverse-infrastructure", "WordPress/openverse-infrastructure", true},
		{"https://github.com/WordPress/openverse-infrastructure.git", "WordPress/openverse-infrastructure", true},
		{"https://github.com/wordpress/OpenVerse-Infrastructure/", "WordPress/openverse-infrastructure", true},
		{"https://github.com/WordPress/openverse-infrastructure.git/", "WordPress/openverse-infrastructure", true},
		{"git@github.com:WordPress/openverse-infrastructure.git", "WordPress/openverse-infrastructure", true},
		{"ssh://git@github.com:22/WordPress/openverse-infrastructure", "WordPress/openverse-infrastructure", true},
		{"/srv/git/WordPress/openverse-infrastructure", "WordPress/openverse-infrastructure", true},
		{"https://github.com/WordPress/openverse-infrastructure", "/WordPress/openverse-infrastructure/", true},

		{"", "WordPress/openverse-infrastructure", false},
		{"https://github.com/WordPress/openverse-infrastructure", "", false},
		{"https://github.com/", "", false},
		{"https://github.com/someone/openverse-infrastructure", "WordPress/openverse-infrastructure", false},
		{"https://github.com/WordPress/openverse", "WordPress/openverse-infrastructure", false},
		{"https://github.com/WordPress/openverse-infrastructure-fork", "WordPress/openverse-infrastructure", false},
		{"https://github.com/NotWordPress/openverse-infrastructure", "WordPress/openverse-infrastructure", false},
		{"git@github.com:NotWordPress/openverse-infrastructure", "WordPress/openverse-infrastructure", false},
		{"https://example.org/?WordPress/openverse-infrastructure", "WordPress/openverse-infrastructure", false},
		{"WordPress/openverse-infrastructure", "WordPress/openverse-infrastructure", false},
		{"https://github.com/WordPress/openverse-infrastructure.git.git", "WordPress/openverse-infrastructure", false},
	} {
		if got := RemoteNames(c.remote, c.repository); got != c.want {
			t.Errorf("RemoteNames(%q, %q) = %t", c.remote, c.repository, got)
		}
	}
}
