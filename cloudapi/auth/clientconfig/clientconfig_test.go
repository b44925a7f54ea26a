package clientconfig

import (
	"errors"
	"fmt"
	"github.com/go-json-experiment/json"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// TestLoginsAreThoseInTheFile reads the cloud c1 of clouds.yaml, or an environment: lines with
// "$ NAME=VALUE", the region that the configuration asks for, and its provider and auth.url where
// it is read for one.
func TestLoginsAreThoseInTheFile(t *testing.T) {
	golden.Cases(t, "testdata/logins.txt", func(in string) (out string) {
		t.Run("", func(t *testing.T) { out = readCase(t, in) })
		return out
	})
}

func readCase(t *testing.T, in string) string {
	l, err := readLogin(t, in)
	if err != nil {
		check.Lacks(t, "an error", err.Error(), "canary")
		return err.Error()
	}
	check.Lacks(t, "warnings", strings.Join(l.Warnings, "\n"), "canary")
	o := l.Options()
	body := check.Get(o.ToTokenV3CreateMap(map[string]any{"project": map[string]any{"name": l.Project()}}))(t)
	return fmt.Sprintf("%s\n%s\nscope %+v", inJSON(t, l), inJSON(t, body), o.Scope)
}

func readLogin(t *testing.T, in string) (*Login, error) {
	scripted.ClearEnv(t)
	t.Chdir(t.TempDir())
	archive := txtar.Parse([]byte(in + "\n"))
	for _, f := range archive.Files {
		check.Write(t, f.Name, string(f.Data))
	}
	cfg, environment := config.Cloud{Auth: config.Auth{Type: config.Env}}, false
	for line := range strings.Lines(string(archive.Comment)) {
		switch word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " "); word {
		case "on":
			cfg.Provider = rest
		case "region":
			cfg.Region = rest
		case "url":
			cfg.Auth.URL = rest
		case "$":
			name, value, _ := strings.Cut(rest, "=")
			t.Setenv(name, value)
			environment = true
		default:
			t.Fatalf("unknown directive %q", line)
		}
	}
	switch {
	case cfg.Provider != "" && len(archive.Files) == 0:
		return FromEnvironment(cfg)
	case cfg.Provider != "":
		cfg.Auth = config.Auth{Type: config.CloudsYAML, CloudsYAMLFile: "clouds.yaml", CloudsYAMLCloud: "c1"}
		return FromCloudsYAML(cfg)
	case environment:
		return Read(Source{Env: true})
	}
	return Read(Source{Cloud: "c1", File: "clouds.yaml", Region: cfg.Region})
}

// inJSON shows what is not zero.
func inJSON(t *testing.T, v any) string {
	t.Helper()
	return string(check.Get(json.Marshal(v, json.Deterministic(true), json.OmitZeroStructFields(true)))(t))
}

func FuzzRead(f *testing.F) {
	f.Add("clouds: {c1: {auth: {auth_url: https://k/v3, username: robot, password: p, project_name: web, user_domain_name: Default}}}\n")
	f.Add("a: &a {<<: *a}\nclouds: {c1: *a}\n")
	f.Add("clouds: {c1: {<<: [{auth: 1}, {regions: [{name: [x]}]}], region_name: [a, b]}}")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := readText(t, text)
		if (l == nil) == (err == nil) {
			t.Errorf("got %v and %v", l, err)
		}
	})
}

func readText(t *testing.T, text string) (*Login, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	check.Write(t, "clouds.yaml", text)
	return Read(Source{Cloud: "c1", File: "clouds.yaml"})
}

func TestAliasesThatExplodeAreRefused(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 {x: 1}\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "a%d: &a%d {<<: [%s*a%d]}\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	b.WriteString("clouds: {c1: *a11}\n")
	_, err := readText(t, b.String())
	if _, ok := errors.AsType[*FileError](err); !ok {
		t.Errorf("got %v, want an error of the file", err)
	}
}
