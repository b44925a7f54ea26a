package auth

import (
	"context"
	"fmt"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
)

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

func newKeyGate() *keyGate { return &keyGate{alone: make(chan struct{}, 1)} }

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
	g.accepted.end(print)
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
