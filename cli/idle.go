package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/common/model"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/storage"
)

// remember lets the listing of idle addresses say since when they are idle, by the
// storage of the configuration. --idle-for needs that.
func (l *listing) remember(ctx context.Context, e *command.Env, idleFor string) error {
	if l.Name != "idle" {
		return nil
	}
	var least model.Duration
	if idleFor != "" {
		var err error
		if least, err = model.ParseDuration(idleFor); err != nil || least == 0 {
			return exit.Usagef("read --idle-for=%s: give a duration, such as 30d", idleFor)
		}
	}
	r, err := openStorage(e, "how long an address is idle")
	if err != nil {
		if least > 0 {
			return err
		}
		return nil // the time stays empty
	}
	l.Listing = rows.Idle(func(snap *inventory.Snapshot) inventory.IdleSince {
		since, err := r.IdleSince(ctx, snap.Cloud, snap.Project)
		if err != nil {
			e.Say("warning: read storage: %v", err)
		}
		return since
	}, time.Duration(least), e.Now())
	context.AfterFunc(ctx, func() { _ = r.Close() })
	return nil
}

// openStorage opens the storage of the configuration, which alone knows something.
func openStorage(e *command.Env, what string) (*storage.Reader, error) {
	cfg, err := e.LoadConfig()
	if err != nil {
		return nil, exit.AsUsage(err)
	}
	if cfg.Storage().Path == "" {
		return nil, fmt.Errorf("%s is known only where a daemon remembers it: set storage.path, and run serve", what)
	}
	return storage.OpenReader(cfg.Storage().Path)
}
