// Package process builds and runs programs for tests, and reads what they write.
package process

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Log keeps what is written to it.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed by the next write
}

// Write appends p.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
	return l.text.Write(p)
}

// String returns all that was written so far.
func (l *Log) String() string { return l.Since(0) }

// Mark returns where the text ends now.
func (l *Log) Mark() int { return len(l.String()) }

// Since returns what was written after a mark.
func (l *Log) Since(mark int) string {
	text, _ := l.read()
	return text[mark:]
}

// read returns the text, and a channel that the next write closes.
func (l *Log) read() (text string, more <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.more == nil {
		l.more = make(chan struct{})
	}
	return l.text.String(), l.more
}

// Await waits up to 30 s until the text after a mark matches and returns the last group
// of the pattern. It gives up when the writer, if one is given, has ended.
func (l *Log) Await(mark int, pattern string, ended <-chan struct{}) (string, error) {
	re, deadline := regexp.MustCompile(pattern), time.After(30*time.Second)
	for why := ""; ; {
		text, more := l.read()
		if m := re.FindStringSubmatch(text[mark:]); m != nil {
			return m[len(m)-1], nil
		}
		if why != "" {
			return "", fmt.Errorf("%s without %q in:\n%s", why, pattern, text)
		}
		select {
		case <-more:
		case <-ended:
			why = "it ended"
		case <-deadline:
			why = "30 s went by"
		}
	}
}

// Process is a program that was started.
type Process struct {
	*exec.Cmd
	Out   Log // stdout
	Log   Log // stdout and stderr
	Ended chan struct{}
}

// Start starts a program and keeps what it writes.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{Cmd: cmd, Ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&p.Out, &p.Log), &p.Log
	cmd.WaitDelay = time.Second // a program that it left behind may hold the pipe
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.Ended)
		_ = cmd.Wait() // the exit code says the same
	}()
	return p, nil
}

// End sends a signal and returns the exit code. What does not end in 20 s is killed; a
// program that had ended by itself is an error too.
func (p *Process) End(signal os.Signal) (code int, err error) {
	if e := p.Process.Signal(signal); e != nil {
		err = fmt.Errorf("the program had ended: %w\n%s", e, &p.Log)
	}
	select {
	case <-p.Ended:
	case <-time.After(20 * time.Second):
		_ = p.Process.Kill()
		<-p.Ended
		err = fmt.Errorf("the program did not end:\n%s", &p.Log)
	}
	return p.ProcessState.ExitCode(), err
}

// Build writes the program of this checkout to a directory and returns its file. It
// copies what go run would run: that stays in Go's cache, while go build links anew.
func Build(dir string, flags ...string) (file string, err error) {
	file = filepath.Join(dir, "cloudip_exporter")
	args := slices.Concat([]string{"run", "-ldflags=-s -w", "-exec=cp"}, flags, []string{"cloudip_exporter", file})
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return file, nil
}
