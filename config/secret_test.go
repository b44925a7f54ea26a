package config_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	yaml "go.yaml.in/yaml/v4"

	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
)

const canary = "CANARY/s3cret+x"

type exported struct {
	Name   string
	Secret config.Secret
}

type unexported struct {
	name   string
	secret config.Secret
	inner  struct{ deep []config.Secret }
}

// printers are all the ways by which a value of ours gets printed.
func printers() map[string]func(v any) string {
	verb := func(format string) func(any) string {
		return func(v any) string { return fmt.Sprintf(format, v) }
	}
	must := func(b []byte, err error) string {
		return string(b) + fmt.Sprint(err) // an encoder may refuse a type; its error must be silent too
	}
	logged := func(h func(*bytes.Buffer) slog.Handler) func(any) string {
		return func(v any) string {
			var b bytes.Buffer
			log := slog.New(h(&b))
			log.Info("m", "v", v, slog.Group("g", "v", v))
			log.With("v", v).Error("m", "err", fmt.Errorf("wrapped %v: %w", v, errors.New("x")))
			return b.String()
		}
	}
	return map[string]func(any) string{
		"%v": verb("%v"), "%+v": verb("%+v"), "%#v": verb("%#v"), "%q": verb("%q"), "%s": verb("%s"), "%x": verb("%x"), "%d": verb("%d"),
		"error":         func(v any) string { return fmt.Errorf("log in with %v: %w", v, errors.New("refused")).Error() },
		"slog text":     logged(func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) }),
		"slog JSON":     logged(func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) }),
		"encoding/json": func(v any) string { return must(stdjson.Marshal(v)) },
		"json v2":       func(v any) string { return must(json.Marshal(v)) },
		"YAML":          func(v any) string { return must(yaml.Marshal(v)) },
		"cmp":           func(v any) string { return cmp.Diff(v, nil) },
		"panic": func(v any) (text string) {
			defer func() { text = fmt.Sprint(recover()) }()
			panic(v)
		},
	}
}

func encodings(s string) []string {
	return []string{
		s, hex.EncodeToString([]byte(s)), fmt.Sprintf("%X", s), fmt.Sprintf("%d", []byte(s)),
		base64.StdEncoding.EncodeToString([]byte(s)), base64.URLEncoding.EncodeToString([]byte(s)), url.QueryEscape(s),
	}
}

func TestNoPrinterShowsASecret(t *testing.T) {
	s := config.NewSecret(canary)
	cfg := check.Get(config.Parse("c.yml", []byte("clouds: [{name: a, provider: openstack, auth: {type: password, url: https://x, username: u, password: "+canary+"}}]"), options()))(t)
	hiding := unexported{name: "n", secret: s}
	hiding.inner.deep = []config.Secret{s}
	values := map[string]any{
		"secret": s, "pointer": &s, "exported field": exported{"n", s}, "pointer to struct": &exported{"n", s},
		"slice": []config.Secret{s}, "map": map[string]config.Secret{"k": s}, "cloud": config.Cloud{Auth: config.Auth{Password: s}, HTTP: config.HTTP{ProxyURL: s}},
		"unexported field": hiding, "pointer to unexported": &hiding, "config": cfg,
	}
	for how, print := range printers() {
		for what, v := range values {
			got := print(v)
			for _, text := range encodings(canary) {
				if strings.Contains(got, text) {
					t.Errorf("%s of %s shows the secret: %s", how, what, got)
				}
			}
		}
		if got := print(s); how != "cmp" && !strings.Contains(got, "<secret>") && !strings.Contains(got, `\u003csecret\u003e`) {
			t.Errorf("%s of a secret is %q, want <secret> in it", how, got)
		}
	}
	reveal(t, s, canary)
}

func TestZeroSecretIsNone(t *testing.T) {
	for _, s := range []config.Secret{{}, config.NewSecret("")} {
		reveal(t, s, "")
		check.Equal(t, "zero", true, s.IsZero())
		check.Equal(t, "as text", "", s.String())
	}
}

