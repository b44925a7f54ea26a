package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloudip_exporter/filelock"
)

// lockEvery is how often a lock held by another process is tried again.
const lockEvery = 5 * time.Millisecond

// locked runs do while the file is locked. It gives up with the context: a stopped
// process may hold the lock for ever.
func (j *Journal) locked(ctx context.Context, do func() error) error {
	for {
		got, err := filelock.Try(j.file)
		if err != nil {
			return fmt.Errorf("lock journal: %w", err)
		}
		if got {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("lock journal, which another process holds: %w", ctx.Err())
		case <-time.After(lockEvery):
		}
	}
	return errors.Join(do(), filelock.Unlock(j.file))
}
