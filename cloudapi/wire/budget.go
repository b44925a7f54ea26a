package wire

import "sync"

const (
	budgetMax     = 30.0
	budgetDeposit = 0.1 // what a request that succeeds at once brings in
)

// budget bounds the retries of a credential while a cloud fails: each costs 1,
// comes back when it helped, and successes earn new ones.
type budget struct {
	mu   sync.Mutex
	left float64
}

func newBudget() *budget { return &budget{left: budgetMax} }

func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

func (b *budget) succeeded(try int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	earned := budgetDeposit
	if try > 1 {
		earned = 1
	}
	b.left = min(budgetMax, b.left+earned)
}
