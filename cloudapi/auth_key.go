package cloudapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

// signer signs the requests of one project.
type signer struct {
	project *Project
	keys    func(context.Context) (keyPair, error)
	instead func(ctx context.Context, refused keyPair) (keyPair, error) // nil for keys that cannot be fetched anew
	gate    *keyGate
}

// Send signs and sends once, and once more where another key is to be had. A
// refused signature is never tried again: five in a row lock the key for minutes.
func (s *signer) Send(req *http.Request, next http.RoundTripper) (*http.Response, error) {
	key, err := s.keys(req.Context())
	if err != nil {
		return nil, err
	}
	resp, err := s.sendWith(key, req, next)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	c, other := s.project.cloud, key
	if s.instead != nil {
		other, err = s.instead(req.Context(), key)
	}
	if err == nil && !other.same(key) && wire.AttemptOf(req).ResendOnce() {
		wire.Discard(resp.Body)
		c.metrics().Resent(wire.AttemptOf(req))
		if resp, err = s.sendWith(other, req, next); err != nil || resp.StatusCode != http.StatusUnauthorized {
			return resp, err
		}
	}
	c.metrics().LoginFailed(c.cfg.Name, s.project.Label())
	return resp, nil
}

func (s *signer) sendWith(key keyPair, req *http.Request, next http.RoundTripper) (*http.Response, error) {
	p := s.project
	p.cloud.metrics().Expires(p.cloud.cfg.Name, p.Label(), key.expires)
	leave, err := s.gate.enter(req.Context(), key)
	if err != nil {
		return nil, err
	}
	defer leave()
	x := wire.AttemptOf(req)
	x.BeforeSend = func() error { // another request may have been refused while this one waited for its turn
		_, err := s.gate.check(key)
		return err
	}
	signed, err := wire.Rewound(req)
	if err == nil {
		err = sign(signed, key, p.knownID(), time.Now())
	}
	if err != nil {
		return nil, err
	}
	resp, err := next.RoundTrip(signed)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusUnauthorized {
		if why := p.refusedKey(x, resp); why != nil {
			s.gate.noteRefusal(key, why)
		}
	}
	if resp.StatusCode < http.StatusMultipleChoices { // a gateway may answer otherwise without a look at the signature
		s.gate.noteAccepted(key)
	}
	return resp, nil
}

var badSignature = regexp.MustCompile(`(?i)sign|aksk|ak not exist|ak access|secret\s?key|access\s?key`)

// refusedKey returns the error of an answer that refused the key itself; nil
// where a service refused something else with the same status.
func (p *Project) refusedKey(x *wire.Attempt, resp *http.Response) error {
	head := wire.Peek(resp)
	f := apierr.ParseFault(head)
	if !apierr.IsGatewayCode(f.Code) || strings.HasSuffix(f.Code, ".0307") || !badSignature.MatchString(f.Message) {
		return nil
	}
	copied := *resp
	copied.Body = io.NopCloser(bytes.NewReader(head))
	e := apierr.FromResponse(x.Service, x.Operation, &copied, p.cloud.secrets.Clean)
	return &apierr.AuthError{Err: fmt.Errorf("sign requests to cloud %s: %w", p.cloud.cfg.Name, e)}
}

// configuredKey reads the access key of the configuration anew.
func (c *Cloud) configuredKey(context.Context) (keyPair, error) {
	a := c.cfg.Auth
	key := keyPair{access: a.AccessKeyID}
	var err error
	if a.Type == config.Env {
		key = envKey()
	} else {
		if key.secret, err = a.SecretKey.Reveal(); err == nil {
			key.token, err = a.SecurityToken.Reveal()
		}
	}
	if err != nil {
		return keyPair{}, &apierr.AuthError{Err: fmt.Errorf("sign requests to cloud %s: %w", c.cfg.Name, err)}
	}
	c.secrets.Know("secret key", key.secret)
	c.secrets.Know("security token", key.token)
	return key, nil
}

// fingerprint tells the key from another without keeping its secret.
func (k keyPair) fingerprint() fingerprint {
	return sha256.Sum256([]byte(k.access + "\x00" + k.secret + "\x00" + k.token))
}

// envKey reads an access key from the variables of the vendor's SDK, of its
// Terraform provider and of OTC's; access is "" where none is set.
func envKey() keyPair {
	return keyPair{
		access: firstEnv("HW_ACCESS_KEY", "HUAWEICLOUD_SDK_AK", "OS_ACCESS_KEY", "OS_ACCESS_KEY_ID", "OS_AK"),
		secret: firstEnv("HW_SECRET_KEY", "HUAWEICLOUD_SDK_SK", "OS_SECRET_KEY", "OS_ACCESS_KEY_SECRET", "OS_SK"),
		token:  firstEnv("HW_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "OS_SECURITY_TOKEN"),
	}
}

func firstEnv(names ...string) string {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}
