package cloudapi

import (
	"log/slog"

	"cloudip_exporter/cloudapi/auth"
	"cloudip_exporter/config"
	"cloudip_exporter/provider"
)

// connection is what the projects of one cloud share: the configuration and the
// way to the cloud.
type connection struct {
	cfg     config.Cloud
	log     *slog.Logger
	region  string // of the configuration, else of clouds.yaml or the environment
	account *auth.Account

	credential *auth.Credential // as it was read at the start
}

func (c *connection) provider() *provider.Provider { return provider.Named(c.cfg.Provider) }
