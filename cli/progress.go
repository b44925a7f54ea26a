package cli

import (
	"context"
	"iter"
	"time"

	"github.com/schollz/progressbar/v3"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/inventory"
	"cloudip_exporter/text"
)

// progress shows how many items came in, on a terminal alone.
type progress struct{ bar *progressbar.ProgressBar }

func newProgress(e *command.Env, what string) progress {
	if !e.StderrTerminal {
		return progress{}
	}
	return progress{progressbar.NewOptions(-1,
		progressbar.OptionSetWriter(e.Stderr),
		progressbar.OptionSetDescription(text.Terminal(what)),
		progressbar.OptionSetItsString("items"),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

func (p progress) add() {
	if p.bar != nil {
		_ = p.bar.Add(1) // it is only for the eye
	}
}

func (p progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// watched is a Project whose listings are counted as they come in.
type watched struct {
	command.Project
	tick func()
}

func count[T any](tick func(), items iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item, err := range items {
			tick()
			if !yield(item, err) {
				return
			}
		}
	}
}

func (w watched) Subnets(ctx context.Context) iter.Seq2[inventory.Subnet, error] {
	return count(w.tick, w.Project.Subnets(ctx))
}

func (w watched) PortsInParts(ctx context.Context, last *inventory.Ports) iter.Seq2[inventory.Port, error] {
	return count(w.tick, w.Project.PortsInParts(ctx, last))
}

func (w watched) Servers(ctx context.Context) iter.Seq2[inventory.Server, error] {
	return count(w.tick, w.Project.Servers(ctx))
}

func (w watched) ServerAddresses(ctx context.Context, id string) ([]inventory.ServerAddress, error) {
	defer w.tick()
	return w.Project.ServerAddresses(ctx, id)
}

func (w watched) AddressGroups(ctx context.Context) iter.Seq2[inventory.AddressGroup, error] {
	return count(w.tick, w.Project.AddressGroups(ctx))
}

func (w watched) PrivateIPs(ctx context.Context, subnetID string) iter.Seq2[inventory.PrivateIP, error] {
	return count(w.tick, w.Project.PrivateIPs(ctx, subnetID))
}
