package auth

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// TestAFaultOfTheCredentialNamesTheKeyThatIsToBeMended has the keys of the configuration, variables
// and files, and the key and the fault, or the warnings, that follow.
func TestAFaultOfTheCredentialNamesTheKeyThatIsToBeMended(t *testing.T) {
	golden.Cases(t, "testdata/check.txt", func(in string) (out string) {
		t.Run("", func(t *testing.T) { out = checked(t, txtar.Parse([]byte(in+"\n"))) })
		return out
	})
}

func checked(t *testing.T, in *txtar.Archive) string {
	scripted.ClearEnv(t)
	t.Chdir(t.TempDir())
	t.Setenv("HOME", ".")
	for _, f := range in.Files {
		check.Write(t, f.Name, string(f.Data))
	}
	cfg := passwordConfig()
	cfg.Auth = config.Auth{Type: config.CloudsYAML}
	for line := range strings.Lines(string(in.Comment)) {
		switch word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " "); word {
		case "provider":
			cfg.Provider = rest
		case "cloud":
			cfg.Auth.CloudsYAMLCloud = rest
		case "file":
			cfg.Auth.CloudsYAMLFile = rest
		case "server_name":
			cfg.HTTP.TLS.ServerName = rest
		case "url":
			cfg.Auth.URL = rest
		case "environment", "access_key":
			cfg.Auth.Type = map[string]string{"environment": config.Env, "access_key": config.AccessKey}[word]
		case "$":
			name, value, _ := strings.Cut(rest, "=")
			t.Setenv(name, value)
		default:
			t.Fatalf("unknown directive %q", line)
		}
	}
	key, warnings, err := Check(cfg)
	shown := fmt.Sprintf("%s: %v\n%s", key, err, strings.Join(warnings, "\n"))
	check.Lacks(t, "what is shown", shown, "canary")
	return shown
}
