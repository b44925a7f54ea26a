package auth

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
)

type signer struct {
	*Identity
	keys    *renewing[keyPair] // of this machine; nil: the configured key
	gate    *keyGate
	project *knownProject
}

// key returns a key to sign with, another than the refused one where there is another.
// That of the configuration or the environment is read anew for each signature.
func (s *signer) key(ctx context.Context, refused *lease[keyPair]) (*lease[keyPair], error) {
	if s.keys != nil {
		return s.keys.get(ctx, refused)
	}
	now, err := s.credential()
	if err != nil {
		return nil, s.authError("sign requests to", err)
	}
	return &lease[keyPair]{value: now.key}, nil
}

// Send signs and sends once, and once more where another key is to be had.
// A refused signature is never tried again: five in a row lock the key for minutes.
func (s *signer) Send(req *http.Request, next http.RoundTripper) (*http.Response, error) {
	key, err := s.key(req.Context(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := s.sendSigned(key.value, req, next)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	other, err := s.key(req.Context(), key)
	if err == nil && other.value.fingerprint() != key.value.fingerprint() && wire.AttemptOf(req).ResendOnce() {
		resp.Body.Close()
		s.Metrics.Resent(wire.AttemptOf(req))
		if resp, err = s.sendSigned(other.value, req, next); err != nil || resp.StatusCode != http.StatusUnauthorized {
			return resp, err
		}
	}
	s.Metrics.LoginFailed(s.project.labels())
	return resp, nil
}

func (s *signer) sendSigned(key keyPair, req *http.Request, next http.RoundTripper) (*http.Response, error) {
	cloud, project := s.project.labels()
	s.Metrics.Expires(cloud, project, key.expires)
	leave, err := s.gate.enter(req.Context(), key)
	if err != nil {
		return nil, err
	}
	defer leave()
	x := wire.AttemptOf(req)
	signed, err := wire.Rewound(req)
	if err != nil {
		return nil, err
	}
	x.BeforeSend = func() error { // another request may have been refused while this one waited for its turn, and a signature ages
		if _, err := s.gate.check(key); err != nil {
			return err
		}
		return sign(signed, key, s.project.knownID(), time.Now())
	}
	resp, err := next.RoundTrip(signed)
	if err != nil {
		return nil, err
	}
	if why := s.keyRefusal(x, resp); why != nil {
		s.gate.noteRefusal(key, why)
	}
	if resp.StatusCode < http.StatusMultipleChoices { // a gateway may answer otherwise without a look at the signature
		s.gate.noteAccepted(key)
	}
	return resp, nil
}

var badSignature = regexp.MustCompile(`(?i)sign|aksk|ak not exist|ak access|secret\s?key|access\s?key`)

// keyRefusal returns the error of an answer that refused the key itself; nil
// where a service refused something else with the same status.
func (s *signer) keyRefusal(x *wire.Attempt, resp *http.Response) error {
	if resp.StatusCode != http.StatusUnauthorized {
		return nil
	}
	head := wire.Peek(resp)
	f := apierr.ParseFault(head)
	if !apierr.IsGatewayCode(f.Code) || strings.HasSuffix(f.Code, ".0307") || !badSignature.MatchString(f.Message) {
		return nil
	}
	copied := *resp
	copied.Body = io.NopCloser(bytes.NewReader(head))
	return s.authError("sign requests to", apierr.FromResponse(x.Service, x.Operation, &copied, s.Secrets.Clean))
}

// proofLife is how long a key counts as good after an answer that accepted it:
// each collection begins with one request alone, since the key may have changed.
const proofLife = 5 * time.Second

// keyGate lets one request alone try a key that no answer accepted lately, so
// that eight requests do not all send a wrong key. After a refusal no request
// sends the key for a moment.
type keyGate struct {
	alone    chan struct{} // full while a request tries a key
	accepted cooldown[fingerprint]
	refused  cooldown[fingerprint]
}

// enter waits until a request may be sent with the key. The caller calls leave
// after the answer.
func (g *keyGate) enter(ctx context.Context, key keyPair) (leave func(), err error) {
	if known, err := g.check(key); known {
		return func() {}, err
	}
	select {
	case g.alone <- struct{}{}:
	case <-ctx.Done():
		return nil, &apierr.NotSentError{Err: fmt.Errorf("wait until another request has tried the key: %w", context.Cause(ctx))}
	}
	if known, err := g.check(key); known {
		<-g.alone
		return func() {}, err
	}
	return func() { <-g.alone }, nil
}

// check reports whether the key was accepted or refused lately; err is the refusal.
func (g *keyGate) check(key keyPair) (known bool, err error) {
	print := key.fingerprint()
	if why, refused := g.refused.active(print); refused {
		return true, why
	}
	_, accepted := g.accepted.active(print)
	return accepted, nil
}

// noteRefusal makes all requests with the key wait.
func (g *keyGate) noteRefusal(key keyPair, why error) {
	print := key.fingerprint()
	g.refused.begin(print, refusalHold, why)
	g.accepted.begin(print, 0, nil) // it is none any more
}

// noteAccepted lets requests with the key go at the same time. An answer soon
// after a refusal proves nothing: its request may have been sent before.
func (g *keyGate) noteAccepted(key keyPair) {
	print := key.fingerprint()
	if _, refused := g.refused.active(print); !refused {
		g.accepted.begin(print, proofLife, nil)
	}
}

// fingerprint tells the key from another without keeping its secret.
func (k keyPair) fingerprint() fingerprint {
	return fingerprintOf(k.access, k.secret, k.token)
}
