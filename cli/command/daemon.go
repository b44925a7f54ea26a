package command

import (
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/config"
)

// DaemonURL reads the value of --server.
func DaemonURL(text string) (*url.URL, error) {
	u, wrong := config.ParseURL(strings.TrimRight(text, "/"), false, "http://", "https://")
	if wrong != "" {
		return nil, exit.Usagef("--server %s: write one such as http://localhost:9877, and a credential into --server.config.file", wrong)
	}
	return u, nil
}

// DaemonClient returns a client that follows no redirect: credentials go to the
// daemon that is named, and nowhere else. configFile is the value of
// --server.config.file, "" for none.
func DaemonClient(configFile string) (*http.Client, error) {
	cfg := promconfig.DefaultHTTPClientConfig
	if configFile != "" {
		loaded, _, err := promconfig.LoadHTTPConfigFile(configFile)
		if _, absent := errors.AsType[*fs.PathError](err); absent {
			return nil, exit.Usagef("read --server.config.file: %w", err)
		}
		if err != nil { // it repeats what stands there, which can be a password
			where := "its documentation"
			if line := regexp.MustCompile(`line \d+`).FindString(err.Error()); line != "" {
				where = line
			}
			return nil, exit.Usagef("read --server.config.file: %s is no http_config of Prometheus: see %s", configFile, where)
		}
		cfg = *loaded
	}
	cfg.FollowRedirects = false
	client, err := promconfig.NewClientFromConfig(cfg, "daemon")
	if err != nil {
		return nil, exit.AsUsage(err)
	}
	return client, nil
}
