package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cloudip_exporter/config"
)

func TestWarnings(t *testing.T) {
	dir := t.TempDir()
	open := write(t, filepath.Join(dir, "open"), canary)
	write(t, filepath.Join(dir, "closed"), canary)
	if err := os.Chmod(open, 0o640); err != nil {
		t.Fatal(err)
	}
	file := write(t, filepath.Join(dir, "c.yml"), `clouds:
  - name: a
    provider: otc
    region: eu-de
    auth:
      type: access_key
      url: http://iam.example/v3
      access_key_id: x
      secret_key_file: open
      security_token: `+canary+`
    endpoints:
      vpc: http://10.0.0.1
      compute: http://127.0.0.1:1
      bms: http://[::1]:1
      workspace: http://localhost:1
    http:
      tls_config: {insecure_skip_verify: true}
  - name: b
    provider: huaweicloud
    region: r
    auth: {type: application_credential, application_credential_id: x, application_credential_secret_file: closed}
  - name: c
    provider: huaweicloud
    region: r
    auth: {type: instance_metadata}
    endpoints: {metadata: "http://169.254.169.254"}
`)
	private := []string{
		file + ":9: clouds[0].auth.secret_key_file: " + open + " can be read by others (mode 0640): chmod 600, or 440 with a group of its own",
		file + ":7: clouds[0].auth.url: http:// sends credentials in the clear: use https://",
		file + ":12: clouds[0].endpoints.vpc: http:// sends credentials in the clear: use https://",
		file + ":17: clouds[0].http.tls_config.insecure_skip_verify: certificates are not checked: credentials can be read on the way; use ca_file instead",
		file + ":21: clouds[1].auth.type: huaweicloud may refuse application_credential",
	}
	shared := append([]string{
		file + ":10: clouds[0].auth.security_token: a secret in a configuration file that others can read (mode 0644): chmod 600, or use security_token_file",
	}, private...)
	for mode, want := range map[os.FileMode][]string{0o600: private, 0o644: shared} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		got := load(t, file).Warnings()
		if diff := cmp.Diff(want, got, cmpopts.SortSlices(strings.Compare)); diff != "" {
			t.Errorf("mode %v (-want +got):\n%s", mode, diff)
		}
	}
}

func TestFlagsForceCollectors(t *testing.T) {
	c := load(t, "testdata/good/full.yml")
	names := func(c *config.Config) (all []string) {
		for _, cloud := range c.Clouds() {
			all = append(all, strings.Join(cloud.Collectors, " "))
		}
		return all
	}
	before := names(c)
	got, err := c.WithCollectors(map[string]bool{"private_ips": true, "quotas": false})
	if err != nil {
		t.Fatal(err)
	}
	huawei, openstack := "subnets ports servers address_groups private_ips", "subnets ports servers address_groups"
	want := []string{"subnets private_ips", huawei, openstack, openstack, openstack, huawei}
	if diff := cmp.Diff(want, names(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(before, names(c)); diff != "" {
		t.Errorf("the original changed:\n%s", diff)
	}
	for name, force := range map[string]map[string]bool{
		`force collector "vpcs": there is no such collector`:           {"vpcs": true},
		"force collectors: cloud a is left without any: switch one on": {"subnets": false, "quotas": false},
	} {
		if c, err := c.WithCollectors(force); c != nil || err == nil || err.Error() != name {
			t.Errorf("got %v, %v, want error %s", c, err, name)
		}
	}
}

func TestAMissingConfigurationNamesTheFileAndTheFlag(t *testing.T) {
	for file, want := range map[string]string{
		"testdata/none.yml": "read configuration testdata/none.yml: no such file or directory: name the file by --config.file, or make one to try with: cloudip_exporter simulate > config.yml, or `serve --demo`, which needs none",
		"testdata":          "read configuration testdata: is a directory",
	} {
		if _, err := config.Load(file, options()); err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

func TestFaultsOfYAMLSayWhatToDo(t *testing.T) {
	for text, want := range map[string]string{
		"clouds:\n  - name: a\n    provider: otc\n     region: b\n": "check the indentation of this line and the one above",
		"clouds:\n  - name: a\n    provider: otc\n  region: b\n":    "check the indentation of this line and the one above",
		"clouds:\n  - name: @a\n":                                   ": put the value in quotes",
	} {
		if _, err := config.Parse("x.yml", []byte(text), options()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestAnAliasBombIsOneFault(t *testing.T) {
	var b strings.Builder
	b.WriteString("clouds:\n  - &c {name: a, provider: openstack, auth: {type: env}}\n")
	for range 20_000 {
		b.WriteString("  - *c\n")
	}
	_, err := config.Parse("bomb.yml", []byte(b.String()), options())
	if err == nil || !strings.Contains(err.Error(), "aliases make the file too large") {
		t.Errorf("no fault for an alias bomb")
	}
	if _, err = config.Parse("large.yml", make([]byte, 1<<20+1), options()); err == nil || err.Error() != "large.yml:1: yaml: the file is larger than 1 MiB" {
		t.Errorf("got %v", err)
	}
}

func TestTheConfigurationCannotBeChangedThroughItsSlices(t *testing.T) {
	c := load(t, "testdata/good/minimal_otc.yml")
	c.Clouds()[0].Name = "changed"
	if got := c.Clouds()[0].Name; got != "otc" {
		t.Errorf("name is %s", got)
	}
}

func TestClientCertificatesAreCheckedAtLoad(t *testing.T) {
	dir := t.TempDir()
	cert, key := pair(t)
	_, other := pair(t)
	write(t, filepath.Join(dir, "cert"), cert)
	write(t, filepath.Join(dir, "key"), key)
	write(t, filepath.Join(dir, "other"), other)
	parse := func(keyFile string) error {
		_, err := config.Parse(filepath.Join(dir, "c.yml"), fmt.Appendf(nil, `clouds:
  - name: a
    provider: openstack
    auth: {type: env}
    http: {tls_config: {ca_file: cert, cert_file: cert, key_file: %s}}
`, keyFile), options())
		return err
	}
	if err := parse("key"); err != nil {
		t.Errorf("a good pair: %v", err)
	}
	want := dir + "/c.yml:5: clouds[0].http.tls_config.cert_file: does not make a pair with key_file: tls: private key does not match public key"
	if err := parse("other"); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func pair(t *testing.T) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}
