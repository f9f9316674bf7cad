package doctor

import (
	"context"
	"fmt"
)

// database connects as a check would, and says which server answers. A deployment of the
// service needs none, so that it is only worth a look.
func (s Setup) database(use use) Question {
	return question(About(use.by, "database"), func(ctx context.Context, f []*Finding) string {
		if s.World.Postgres == nil {
			return ""
		}
		session, err := s.World.Postgres.To(use.value).Open(ctx)
		if err != nil {
			f[0].Fail(err)
			return ""
		}
		defer session.Close()
		how := ""
		if session.Tunnel != "" {
			how = ", through the tunnel at " + session.Tunnel
		}
		at := fmt.Sprintf("%s as %s on %s:%d%s", session.Database, session.User, session.Host, session.Port, how)
		switch wrong, err := session.Wrong(); {
		case err != nil:
			f[0].Fail(err)
		case wrong != "":
			f[0].Is(Wrong, "check where the tunnel and the host lead", "%s: %s", at, wrong)
		case session.Superuser:
			f[0].Is(Wrong, s.set("postgres", `user = "ROLE"`)+", with a read-only role", "%s, a superuser", at)
		default:
			f[0].ok("%s, PostgreSQL %s", at, session.Version)
		}
		return ""
	})
}
