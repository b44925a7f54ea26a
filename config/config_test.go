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

	"github.com/google/go-cmp/cmp/cmpopts"

	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
)

func TestWarnings(t *testing.T) {
	dir := t.TempDir()
	open := check.Write(t, filepath.Join(dir, "open"), canary)
	check.Write(t, filepath.Join(dir, "closed"), canary)
	check.OK(t, os.Chmod(open, 0o640))
	file := check.Write(t, filepath.Join(dir, "c.yml"), `clouds:
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
      workspace: http://LocalHost:1
    http:
      tls_config: {insecure_skip_verify: true}
  - name: b
    provider: huaweicloud
    region: cn-north-4
    auth: {type: application_credential, application_credential_id: x, application_credential_secret_file: closed}
  - name: c
    provider: huaweicloud
    region: cn-north-1
    auth: {type: instance_metadata}
    endpoints: {metadata: "http://169.254.169.254"}
  - {name: d, provider: otc, region: eu-ed, auth: {type: instance_metadata}}
  - {name: e, provider: otc, region: eu-ed, auth: {type: instance_metadata, url: "https://iam.example/v3"}}
`)
	private := []string{
		file + ":9: clouds[0].auth.secret_key_file: " + open + " can be read by others (mode 0640): chmod 600, or 440 with a group of its own",
		file + ":7: clouds[0].auth.url: http:// sends credentials in the clear: use https://",
		file + ":12: clouds[0].endpoints.vpc: http:// sends credentials in the clear: use https://",
		file + ":17: clouds[0].http.tls_config.insecure_skip_verify: certificates are not checked: credentials can be read on the way; use ca_file instead",
		file + ":21: clouds[1].auth.type: huaweicloud may refuse application_credential",
		file + ":27: clouds[3].region: \"eu-ed\" is no region that is known of otc: did you mean eu-de? known are eu-de, eu-nl, eu-ch2",
	}
	shared := append([]string{
		file + ":10: clouds[0].auth.security_token: a secret in a configuration file that others can read (mode 0644): chmod 600, or use security_token_file",
	}, private...)
	for mode, want := range map[os.FileMode][]string{0o400: private, 0o600: private, 0o640: private, 0o644: shared} {
		check.OK(t, os.Chmod(file, mode))
		check.Equal(t, fmt.Sprintf("warnings at the mode %v", mode), want, load(t, file).Warnings(), cmpopts.SortSlices(strings.Compare))
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
	got := check.Get(c.WithCollectors(map[string]bool{"private_ips": true, "quotas": false}))(t)
	huawei, openstack := "subnets ports servers address_groups private_ips", "subnets ports servers address_groups"
	want := []string{"subnets private_ips", huawei, openstack, openstack, openstack, huawei}
	check.Equal(t, "collectors", want, names(got))
	check.Equal(t, "the original", before, names(c))
	none, err := c.WithCollectors(map[string]bool{"subnets": false, "quotas": false})
	check.Fails(t, "without any", err, "force collectors: cloud a is left without any: switch one on")
	check.Equal(t, "configuration without any", nil, none)
}

func TestAMissingConfigurationNamesTheFileAndTheFlag(t *testing.T) {
	for file, want := range map[string]string{
		"testdata/none.yml": "read configuration testdata/none.yml: no such file or directory: name the file by --config.file, or make one to try with: cloudip_exporter simulate > config.yml",
		"testdata":          "read configuration testdata: is a directory",
		"config_test.go/x":  "read configuration config_test.go/x: not a directory",
	} {
		_, err := config.Load(file, options())
		check.Equal(t, file, want, fmt.Sprint(err))
	}
}

func TestFaultsOfYAMLSayWhatToDo(t *testing.T) {
	for text, want := range map[string]string{
		"clouds:\n  - name: a\n    provider: otc\n     region: b\n": "check the indentation of this line and the one above",
		"clouds:\n  - name: a\n    provider: otc\n  region: b\n":    "check the indentation of this line and the one above",
		"clouds:\n  - name: @a\n":                                   ": put the value in quotes",
	} {
		_, err := config.Parse("x.yml", []byte(text), options())
		check.Fails(t, text, err, want)
	}
}

func TestAnAliasBombIsOneFault(t *testing.T) {
	text := "clouds:\n  - &c {name: a, provider: openstack, auth: {type: env}}\n" + strings.Repeat("  - *c\n", 2000)
	_, err := config.Parse("bomb.yml", []byte(text), options())
	check.Fails(t, "bomb", err, "aliases make the file too large")
	_, err = config.Parse("large.yml", make([]byte, 1<<20+1), options())
	check.Equal(t, "a large file", "large.yml:1: yaml: the file is larger than 1 MiB", fmt.Sprint(err))
}

func TestTheConfigurationCannotBeChangedThroughItsSlices(t *testing.T) {
	c := load(t, "testdata/good/minimal_otc.yml")
	c.Clouds()[0].Name = "changed"
	check.Equal(t, "name", "otc", c.Clouds()[0].Name)
}

func TestClientCertificatesAreCheckedAtLoad(t *testing.T) {
	dir := t.TempDir()
	cert, key := pair(t)
	_, other := pair(t)
	check.Write(t, filepath.Join(dir, "cert"), cert)
	check.Write(t, filepath.Join(dir, "key"), key)
	check.Write(t, filepath.Join(dir, "other"), other)
	parse := func(keyFile string) error {
		_, err := config.Parse(filepath.Join(dir, "c.yml"), fmt.Appendf(nil, `clouds:
  - name: a
    provider: openstack
    auth: {type: env}
    http: {tls_config: {ca_file: cert, cert_file: cert, key_file: %s}}
`, keyFile), options())
		return err
	}
	check.OK(t, parse("key"))
	check.Equal(t, "another key", dir+"/c.yml:5: clouds[0].http.tls_config.cert_file: unable to use specified client cert (file "+dir+"/cert) & key (file "+dir+"/other): tls: private key does not match public key", fmt.Sprint(parse("other")))
}

func pair(t *testing.T) (cert, key string) {
	t.Helper()
	k := check.Get(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der := check.Get(x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k))(t)
	keyDER := check.Get(x509.MarshalPKCS8PrivateKey(k))(t)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}
