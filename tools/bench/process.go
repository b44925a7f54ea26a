//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// cost is what a piece of work took of the machine, as the kernel tells it.
type cost struct {
	CPU  time.Duration
	Wall time.Duration
	RSS  int // peak, MiB
}

// run runs a program to its end.
func run(stdin []byte, name string, args ...string) (out []byte, c cost, err error) {
	cmd := exec.Command(name, args...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(stdin), os.Stderr
	begun := time.Now()
	out, err = cmd.Output()
	if err != nil {
		return nil, cost{}, fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	c = cost{Wall: time.Since(begun), CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.RSS = int(usage.Maxrss >> 10)
	}
	return out, c, nil
}

// process is a program that goes on.
type process struct{ *exec.Cmd }

func start(cmd *exec.Cmd) (*process, error) {
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &process{cmd}, nil
}

func (p *process) stop() {
	_ = p.Process.Kill()
	_ = p.Wait()
}

// cpu is the processor time of the process so far, to the nanosecond.
func (p *process) cpu() time.Duration {
	var t syscall.Timespec
	clock := uintptr(^p.Process.Pid<<3 | 2) // CPUCLOCK_SCHED of a process
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		panic(errno)
	}
	return time.Duration(t.Nano())
}

// peak is the most memory that the process ever had, in MiB.
func (p *process) peak() int { return p.status("VmHWM") }

// rest is the memory that it has now, in MiB.
func (p *process) rest() int { return p.status("VmRSS") }

func (p *process) status(key string) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			kib, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kib >> 10
		}
	}
	return 0
}

// forgetPeak makes peak begin anew.
func (p *process) forgetPeak() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.Process.Pid), []byte("5"), 0)
}
