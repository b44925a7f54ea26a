package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/text"
)

// errDeclined is the error when the user does not answer yes.
var errDeclined = errors.New("you did not say yes: nothing was done")

// NeedYes returns an error for a mutation that has no --yes and cannot ask. Callers
// check it before they send any request.
func (e *Env) NeedYes(yes, dryRun bool) error {
	if yes || dryRun || e.StdinTerminal && e.StderrTerminal {
		return nil
	}
	return exit.Usagef("ask for confirmation: there is no terminal; give --yes to go on without a question, or --dry-run to see what would happen")
}

// Ask asks a question that only "y" or "yes" answers.
func (e *Env) Ask(ctx context.Context, question string) error {
	fmt.Fprintf(e.Stderr, "%s [y/N] ", text.Terminal(question))
	answer := make(chan string, 1)
	go func() { // a read from a terminal cannot be cancelled
		line, _ := bufio.NewReader(e.Stdin).ReadString('\n')
		answer <- line
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(e.Stderr)
		return errDeclined
	case line := <-answer:
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return nil
		}
		return errDeclined
	}
}

// Say writes a line for people to stderr.
func (e *Env) Say(format string, args ...any) {
	fmt.Fprintln(e.Stderr, text.Terminal(fmt.Sprintf(format, args...)))
}
