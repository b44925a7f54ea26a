package cloudapi

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"
)

// proofLife is how long a key counts as good after an answer that took it: each
// collection begins with one request alone, since the key may have been changed.
const proofLife = 5 * time.Second

// keyGate lets a key that was not accepted of late go alone, so that a wrong one
// is not seen by eight requests, and holds back one that was refused: at first
// from the operation alone, as a service may be at fault, and from all once two
// operations refused it with none between that took it.
type keyGate struct {
	probe chan struct{} // holds the place of the one request of an unproven key

	mu     sync.Mutex
	proven keyPrint
	until  time.Time // end of the proof

	refused keyPrint
	holds   map[string]hold // of the refused key, by operation
	all     hold            // for all operations
}

// hold is a refusal and until when it counts.
type hold struct {
	why   error
	until time.Time
	fresh bool // no answer took the key since
}

func (h hold) active() bool { return h.why != nil && time.Now().Before(h.until) }

type keyPrint [sha256.Size]byte

func (k keyPair) print() keyPrint {
	return sha256.Sum256([]byte(k.access + "\x00" + k.secret + "\x00" + k.token))
}

func newKeyGate() *keyGate { return &keyGate{probe: make(chan struct{}, 1)} }

// enter waits for the turn of a request. The caller calls leave with the
// reason why the key was refused, nil where it was not, and whether the answer
// proves that the key is good.
func (g *keyGate) enter(ctx context.Context, key keyPair, operation string) (leave func(why error, proven bool), err error) {
	print := key.print()
	beside := func(why error, proven bool) { g.settle(print, operation, false, why, proven) }
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
	g.begin()
	return func(why error, proven bool) {
		g.settle(print, operation, true, why, proven)
		<-g.probe
	}, nil
}

// open tells, as an error, that the key was refused a moment ago.
func (g *keyGate) open(key keyPair, operation string) error {
	_, err := g.check(key.print(), operation)
	return err
}

func (g *keyGate) check(print keyPrint, operation string) (known bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refused == print {
		if g.all.active() {
			return false, g.all.why
		}
		if h := g.holds[operation]; h.active() {
			return false, h.why
		}
	}
	return g.proven == print && time.Now().Before(g.until), nil
}

// begin drops refusals of an earlier collection, before a request goes alone.
func (g *keyGate) begin() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.dropOld()
}

// dropOld needs mu.
func (g *keyGate) dropOld() {
	for operation, h := range g.holds {
		if !h.active() {
			delete(g.holds, operation)
		}
	}
}

// settle takes the outcome of a request. Where the key was refused while it went
// beside others, that it was taken proves nothing: it may have been sent before.
func (g *keyGate) settle(print keyPrint, operation string, alone bool, why error, proven bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case why != nil:
		if !alone { // which began with none that is old
			g.dropOld()
		}
		g.refuse(print, operation, why)
	case proven && (alone || !g.doubted(print)):
		g.prove(print, operation)
	}
}

// doubted reports whether the key was refused a moment ago, with no answer since
// that took it. The caller has mu.
func (g *keyGate) doubted(print keyPrint) bool {
	if g.refused != print {
		return false
	}
	for _, h := range g.holds {
		if h.fresh && h.active() {
			return true
		}
	}
	return g.all.active()
}

// refuse notes a refusal. The caller has mu.
func (g *keyGate) refuse(print keyPrint, operation string, why error) {
	if g.refused != print {
		g.refused, g.holds, g.all = print, nil, hold{}
	}
	if g.holds == nil {
		g.holds = make(map[string]hold)
	}
	now := hold{why: why, until: time.Now().Add(refusalHold), fresh: true}
	for other, h := range g.holds {
		if h.fresh && other != operation {
			g.all = now
		}
	}
	g.holds[operation] = now
	if g.proven == print {
		g.proven = keyPrint{}
	}
}

// prove notes an answer that took the key: what refuses it all the same is a
// service at fault, and believed for longer. The caller has mu.
func (g *keyGate) prove(print keyPrint, operation string) {
	g.proven, g.until = print, time.Now().Add(proofLife)
	if g.refused != print {
		return
	}
	g.all = hold{}
	delete(g.holds, operation)
	for other, h := range g.holds {
		if h.fresh {
			g.holds[other] = hold{why: h.why, until: time.Now().Add(serviceHold)}
		}
	}
}
