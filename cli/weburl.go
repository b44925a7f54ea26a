package cli

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// webURL is where the web server is found, as the flags of Prometheus say it.
type webURL struct {
	external, prefix string

	url *url.URL // of external, nil without it
}

// check reads the flags.
func (w *webURL) check() error {
	if w.external != "" {
		u, err := url.Parse(w.external)
		switch {
		case err != nil:
			return fmt.Errorf("--web.external-url: %w", errors.Unwrap(err))
		case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
			return fmt.Errorf("--web.external-url: %q is no URL such as https://example.org/ips", u.Redacted())
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
