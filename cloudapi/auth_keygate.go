package cloudapi

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"
)

// proofLife is how long a key counts as good after an answer that took it: each
// collection begins with one request alone, since the key may have been changed.
const proofLife = 5 * time.Second

// keyGate lets a key that was not accepted of late go alone, so that a wrong one
// is not seen by eight requests, and holds back one that was refused: at first
// the operation alone, as a service may be at fault, and once two were, all.
type keyGate struct {
	probe chan struct{} // holds the place of the one request of an unproven key

	mu     sync.Mutex
	proven keyPrint
	until  time.Time // end of the proof

	refused keyPrint
	doubts  []string // operations that refused it since an answer took it
	at      time.Time
	why     error
}

type keyPrint [sha256.Size]byte

func newKeyGate() *keyGate { return &keyGate{probe: make(chan struct{}, 1)} }

// enter waits for the turn of a request. The caller calls leave with the
// reason why the key was refused, nil where it was not, and whether the answer
// proves that the key is good.
func (g *keyGate) enter(ctx context.Context, key keyPair, operation string) (leave func(why error, proven bool), err error) {
	print := key.print()
	beside := func(why error, proven bool) { g.settle(print, operation, why, proven) }
	known, err := g.check(print, operation)
	if err != nil || known {
		return beside, err
	}
	select {
	case g.probe <- struct{}{}:
	case <-ctx.Done():
		return nil, &notSentError{fmt.Errorf("wait until the key is known to be accepted: %w", context.Cause(ctx))}
	}
	known, err = g.check(print, operation)
	if err != nil || known {
		<-g.probe
		return beside, err
	}
	g.forget()
	return func(why error, proven bool) {
		g.settleAlone(print, operation, why, proven)
		<-g.probe
	}, nil
}

func (k keyPair) print() keyPrint {
	return sha256.Sum256([]byte(k.access + "\x00" + k.secret + "\x00" + k.token))
}

// open tells, as an error, that the key was refused a moment ago.
func (g *keyGate) open(key keyPair, operation string) error {
	_, err := g.check(key.print(), operation)
	return err
}

func (g *keyGate) check(print keyPrint, operation string) (known bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.held(print) && (len(g.doubts) > 1 || slices.Contains(g.doubts, operation)) {
		return false, g.why
	}
	return g.proven == print && time.Now().Before(g.until), nil
}

// held reports whether the key was refused a moment ago. The caller has mu.
func (g *keyGate) held(print keyPrint) bool {
	return g.why != nil && g.refused == print && time.Since(g.at) < refusalHold
}

// forget drops doubts of an earlier collection, before a request goes alone.
func (g *keyGate) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.held(g.refused) {
		g.doubts = nil
	}
}

// settleAlone takes the outcome of a request that went alone.
func (g *keyGate) settleAlone(print keyPrint, operation string, why error, proven bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case why != nil:
		g.doubt(print, operation, why)
	case proven:
		g.prove(print)
	}
}

// settle takes the outcome of a request that went beside others. Where the key
// was refused meanwhile it proves nothing: it may have been sent before.
func (g *keyGate) settle(print keyPrint, operation string, why error, proven bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case why != nil:
		if !g.held(print) {
			g.doubts = nil
		}
		g.doubt(print, operation, why)
	case proven && !g.held(print):
		g.prove(print)
	}
}

// doubt notes a refusal. The caller has mu.
func (g *keyGate) doubt(print keyPrint, operation string, why error) {
	if g.refused != print {
		g.doubts = nil
	}
	if !slices.Contains(g.doubts, operation) {
		g.doubts = append(g.doubts, operation)
	}
	g.refused, g.why, g.at = print, why, time.Now()
	if g.proven == print {
		g.proven = keyPrint{}
	}
}

// prove notes an answer that took the key. The caller has mu.
func (g *keyGate) prove(print keyPrint) {
	g.proven, g.until = print, time.Now().Add(proofLife)
	if g.refused == print {
		g.doubts, g.why = nil, nil
	}
}
