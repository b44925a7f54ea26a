package auth

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
)

// changingPassword is a cloud whose password is in a file, and what writes it.
func changingPassword(t *testing.T, projects ...string) (cfg config.Cloud, write func(string)) {
	t.Helper()
	file := check.Write(t, filepath.Join(t.TempDir(), "password"), "first")
	write = func(password string) { check.Write(t, file, password) }
	cfg = ofProjects(passwordConfig(), projects...)
	cfg.Auth.Password = config.NewSecretFile(file)
	return cfg, write
}

// TestAChangedSecretCountsFromTheNextCollection has two projects with tokens.
func TestAChangedSecretCountsFromTheNextCollection(t *testing.T) {
	cfg, write := changingPassword(t, testProject, strings.Repeat("b", 32))
	synctest.Test(t, func(t *testing.T) {
		var w *world
		w = &world{Valid: func(string) bool { return true }, Token: `{}`, Login: func(n int) (int, string) {
			if strings.Contains(w.Bodies[n-1], `"wrong"`) {
				return http.StatusUnauthorized, `{}`
			}
			return 0, ""
		}}
		s := newSession(t, cfg, w)
		both := []*Session{s.own, s.account.NewSession(Scope{Project: cfg.Projects[1]}, "beta")}
		collect := func() {
			s.account.RenewChanged(t.Context(), both)
			for _, s.own = range both {
				check.OK(t, s.get(t.Context()))
			}
		}
		for _, step := range []struct {
			password string
			logins   int
			why      string
		}{
			{"first", 2, "one a project"},
			{"first", 2, "nothing changed"},
			{"wrong", 3, "refused once is refused for all, and the tokens still work"},
			{"wrong", 3, "it was refused already"},
			{"second", 5, "both projects log in anew"},
			{"second", 5, "nothing changed"},
		} {
			write(step.password)
			collect()
			check.Equal(t, "logins with "+step.password+": "+step.why, step.logins, s.Logins())
		}
		check.Equal(t, "failures counted", 1.0, s.metric(t, "cloudip_auth_failures_total"))

		write("wrong again")
		known := ""
		w.Login = func(n int) (int, string) {
			if strings.Contains(w.Bodies[n-1], known) && known != "" {
				return 0, ""
			}
			return http.StatusUnauthorized, `{}`
		}
		collect() // refused, and the old tokens stay
		known = "wrong again"
		w.Valid = func(token string) bool { return token == w.Newest() }
		s.own = both[0]                 // that tried
		check.OK(t, s.get(t.Context())) // the cloud has learnt the secret in the same moment
	})
}

func TestAChangedTokenOfCloudsYAMLCountsFromTheNextCollection(t *testing.T) {
	scripted.ClearEnv(t)
	file := filepath.Join(t.TempDir(), "clouds.yaml")
	write := func(token, host string) {
		check.Write(t, file, "clouds: {c: {auth_type: token, auth: {auth_url: 'https://"+host+"/v3', project_name: alpha, token: "+token+"}}}")
	}
	write("one", "iam.test")
	s := newSession(t, authAs(config.Auth{Type: config.CloudsYAML, CloudsYAMLCloud: "c", CloudsYAMLFile: file}), &world{})
	check.OK(t, s.get(t.Context()))
	write("two", "iam.test")
	s.account.RenewChanged(t.Context(), []*Session{s.own})
	check.Equal(t, "logins", 2, s.Logins())
	check.Has(t, "last login", s.Bodies[1], `"two"`)
	write("three", "iam.elsewhere")
	s.Valid = func(string) bool { return false }
	check.Fails(t, "a request", s.get(t.Context()), "has changed: reload")
	check.Equal(t, "logins, none elsewhere", 2, s.Logins())
}

func TestAChangedSecretIsTriedByOneProjectAndThenByAllAtOnce(t *testing.T) {
	cfg, write := changingPassword(t, testProject)
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, cfg, &world{Token: `{}`, Takes: 10 * time.Second})
		all := []*Session{s.own}
		for i := range 8 {
			all = append(all, s.account.NewSession(Scope{Project: strings.Repeat(string(rune('a'+i)), 32)}, "other"))
		}
		for _, one := range all {
			check.Get(one.tokens.get(t.Context(), nil))(t)
		}
		write("second")
		begun := time.Now()
		s.account.RenewChanged(t.Context(), all)
		check.Equal(t, "time for two logins of 10s", 20*time.Second, time.Since(begun))
		check.Equal(t, "logins", 18, s.Logins())
	})
}
