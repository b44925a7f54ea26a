package simulator

import (
	"net/http"
	"time"
)

const (
	tempKeyLife  = time.Hour
	tempKeyRenew = 10 * time.Minute // before its end the service hands out a new one
)

// tempKey is a temporary access key of the metadata service.
type tempKey struct {
	user                  *user
	access, secret, token string
	expires               time.Time
}

// metadataRoutes are the instance metadata service's, at the paths that it has
// on 169.254.169.254.
func metadataRoutes() []route {
	r := func(method, pattern string, handle func(*call) reply) route {
		return route{method: method, service: "metadata", pattern: pattern, family: famMetadata, open: true, handle: handle}
	}
	return []route{
		r(http.MethodPut, "/meta-data/latest/api/token", putMetadataToken),
		r(http.MethodGet, "/openstack/latest/securitykey", getSecurityKey),
	}
}

func text(status int, s string) reply {
	return reply{status: status, header: http.Header{"Content-Type": {"text/plain; charset=UTF-8"}}, body: []byte(s)}
}

func (a *authority) metadataToken() string { return a.names.Hex32("metadata token", 0) }

func putMetadataToken(k *call) reply {
	if k.cloud.opts.NoMetadataToken {
		return text(http.StatusNotFound, "404 Not Found")
	}
	if k.req.Header.Get("X-Metadata-Token-Ttl-Seconds") == "" {
		return text(http.StatusBadRequest, "X-Metadata-Token-Ttl-Seconds is required")
	}
	return text(http.StatusOK, k.cloud.auth.metadataToken())
}

func getSecurityKey(k *call) reply {
	a := k.cloud.auth
	if !k.cloud.opts.NoMetadataToken && k.req.Header.Get("X-Metadata-Token") != a.metadataToken() {
		return text(http.StatusUnauthorized, "401 Unauthorized")
	}
	if k.cloud.opts.NoAgency {
		return text(http.StatusUnauthorized, "The server could not verify that you are authorized: please configure a cloud service agency for this instance.")
	}
	a.mu.Lock()
	t := a.tempKey()
	a.mu.Unlock()
	return ok(object{{"credential", object{
		{"access", t.access}, {"secret", t.secret}, {"securitytoken", t.token}, {"expires_at", t.expires.UTC().Format(tokenTime)},
	}}})
}

// tempKey is the key that holds now. The lock must be held.
func (a *authority) tempKey() *tempKey {
	now := a.opts.Now()
	if a.current != nil && a.current.expires.Sub(now) > tempKeyRenew {
		return a.current
	}
	n := len(a.temp)
	t := &tempKey{
		user: a.users[0], access: "HST" + a.names.Hex32("temp ak", n)[:17], secret: a.names.Hex32("temp sk", n),
		token: a.names.Hex32("temp token", n) + a.names.Hex32("temp token 2", n), expires: now.Add(tempKeyLife),
	}
	a.temp[t.access], a.current = t, t
	return t
}
