package faults

import "syscall"

// mountSmall mounts a file system of 16 kB.
func mountSmall(dir string) (unmount func(), err error) {
	return func() { _ = syscall.Unmount(dir, 0) }, syscall.Mount("none", dir, "tmpfs", 0, "size=16k")
}
