package wire

import (
	"sync"

	"cloudip_exporter/config"
)

// Limiters holds one limiter for each credential, so that all clouds that use
// one credential share its rate. The zero Limiters is ready for use, and may
// outlive the clouds opened with it.
type Limiters struct {
	mu   sync.Mutex
	byID map[string]*Limiter
}

// Join returns the limiter of a credential and counts in one more user of it.
func (l *Limiters) Join(id string, limits config.Limits) *Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byID == nil {
		l.byID = make(map[string]*Limiter)
	}
	lim := l.byID[id]
	if lim == nil {
		lim = newLimiter()
		l.byID[id] = lim
	}
	lim.users = append(lim.users, limits)
	lim.recompute(lim.users)
	return lim
}

// Leave takes one user out. Its pause, if it has one, stays with the limiter
// as long as anybody uses it.
func (l *Limiters) Leave(id string, limits config.Limits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lim := l.byID[id]
	if lim == nil {
		return
	}
	for i, u := range lim.users {
		if u == limits {
			lim.users = append(lim.users[:i:i], lim.users[i+1:]...)
			break
		}
	}
	if len(lim.users) == 0 {
		delete(l.byID, id)
		return
	}
	lim.recompute(lim.users)
}
