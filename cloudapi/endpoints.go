package cloudapi

import (
	"net/netip"
	"net/url"

	"cloudip_exporter/provider"
)

const (
	serviceIAM       = provider.Identity // the label service of logins
	endpointMetadata = "metadata"        // a key of endpoints, no service
)

// plain reports whether a URL is unencrypted beyond this machine.
func plain(u *url.URL) bool {
	if u.Scheme != "http" || u.Hostname() == "localhost" {
		return false
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return err != nil || !addr.IsLoopback()
}