func TestSecretsAreEqualBySource(t *testing.T) {
	all := func() []config.Secret {
		return []config.Secret{{}, config.NewSecret("a"), config.NewSecret("b"), config.NewSecretFile("a"), config.NewSecretFile("b")}
	}
	for i, a := range all() {
		check.Equal(t, fmt.Sprint(i, " is zero"), i == 0, a.IsZero())
		for j, b := range all() {
			check.Equal(t, fmt.Sprint(i, " equals ", j), i == j, a.Equal(b))
		}
	}
}

func reveal(t *testing.T, s config.Secret, want string) {
	t.Helper()
	check.Equal(t, "Reveal", want, check.Get(s.Reveal())(t))
}

func TestOneNewlineEndsASecretFile(t *testing.T) {
	for text, want := range map[string]string{"a": "a", "a\n": "a", "a\r\n": "a", "a\n\n": "a\n", " a ": " a ", "a\r": "a\r", "a\nb\n": "a\nb"} {
		reveal(t, config.NewSecretFile(check.Write(t, filepath.Join(t.TempDir(), "s"), text)), want)
	}
}

func TestARenamedSecretFileCountsAtTheNextUse(t *testing.T) {
	dir := t.TempDir()
	file := check.Write(t, filepath.Join(dir, "s"), "old\n")
	s := config.NewSecretFile(file)
	reveal(t, s, "old")
	check.OK(t, os.Rename(check.Write(t, filepath.Join(dir, "new"), "new\n"), file))
	reveal(t, s, "new")
}

// Kubernetes mounts s → ..data/s, ..data → ..version, and swaps ..data.
func TestASwappedSymlinkCountsAtTheNextUse(t *testing.T) {
	dir := t.TempDir()
	link := func(to, name string) string {
		name = filepath.Join(dir, name)
		check.OK(t, os.Symlink(to, name))
		return name
	}
	for _, v := range []string{"v1", "v2"} {
		check.OK(t, os.Mkdir(filepath.Join(dir, v), 0o700))
		check.Write(t, filepath.Join(dir, v, "s"), "secret of "+v)
	}
	data := link("v1", "..data")
	s := config.NewSecretFile(link("..data/s", "s"))
	reveal(t, s, "secret of v1")
	check.OK(t, os.Rename(link("v2", "..data_tmp"), data))
	reveal(t, s, "secret of v2")
}

func TestABadSecretFileIsNamedAndNotShown(t *testing.T) {
	dir := t.TempDir()
	for file, want := range map[string]string{
		filepath.Join(dir, "missing"): "no such file or directory: name a file that holds nothing but the secret",
		dir:                           "not a regular file: name a file that holds nothing but the secret",
		"/dev/null":                   "not a regular file: name a file that holds nothing but the secret",
		check.Write(t, filepath.Join(dir, "empty"), "\n"):                             "it is empty: write the secret into it",
		check.Write(t, filepath.Join(dir, "large"), strings.Repeat(canary, 1<<20/10)): "larger than 1 MiB: name a file that holds nothing but the secret",
	} {
		_, err := config.NewSecretFile(file).Reveal()
		check.Equal(t, "error", "read secret file "+file+": "+want, fmt.Sprint(err))
	}
}

func TestASecretFileMayBeACredentialOfSystemd(t *testing.T) {
	dir := t.TempDir()
	file := check.Write(t, filepath.Join(dir, "c.yml"), `clouds:
  - name: a
    provider: otc
    region: eu-de
    auth: {type: access_key, access_key_id: x, secret_key_file: $CREDENTIALS_DIRECTORY/sk}
`)
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	_, err := config.Load(file, options())
	check.Fails(t, "without systemd", err, "auth.secret_key_file: read secret file "+dir+"/$CREDENTIALS_DIRECTORY/sk: no such file")
	given := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", given)
	check.OK(t, os.Chmod(check.Write(t, filepath.Join(given, "sk"), canary), 0o440))
	c := load(t, file)
	reveal(t, c.Clouds()[0].Auth.SecretKey, canary)
	check.Equal(t, "warnings", nil, c.Warnings())
}
