package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
)

// Temporary keys of the machine that this runs on, from its metadata service:
// Huawei Cloud's "Obtaining temporary credentials", OTC's Elastic Cloud Server
// manual, "Metadata".

const (
	metadataURL     = "http://169.254.169.254"
	metadataTimeout = 5 * time.Second
	keyMargin       = 10 * time.Minute // the next pair is there that long before the end
	keyPause        = 30 * time.Second // between two fetches
	refusedKeyPause = time.Second      // between two fetches because a key was refused
)

// instanceKeys fetches the keys of the machine and keeps them.
type instanceKeys struct {
	cloud *Cloud
	http  *http.Client // without proxy: the address is good on this machine only
	base  *url.URL
	calls singleCall[keyPair]

	mu        sync.Mutex
	key       keyPair
	renewAt   time.Time
	refusedAt time.Time // when a refused key was last fetched anew
}

// get returns keys that are valid, the old ones where new ones cannot be had.
func (k *instanceKeys) get(ctx context.Context) (keyPair, error) {
	if key, ok := k.usable(); ok {
		return key, nil
	}
	key, err := k.calls.do(ctx, k.renew)
	if err != nil {
		return keyPair{}, err
	}
	return key, nil
}

// instead returns the keys that have taken the place of those that a service
// refused, or the same.
func (k *instanceKeys) instead(ctx context.Context, refused keyPair) (keyPair, error) {
	k.mu.Lock()
	if now := time.Now(); k.key.same(refused) && now.Sub(k.refusedAt) > refusedKeyPause {
		k.refusedAt, k.renewAt = now, time.Time{}
	}
	k.mu.Unlock()
	return k.get(ctx)
}

func (k *instanceKeys) usable() (keyPair, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	return k.key, k.key.access != "" && now.Before(k.renewAt) && k.alive(now)
}

// alive needs k.mu.
func (k *instanceKeys) alive(now time.Time) bool {
	return k.key.expires.IsZero() || now.Before(k.key.expires)
}

func (k *instanceKeys) renew(ctx context.Context) (keyPair, error) {
	if key, ok := k.usable(); ok {
		return key, nil
	}
	key, err := k.fetch(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	if err != nil {
		k.cloud.metrics().LoginFailed(k.cloud.cfg.Name, k.cloud.firstLabel())
		if k.key.access != "" && k.alive(now) {
			k.renewAt = now.Add(keyPause)
			k.cloud.log.Warn("keys of this machine not renewed, the old ones still work", "cloud", k.cloud.cfg.Name, "err", err)
			return k.key, nil
		}
		return keyPair{}, &apierr.AuthError{Err: fmt.Errorf("get the keys of this machine for cloud %s: %w", k.cloud.cfg.Name, err)}
	}
	k.cloud.metrics().Login(k.cloud.cfg.Name, k.cloud.firstLabel(), key.expires)
	k.key = key
	k.renewAt = now.Add(keyPause)
	if at := key.expires.Add(-keyMargin); key.expires.IsZero() {
		k.renewAt = now.Add(keyMargin)
	} else if at.After(k.renewAt) {
		k.renewAt = at
	}
	return key, nil
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
	c := k.client()
	resp, err := c.Get(ctx, wire.Call{Operation: "get_security_key", Path: "/openstack/latest/securitykey", Header: header})
	if err != nil {
		if apierr.IsStatus(err, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound) {
			return keyPair{}, fmt.Errorf("%w: give this machine a cloud service agency", err)
		}
		return keyPair{}, err
	}
	var answer struct {
		Credential struct {
			Access        string `json:"access"`
			Secret        string `json:"secret"`
			SecurityToken string `json:"securitytoken"`
			ExpiresAt     string `json:"expires_at"`
		} `json:"credential"`
	}
	if err := c.Decode("get_security_key", resp, &answer); err != nil {
		return keyPair{}, err
	}
	a := answer.Credential
	if a.Access == "" || a.Secret == "" {
		return keyPair{}, fmt.Errorf("the metadata service told no key: give this machine a cloud service agency")
	}
	k.cloud.secrets.Know("secret key", a.Secret)
	k.cloud.secrets.Know("security token", a.SecurityToken)
	expires, _ := parseTime(a.ExpiresAt) // unknown: fetched often
	return keyPair{access: a.Access, secret: a.Secret, token: a.SecurityToken, expires: expires}, nil
}

// session asks for a token of the metadata service; "" where it has none,
// as old ones do.
func (k *instanceKeys) session(ctx context.Context) (string, error) {
	c := k.client()
	header := http.Header{"X-Metadata-Token-Ttl-Seconds": {"21600"}, "Accept": {"*/*"}}
	resp, err := c.Put(ctx, wire.Call{Operation: "create_metadata_token", Path: "/meta-data/latest/api/token", Header: header})
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
	k.cloud.secrets.Know("metadata token", session)
	return session, nil
}

func (k *instanceKeys) client() *wire.Client {
	return &wire.Client{
		Service: serviceIAM, Base: k.base, HTTP: k.http, Agent: k.cloud.agent, Clean: k.cloud.secrets.Clean,
		Labels: func() (string, string) { return k.cloud.cfg.Name, k.cloud.firstLabel() },
	}
}
