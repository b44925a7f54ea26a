package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/provider"
)

// Temporary keys of the machine that this runs on, from its metadata service:
// Huawei Cloud's "Obtaining temporary credentials", OTC's Elastic Cloud Server
// manual, "Metadata".

const (
	metadataURL     = "http://169.254.169.254"
	metadataTimeout = 5 * time.Second
	// The metadata service offers the next key pair this long before the current
	// one expires.
	keyMargin = 10 * time.Minute
	keyPause  = 30 * time.Second // at least between two fetches
)

type instanceKeys struct {
	*Identity
	label string       // project that the fetches count under
	http  *http.Client // without proxy: the address is good on this machine only
	base  *url.URL
}

func newInstanceKeys(id *Identity, label string) (*instanceKeys, error) {
	base, err := wire.ParseBase("endpoints.metadata", cmp.Or(id.Config.Endpoints["metadata"], metadataURL))
	if err != nil {
		return nil, err
	}
	direct := &http.Transport{Proxy: nil, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10}
	return &instanceKeys{Identity: id, label: label, base: base, http: wire.Direct(direct, metadataTimeout, id.Metrics)}, nil
}

func (k *instanceKeys) labels() (cloud, project string) { return k.Config.Name, k.label }

func (k *instanceKeys) lend(ctx context.Context) (*lease[keyPair], error) {
	key, err := k.fetch(ctx)
	if err != nil {
		k.Metrics.LoginFailed(k.labels())
		return nil, k.authError("get the keys of this machine for", err)
	}
	k.Metrics.Login(k.Config.Name, k.label, key.expires)
	return keyLease(key, time.Now()), nil
}

func (k *instanceKeys) notRenewed(err error) {
	k.Log.Warn("keys of this machine not renewed, the old ones still work", "cloud", k.Config.Name, "err", err)
}

// keyLease returns the lease of a key. Where the end is not known, the key is
// fetched often.
func keyLease(key keyPair, now time.Time) *lease[keyPair] {
	l := &lease[keyPair]{value: key, renewAt: now.Add(keyMargin), endsAt: key.expires}
	if !key.expires.IsZero() {
		l.renewAt = key.expires.Add(-keyMargin)
	}
	if soonest := now.Add(keyPause); l.renewAt.Before(soonest) {
		l.renewAt = soonest
	}
	return l
}

func (k *instanceKeys) fetch(ctx context.Context) (keyPair, error) {
	session, err := k.session(ctx)
	if err != nil {
		return keyPair{}, err
	}
	header := http.Header{}
	if session != "" {
		header.Set("X-Metadata-Token", session)
	}
	var answer struct {
		Credential struct {
			Access        string `json:"access"`
			Secret        string `json:"secret"`
			SecurityToken string `json:"securitytoken"`
			ExpiresAt     string `json:"expires_at"`
		} `json:"credential"`
	}
	err = k.client().Ask(ctx, wire.Call{Operation: "get_security_key", Path: "/openstack/latest/securitykey", Header: header}, &answer)
	if apierr.IsStatus(err, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound) {
		return keyPair{}, fmt.Errorf("%w: give this machine a cloud service agency", err)
	}
	if err != nil {
		return keyPair{}, err
	}
	a := answer.Credential
	if a.Access == "" || a.Secret == "" {
		return keyPair{}, fmt.Errorf("the metadata service has no key: give this machine a cloud service agency")
	}
	k.Secrets.Know("secret key", a.Secret)
	k.Secrets.Know("security token", a.SecurityToken)
	expires, _ := wire.ParseTime(a.ExpiresAt)
	return keyPair{access: a.Access, secret: a.Secret, token: a.SecurityToken, expires: expires}, nil
}

// session asks for a token of the metadata service; "" where it has none,
// as old ones do.
func (k *instanceKeys) session(ctx context.Context) (string, error) {
	c := k.client()
	header := http.Header{"X-Metadata-Token-Ttl-Seconds": {"21600"}, "Accept": {"*/*"}}
	resp, err := c.Do(ctx, wire.Call{Method: http.MethodPut, Operation: "create_metadata_token", Path: "/meta-data/latest/api/token", Header: header})
	if err != nil {
		if apierr.IsStatus(err, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusServiceUnavailable) {
			return "", nil
		}
		if _, ok := errors.AsType[*apierr.TransportError](err); ok {
			return "", nil // the next request tells
		}
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if err != nil {
		return "", err
	}
	session := strings.TrimSpace(string(text))
	k.Secrets.Know("metadata token", session)
	return session, nil
}

func (k *instanceKeys) client() *wire.Client {
	return k.newClient(provider.Identity, k.base, k.http, k.labels)
}
