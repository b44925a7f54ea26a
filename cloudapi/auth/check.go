package auth

import (
	"errors"
	"net/http"

	"cloudip_exporter/cloudapi/auth/clientconfig"
	"cloudip_exporter/config"
)

// Check finds what is wrong with the files and variables that a cloud's
// auth names, without asking any cloud. It is a config.Check.
func Check(cfg config.Cloud) (key string, err error) {
	if cfg.Auth.Type != config.CloudsYAML && cfg.Auth.Type != config.Env {
		return "", nil
	}
	c, err := ReadCredential(cfg)
	if err == nil {
		err = c.ApplyTLS(cfg, &http.Transport{})
	}
	if err == nil {
		return "", nil
	}
	if cfg.Auth.Type == config.Env {
		return "auth.type", err
	}
	if file, ok := errors.AsType[*clientconfig.FileError](err); ok {
		return "auth.file", file
	}
	return "auth.cloud", err
}
