package auth

import (
	"crypto/sha256"
	"maps"
	"strings"
	"sync"
	"time"
)

// After a refusal the same credential is not sent again for this long, so that
// parallel requests fail together and do not lock the account.
const refusalHold = 250 * time.Millisecond

// cooldown remembers, by key, what must wait until a time and why. The zero
// cooldown is ready for use.
type cooldown[K comparable] struct {
	mu    sync.Mutex
	waits map[K]wait
}

type wait struct {
	until time.Time
	why   error
}

// begin makes the key wait from now on. Waits that are over are dropped.
func (c *cooldown[K]) begin(key K, length time.Duration, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(c.waits, func(_ K, w wait) bool { return !now.Before(w.until) })
	if c.waits == nil {
		c.waits = make(map[K]wait)
	}
	c.waits[key] = wait{now.Add(length), why}
}

func (c *cooldown[K]) active(key K) (why error, waits bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w, ok := c.waits[key]
	if !ok || !time.Now().Before(w.until) {
		return nil, false
	}
	return w.why, true
}

func (c *cooldown[K]) end(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waits, key)
}

func (c *cooldown[K]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.waits)
}

// fingerprint tells a secret from another; the zero one is of none.
type fingerprint [sha256.Size]byte

func fingerprintOf(secrets ...string) fingerprint {
	return sha256.Sum256([]byte(strings.Join(secrets, "\x00")))
}
