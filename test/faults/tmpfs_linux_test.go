package faults

import "syscall"

// mountSmall mounts a file system of 16 kB.
func mountSmall(dir string, readOnly bool) (unmount func(), err error) {
	flags := uintptr(0)
	if readOnly {
		flags = syscall.MS_RDONLY
	}
	return func() { _ = syscall.Unmount(dir, 0) }, syscall.Mount("none", dir, "tmpfs", flags, "size=16k")
}
