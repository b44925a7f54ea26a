// Package filelock keeps two processes from writing one file at the same time.
package filelock

import (
	"errors"
	"os"
	"syscall"
)

// Try takes the lock of an open file and reports whether it got it. Closing the file
// gives it back.
func Try(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// Unlock gives the lock back.
func Unlock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
