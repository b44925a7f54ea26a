package daemon

import (
	"context"
	"net"
	"os"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	"cloudip_exporter/config"
	"cloudip_exporter/storage"
)

// storageGrace is how long the end of the process waits for what is to be written.
const storageGrace = 4 * time.Second

func (d *Daemon) storageOptions(cfg *config.Config) storage.Options {
	s := cfg.Storage()
	o := storage.Options{Path: s.Path, Memory: d.options.InMemory, Retention: s.Retention, RetentionSize: s.RetentionSize, MaxStale: cfg.Collection().MaxStale}
	if o.Memory {
		o.Path = ""
	}
	return o
}

func (d *Daemon) openStorage(cfg *config.Config) {
	o := d.storageOptions(cfg)
	if o.Path == "" && !o.Memory {
		d.options.Logger.Info("nothing is remembered across restarts, and no history is kept: storage.path is none")
	}
	if o.Path != "" && d.open() { // what is in memory alone is made up
		d.options.Logger.Warn("anybody who reaches this address can read who held which address, and when: set basic_auth_users in --web.config.file or listen on 127.0.0.1")
	}
	d.storage = storage.Open(o, d.options.Logger)
	d.process.MustRegister(d.storage)
}

func (d *Daemon) closeStorage() {
	ctx, cancel := context.WithTimeout(context.Background(), storageGrace)
	defer cancel()
	if err := d.storage.Close(ctx); err != nil {
		d.options.Logger.Warn("what was collected last may not be remembered", "err", err)
	}
}

// open reports whether the server listens beyond this machine without authentication.
func (d *Daemon) open() bool {
	l := d.options.Listen
	if l == nil || l.WebListenAddresses == nil || authenticates(*l.WebConfigFile) {
		return false
	}
	return slices.ContainsFunc(*l.WebListenAddresses, func(address string) bool {
		host, _, err := net.SplitHostPort(address)
		return err == nil && !config.IsLoopback(host)
	})
}

// authenticates reports whether a web configuration asks for a password or a certificate.
func authenticates(file string) bool {
	var web struct {
		Users map[string]string `yaml:"basic_auth_users"`
		TLS   struct {
			Client string `yaml:"client_auth_type"`
		} `yaml:"tls_server_config"`
	}
	content, err := os.ReadFile(file)
	return err == nil && yaml.Unmarshal(content, &web) == nil && (len(web.Users) > 0 || web.TLS.Client == "RequireAndVerifyClientCert")
}
