package command

import (
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
		_, err := DaemonClient(check.Write(t, file, text))
		if exit.Code(err) != exit.Usage || !strings.HasSuffix(err.Error(), file+" is no http_config of Prometheus: "+want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	_, err := DaemonClient(file + ".absent")
	check.Fails(t, "without the file", err, "no such file")
	check.Equal(t, "exit code without the file", exit.Usage, exit.Code(err))
}
