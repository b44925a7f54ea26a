//go:build !unix || solaris || aix

package journal

import (
	"context"
	"errors"
)

func (j *Journal) locked(context.Context, bool, func() error) error {
	return errors.New("lock journal: this system has no file locks; assign and release from Linux, macOS or BSD")
}
