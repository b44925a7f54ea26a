package cloudapi

import (
	"errors"
	"net/http"

	"cloudip_exporter/config"
)

// CheckAuth finds what is wrong with the files and variables that a cloud's
// auth names, without asking any cloud. It is a config.Check.
func CheckAuth(cfg config.Cloud) (key string, err error) {
	if cfg.Auth.Type != config.CloudsYAML && cfg.Auth.Type != config.Env {
		return "", nil
	}
	c := &Cloud{cfg: cfg}
	if _, err = c.readCredential(&http.Transport{}); err == nil {
		return "", nil
	}
	if cfg.Auth.Type == config.Env {
		return "auth.type", err
	}
	if file, ok := errors.AsType[*yamlFileError](err); ok {
		return "auth.file", file
	}
	return "auth.cloud", err
}

// yamlFileError is an error of clouds.yaml, or of a file beside it, as a whole.
type yamlFileError struct{ error }

func (e *yamlFileError) Unwrap() error { return e.error }

func asYAMLFileError(err error) error {
	if err == nil {
		return nil
	}
	return &yamlFileError{err}
}
