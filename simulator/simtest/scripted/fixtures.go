package scripted

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/config"
)

// OK is the answer of an empty object.
func OK() Answer { return Status(http.StatusOK) }

// Status is an answer of that status.
func Status(code int) Answer { return Answer{Status: code, Body: `{}`} }

// InTurn gives the answers one after another, and the last one to all that follow.
func InTurn(all ...Answer) func(int, *http.Request) Answer {
	return func(n int, _ *http.Request) Answer { return all[min(n, len(all))-1] }
}

// ClearEnv empties the variables from which a login may be read.
func ClearEnv(t testing.TB) {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		for _, prefix := range []string{"OS_", "HW_", "HUAWEICLOUD_", "XDG_"} {
			if strings.HasPrefix(name, prefix) {
				t.Setenv(name, "")
			}
		}
	}
}

// RetryAfter is the header of that name.
func RetryAfter(v string) http.Header { return http.Header{"Retry-After": {v}} }

// Drain reads an answer to its end.
func Drain(resp *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// PasswordConfig is a cloud with all endpoints written.
func PasswordConfig() config.Cloud {
	return config.Cloud{
		Name: "test", Provider: config.OpenStack, Region: "RegionOne", Projects: []string{"alpha"},
		Auth: config.Auth{
			Type: config.Password, URL: "https://iam.test/v3",
			Username: "exporter", UserDomain: "Default", Password: config.NewSecret("correct horse"),
		},
		Endpoints: map[string]string{"network": "https://network.test", "compute": "https://compute.test"},
		Limits:    config.Limits{Concurrency: 8, PageSize: 1000},
		HTTP:      config.HTTP{Timeout: 30 * time.Second},
	}
}

// OfProjects is the cloud with these projects.
func OfProjects(cfg config.Cloud, projects ...string) config.Cloud {
	cfg.Projects = projects
	return cfg
}

// LimitedConfig is PasswordConfig with other limits.
func LimitedConfig(perSecond float64, concurrency int) config.Cloud {
	cfg := PasswordConfig()
	cfg.Limits.RequestsPerSecond, cfg.Limits.Concurrency = perSecond, concurrency
	return cfg
}

// KeyConfig is a cloud of Huawei Cloud with an access key.
func KeyConfig() config.Cloud {
	cfg := PasswordConfig()
	cfg.Provider, cfg.Region, cfg.Projects = config.HuaweiCloud, "cn-north-4", []string{Project}
	cfg.Auth = config.Auth{Type: config.AccessKey, URL: "https://iam.test", AccessKeyID: "AKEXAMPLE", SecretKey: config.NewSecret("SKEXAMPLE")}
	cfg.Endpoints = map[string]string{"vpc": "https://network.test"}
	return cfg
}
