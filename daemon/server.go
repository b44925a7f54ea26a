package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"
	toolkit "github.com/prometheus/exporter-toolkit/web"

	"cloudip_exporter/web"
)

const (
	readHeaderTimeout = 5 * time.Second
	// At the end of the process answers under way may take this long, and
	// collections that they wait for a little less.
	answersGrace     = 10 * time.Second
	collectionsGrace = 5 * time.Second
)

// newServer bounds what a client may cost.
func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       time.Minute,
		WriteTimeout:      web.WriteTimeout,
		IdleTimeout:       5 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

// Serve collects and serves until ctx ends; answers under way are finished then.
func (d *Daemon) Serve(ctx context.Context) error {
	logger := d.options.Logger
	tuneMemory(ctx, logger)
	logger.Info("starting", "version", d.options.Version, "targets", len(d.runner.Targets()))
	go d.reloadOnRequest(ctx)
	d.runner.Start()
	server := newServer(d.handler, logger)
	server.BaseContext = d.listening
	failed := make(chan error, 1)
	go func() { failed <- toolkit.ListenAndServe(server, d.options.Listen, logger) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	d.notify(sd.SdNotifyStopping)
	logger.Info("ending, answers under way are finished")
	late := time.AfterFunc(collectionsGrace, d.Close)
	defer late.Stop()
	grace, cancel := context.WithTimeout(context.Background(), answersGrace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		logger.Warn("some answers could not be finished", "err", err)
		_ = server.Close() // ends them; there is nothing left to do about an error
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}
