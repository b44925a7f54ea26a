package cloudapi

import (
	"context"
	"sync"
	"time"
)

const (
	budgetMax   = 10               // retries of a service that answers nothing else
	budgetPause = 10 * time.Second // between two more
)

// budget bounds the retries of each service while it fails. One good answer
// brings all of them back.
type budget struct {
	mu       sync.Mutex
	services map[string]*spending
}

type spending struct {
	retries  int
	last     time.Time
	underWay int           // requests whose outcome is not known yet
	news     chan struct{} // closed and replaced when there is one
}

func newBudget() *budget { return &budget{services: make(map[string]*spending)} }

// of needs b.mu.
func (b *budget) of(service string) *spending {
	s := b.services[service]
	if s == nil {
		s = &spending{news: make(chan struct{})}
		b.services[service] = s
	}
	return s
}

// tell needs the lock of the budget.
func (s *spending) tell() {
	close(s.news)
	s.news = make(chan struct{})
}

func (b *budget) begin(service string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of(service).underWay++
}

func (b *budget) end(service string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.of(service)
	s.underWay--
	s.tell()
}

// worked notes that the service answered.
func (b *budget) worked(service string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.of(service)
	s.retries = 0
	s.tell()
}

// grant reports whether a request under way that failed may be sent again.
// Where nothing is left it waits for the others: the first collection after an
// outage is not told from one more of it by its first failure.
func (b *budget) grant(ctx context.Context, service string) bool {
	if b.take(service) {
		return true
	}
	b.end(service)
	defer b.begin(service)
	for {
		news, others := b.await(service)
		if b.take(service) {
			return true
		}
		if !others {
			return false
		}
		select {
		case <-news:
		case <-ctx.Done():
			return false
		}
	}
}

// await returns what is closed at the next outcome, and whether there will be one.
func (b *budget) await(service string) (news <-chan struct{}, others bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.of(service)
	return s.news, s.underWay > 0
}

func (b *budget) take(service string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, now := b.of(service), time.Now()
	if s.retries >= budgetMax && now.Sub(s.last) < budgetPause {
		return false
	}
	s.retries, s.last = s.retries+1, now
	return true
}
