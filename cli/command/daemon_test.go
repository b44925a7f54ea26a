package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/test/check"
)

func TestNoFaultOfAnHTTPConfigRepeatsASecret(t *testing.T) {
	file := filepath.Join(t.TempDir(), "http.yml")
	for text, want := range map[string]string{
		"basic_auth: canary": "see line 1",
		"# none\nbasic_auth: {username: u, password: [canary]}":         "see line 2",
		"authorization: {credentials: *canary}":                         "see its documentation",
		"basic_auth: {username: u, pasword: x, canary: y}":              "see line 1",
		"proxy_url: 'http://user:canary@pro xy'":                        "see its documentation",
		"basic_auth: {username: u, password: canary, password_file: f}": "see its documentation",
	} {
		check.OK(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := DaemonClient(file)
		if exit.Code(err) != exit.Usage || !strings.HasSuffix(err.Error(), file+" is no http_config of Prometheus: "+want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	if _, err := DaemonClient(file + ".absent"); exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("without the file: %v", err)
	}
}
