package auth

import (
	"errors"
	"net/http"

	"cloudip_exporter/cloudapi/auth/clientconfig"
	"cloudip_exporter/config"
)

// Check finds what is wrong with the files and variables that a cloud's
// auth names, and what is written there and not used, without asking any cloud.
func Check(cfg config.Cloud) (key string, warnings []string, err error) {
	if cfg.Auth.Type != config.CloudsYAML && cfg.Auth.Type != config.Env {
		return "", nil, nil
	}
	c, err := ReadCredential(cfg)
	if err == nil {
		err = c.ApplyTLS(cfg, &http.Transport{})
	}
	if err == nil {
		return "", c.Warnings(), nil
	}
	if cfg.Auth.Type == config.Env {
		return "auth.type", nil, err
	}
	if file, ok := errors.AsType[*clientconfig.FileError](err); ok {
		return "auth.file", nil, file
	}
	return "auth.cloud", nil, err
}
