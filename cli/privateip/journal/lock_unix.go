//go:build unix && !solaris && !aix

package journal

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// lockEvery is how often a lock held by another process is tried again.
const lockEvery = 5 * time.Millisecond

// locked runs do while the file is locked, alone or shared with other readers.
// It gives up with the context: a stopped process may hold the lock for ever.
func (j *Journal) locked(ctx context.Context, alone bool, do func() error) error {
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	fd := int(j.file.Fd())
	for {
		err := syscall.Flock(fd, how|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return fmt.Errorf("lock journal: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("lock journal, which another process holds: %w", ctx.Err())
		case <-time.After(lockEvery):
		}
	}
	err := do()
	return errors.Join(err, syscall.Flock(fd, syscall.LOCK_UN))
}
