package config_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
)

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/good/*.yml", "testdata/bad/*.yml", "../config.example.yml"} {
		for _, file := range check.Files(f, pattern) {
			f.Add(check.Read(f, file))
		}
	}
	f.Fuzz(func(t *testing.T, data string) {
		c, err := config.Parse("testdata/bad/fuzz.yml", []byte(data), options())
		if (c == nil) == (err == nil) {
			t.Fatalf("configuration %v with error %v", c, err)
		}
		faults, ok := errors.AsType[config.Faults](err)
		if err != nil && (!ok || len(faults) == 0) {
			t.Fatalf("%T without faults: %v", err, err)
		}
		for _, fault := range faults {
			if fault.Line < 1 || fault.Line > strings.Count(data, "\n")+strings.Count(data, "\r")+4 || fault.Key == "" || fault.Text == "" || strings.ContainsFunc(fault.Error(), unicode.IsControl) {
				t.Errorf("malformed fault %+v", fault)
			}
		}
		if c == nil {
			return
		}
		for _, cloud := range c.Clouds() {
			if cloud.Name == "" || cloud.Auth.Type == "" || len(cloud.Collectors) == 0 || cloud.Limits.PageSize < 1 || cloud.HTTP.Timeout <= 0 {
				t.Errorf("an incomplete cloud passed: %+v", cloud)
			}
		}
	})
}

// FuzzNoFaultShowsASecret puts any text where a secret belongs.
func FuzzNoFaultShowsASecret(f *testing.F) {
	const canary = "C4N4RY"
	for _, around := range []string{"", "|: ", "|*", "|!", "|!!int ", "|&a |", "|@", "|\"", "|'", "|{a: ", "|{|: |}", "|[", "|%", "|\\", "|? ", "|- ", "||", "|>", "|\t", "|<<: *", "|!<|>", "|! ", "|\x00", "|\xff"} {
		f.Add(strings.ReplaceAll(strings.TrimPrefix(around, "|"), "|", canary) + canary)
	}
	f.Fuzz(func(t *testing.T, secret string) {
		if strings.ContainsAny(secret, "\n\r\u0085\u2028\u2029") || !strings.Contains(secret, canary) {
			t.Skip("not one line, or nothing to look for")
		}
		for _, key := range []string{"password", "secret_key", "security_token", "application_credential_secret"} {
			text := "clouds:\n  - name: a\n    provider: openstack\n    auth:\n      type: password\n      " + key + ": " + secret + "\n      username: u\n    http:\n      proxy_url: " + secret + "\n"
			if _, err := config.Parse("c.yml", []byte(text), options()); err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("%s: the error shows the secret:\n%v", key, err)
			}
		}
	})
}
