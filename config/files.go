package config

import (
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// secret reads X or X_file of a group. A file is read once here, so that a
// missing one is reported at start and not at the first login.
func (p *parser) secret(group *value, name string) Secret {
	text, file := group.field(name), group.field(name+"_file")
	if text.given && file.given {
		p.fault(file, "is given beside %s: give one of the two", name)
	}
	if text.text() != "" {
		p.inline = append(p.inline, text)
	}
	if file.text() == "" {
		return NewSecret(text.text())
	}
	path := p.path(file.text())
	s := NewSecretFile(path)
	if _, err := s.Reveal(); err != nil {
		p.fault(file, "%v", err)
	} else {
		p.private(file, path)
	}
	return s
}

func (p *parser) inlineSecrets() {
	if p.mode.Perm()&0o037 == 0 { // a group of its own may read it
		return
	}
	for _, v := range p.inline {
		p.warn(v, "a secret in a configuration file that others can read (mode %04o): chmod 600, or use %s_file", p.mode.Perm(), v.key.Name())
	}
}

// private warns of a file of secrets that others can read. Kubernetes and systemd
// give it mode 0440 and let one user in.
func (p *parser) private(v *value, file string) {
	if info, err := os.Stat(file); err == nil && info.Mode().Perm()&0o077 != 0 && info.Mode().Perm() != 0o440 {
		p.warn(v, "%s can be read by others (mode %04o): chmod 600, or 440 with a group of its own", file, info.Mode().Perm())
	}
}

func (p *parser) readable(v *value, file string) {
	if _, err := ReadFile(file); err != nil {
		p.fault(v, "read %s: %v", file, err)
	}
}

func (p *parser) http(v *value) HTTP {
	h := HTTP{Timeout: as[time.Duration](v.field("timeout")), ProxyURL: p.secret(v, "proxy_url"), TLS: p.tls(v.field("tls_config"))}
	if proxy, err := h.ProxyURL.Reveal(); err == nil && proxy != "" {
		at := v.field("proxy_url")
		if !at.given {
			at = v.field("proxy_url_file")
		}
		if _, wrong := ParseURL(proxy, true, "http://", "https://", "socks5://", "socks5h://"); wrong != "" {
			p.fault(at, "%s", wrong)
		}
	}
	return h
}

func (p *parser) tls(v *value) promconfig.TLSConfig {
	f := v.field
	c := promconfig.TLSConfig{
		CAFile:             p.path(f("ca_file").text()),
		CertFile:           p.path(f("cert_file").text()),
		KeyFile:            p.path(f("key_file").text()),
		ServerName:         f("server_name").text(),
		InsecureSkipVerify: as[bool](f("insecure_skip_verify")),
		MinVersion:         promconfig.TLSVersions[f("min_version").text()],
		MaxVersion:         promconfig.TLSVersions[f("max_version").text()],
	}
	if c.InsecureSkipVerify {
		p.warn(f("insecure_skip_verify"), "certificates are not checked: credentials can be read on the way; use ca_file instead")
	}
	if c.KeyFile != "" {
		p.private(f("key_file"), c.KeyFile)
	}
	for _, name := range []string{"ca_file", "cert_file", "key_file"} {
		if file := f(name); file.text() != "" {
			p.readable(file, p.path(file.text()))
		}
	}
	for name, other := range map[string]string{"cert_file": "key_file", "key_file": "cert_file"} {
		if f(name).given && !f(other).given {
			p.fault(f(name), "needs %s beside it", other)
		}
	}
	check := func(part promconfig.TLSConfig, keys ...string) {
		faulty := func(key string) bool { return p.faulty(f(key)) }
		if _, err := promconfig.NewTLSConfig(&part); err != nil && !slices.ContainsFunc(keys, faulty) {
			p.fault(f(keys[0]), "%v", err)
		}
	}
	check(promconfig.TLSConfig{CAFile: c.CAFile}, "ca_file")
	check(promconfig.TLSConfig{CertFile: c.CertFile, KeyFile: c.KeyFile}, "cert_file", "key_file")
	check(promconfig.TLSConfig{MinVersion: c.MinVersion, MaxVersion: c.MaxVersion}, "max_version")
	return c
}

// plain warns of http:// where credentials travel, unless it stays on this
// machine.
func (p *parser) plain(v *value) {
	u, err := url.Parse(v.text())
	if err != nil || u.Scheme != "http" || IsLoopback(u.Hostname()) {
		return
	}
	p.warn(v, "http:// sends credentials in the clear: use https://")
}

// IsLoopback reports whether a host is this machine itself.
func IsLoopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// path resolves a file name against the directory of the configuration, one below
// $CREDENTIALS_DIRECTORY against that.
func (p *parser) path(name string) string {
	credentials := os.Getenv("CREDENTIALS_DIRECTORY")
	if rest, ok := strings.CutPrefix(name, "$CREDENTIALS_DIRECTORY/"); ok && credentials != "" {
		return filepath.Join(credentials, rest)
	}
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(p.file), name)
}

// storage keeps nothing where nothing says where.
func (p *parser) storage(v *value) Storage {
	s := Storage{Retention: as[time.Duration](v.field("retention")), RetentionSize: as[int64](v.field("retention_size"))}
	switch path := v.field("path"); {
	case path.text() == "none":
	case path.given:
		s.Path = p.path(path.text())
	default:
		if dir, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":"); dir != "" {
			s.Path = filepath.Join(dir, "cloudip.db")
		}
	}
	return s
}
