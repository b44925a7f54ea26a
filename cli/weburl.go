package cli

import (
	"fmt"
	"net/url"
	"strings"

	"cloudip_exporter/config"
)

// webURL is where the web server is found, as the flags of Prometheus say it.
type webURL struct {
	external, prefix string

	url *url.URL // of external, nil without it
}

func (w *webURL) check() error {
	if w.external != "" {
		u, wrong := config.ParseURL(w.external, false, "http://", "https://")
		if wrong != "" {
			return fmt.Errorf("--web.external-url %s: write one such as https://example.org/ips", wrong)
		}
		u.Path = strings.TrimRight(u.Path, "/")
		if w.url = u; w.prefix == "" {
			w.prefix = u.Path
		}
	}
	if strings.ContainsAny(w.prefix, "?#{} \t") {
		return fmt.Errorf("--web.route-prefix: %q is no path such as /ips", w.prefix)
	}
	w.prefix = "/" + strings.Trim(w.prefix, "/")
	return nil
}
