package collect

import (
	"context"
	"log/slog"
	"time"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// Once collects one project once, without a Runner. The snapshot has what is
// complete; the State of a collector that failed has its error.
func Once(ctx context.Context, p Project, cfg config.Cloud, collectors []collector.Collector) *inventory.Snapshot {
	t := newTarget(Target{Cloud: cfg.Name, Project: p.Label()}, cfg.Provider, collectors, slog.New(slog.DiscardHandler))
	t.resolve(p)
	t.collect(ctx, context.WithoutCancel(ctx), cfg, nil)
	return t.snapshot(time.Now(), config.Collection{})
}
