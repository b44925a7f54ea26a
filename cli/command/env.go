package command

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/user"
	"time"

	"golang.org/x/term"

	"cloudip_exporter/cli/table"
	"cloudip_exporter/cloudapi/wire"
)

// Env is the environment that a command runs in. Results go to Stdout; logs,
// questions and warnings go to Stderr.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Whether each of them is a terminal: without one nothing is asked, and
	// nothing is cut.
	StdinTerminal, StdoutTerminal, StderrTerminal bool
	Width                                         func() int // columns of the terminal at stdout; 0: not known; asked of a terminal alone

	Now    func() time.Time
	Sleep  func(context.Context, time.Duration) error // returns early with the context's error
	Pick   func(n uint64) uint64                      // a random number below n
	Logger *slog.Logger

	// ReadTimeout is the time for reading before a change of a cloud, and for
	// reading back an open intent: that of a collection.
	ReadTimeout time.Duration

	Clouds     []Cloud // in the order of the configuration
	ConfigFile string  // as given
	UserAgent  string  // of requests to clouds

	// Reloads returns a channel that asks the daemon to read its configuration
	// again, until the context ends.
	Reloads func(context.Context) <-chan os.Signal

	User, Host string // for the journal
}

// NewEnv returns the Env of this process. It finds out whether the streams are
// terminals. The caller sets Clouds, ConfigFile, UserAgent and Reloads.
func NewEnv(stdin io.Reader, stdout, stderr io.Writer, logger *slog.Logger) *Env {
	host, _ := os.Hostname()
	return &Env{
		Stdin: stdin, Stdout: stdout, Stderr: stderr,
		StdinTerminal: isTerminal(stdin), StdoutTerminal: isTerminal(stdout), StderrTerminal: isTerminal(stderr),
		Width: func() int {
			width, _, _ := term.GetSize(int(stdout.(*os.File).Fd()))
			return width
		},
		Now: time.Now, Sleep: wire.Sleep, Pick: rand.Uint64N, Logger: logger,
		User: currentUser(), Host: cmp.Or(host, "unknown"),
	}
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// currentUser returns the user for the journal, with the user who ran sudo.
func currentUser() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if by := os.Getenv("SUDO_USER"); by != "" && by != name {
		name += " (sudo by " + by + ")"
	}
	return name
}

// Print prints a result on stdout as o says.
func (e *Env) Print(r *table.Table, o table.Output) error {
	s := table.Screen{Out: e.Stdout, Terminal: e.StdoutTerminal, Say: e.Say}
	if e.StdoutTerminal {
		s.Width = e.Width()
	}
	return r.Print(s, o)
}
