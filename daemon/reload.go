package daemon

import (
	"context"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"
	"github.com/prometheus/client_golang/prometheus"

	"cloudip_exporter/config"
)

func (d *Daemon) addReloadMetrics() {
	d.successful = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "cloudip_config_last_reload_successful",
		Help: "Whether the last attempt to read the configuration succeeded (1).",
	})
	d.succeeded = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "cloudip_config_last_reload_success_timestamp_seconds",
		Help: "When the configuration in force was read.",
	})
	d.process.MustRegister(d.successful, d.succeeded)
}

// reload reads the configuration again. When it is bad the old one stays.
func (d *Daemon) reload() error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	d.notify(sd.SdNotifyReloading + "\n" + sd.SdNotifyMonotonicUsec())
	defer d.notify(sd.SdNotifyReady)
	cfg, err := d.options.Read()
	if err == nil {
		err = d.runner.Reload(cfg)
	}
	if err != nil {
		d.successful.Set(0)
		d.options.Logger.Error("reloading the configuration failed, the old one stays in force", "err", err)
		return err
	}
	d.storage.Configure(d.storageOptions(cfg))
	d.applied(cfg)
	d.options.Logger.Info("reloaded the configuration")
	return nil
}

// applied records a configuration that came into force, and logs its warnings.
func (d *Daemon) applied(cfg *config.Config) {
	d.successful.Set(1)
	d.succeeded.Set(float64(time.Now().UnixMilli()) / 1000)
	for _, w := range cfg.Warnings() {
		d.options.Logger.Warn("configuration", "warning", w)
	}
}

// reloadOnRequest reloads at each request of the options until ctx ends.
func (d *Daemon) reloadOnRequest(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.options.Reloads:
			_ = d.reload() // the log and the metrics report a failure
		}
	}
}
