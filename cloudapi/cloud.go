// Package cloudapi asks clouds: Huawei Cloud, Open Telekom Cloud (OTC) and plain
// OpenStack. Each resource has a file with its APIs: what is asked for, and how an item
// becomes a record of package inventory. No other package asks a cloud.
package cloudapi

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"cloudip_exporter/cloudapi/auth"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/provider"
)

// Options are what clouds share with their surroundings. The zero Options is
// ready for use.
type Options struct {
	Logger    *slog.Logger
	Metrics   *wire.Metrics  // nil: nobody sees them
	Limiters  *wire.Limiters // nil: the cloud has its limits for itself
	UserAgent string
}

// Labels of projects whose name is not known yet.
const (
	labelAll = "*" // of projects: ["*"]
	labelOwn = ""  // of the credential's own scope
)

// Cloud is one configured cloud: its credential, its connections, and the
// projects that are watched. It is safe for concurrent use.
type Cloud struct {
	cfg        config.Cloud
	log        *slog.Logger
	region     string // of the configuration, else of clouds.yaml or the environment
	account    *auth.Account
	credential *auth.Credential // as it was read at the start

	counts    *wire.Metrics
	limiters  *wire.Limiters
	limiterID string
	named     string // what the files say that the configuration names
	idle      *http.Transport

	fixed         []*Project    // empty with projects: ["*"]
	projectLister *auth.Session // with projects: ["*"]
	listing       sync.Mutex
	discovered    map[string]*Project // by id, of ["*"]

	closing sync.Once
}

// CheckAuth finds what is wrong with the files and variables that a cloud's auth
// names, without asking any cloud. It returns the key of auth.
func CheckAuth(cfg config.Cloud) (key string, warnings []string, err error) { return auth.Check(cfg) }

// Open makes ready to speak to a cloud. It asks nothing of it; an error is one
// of the configuration or of a file or variable that it names.
func Open(cfg config.Cloud, opts Options) (*Cloud, error) {
	t, err := wire.NewConnections(cfg)
	if err != nil {
		return nil, err
	}
	return open(cfg, opts, t, t)
}

// open has the connections as parameters for tests.
func open(cfg config.Cloud, opts Options, connections http.RoundTripper, secure *http.Transport) (*Cloud, error) {
	credential, err := auth.ReadCredential(cfg)
	named := ""
	if err == nil {
		named = credential.Named(cfg)
		err = credential.ApplyTLS(cfg, secure)
	}
	if err != nil {
		return nil, fmt.Errorf("open cloud %s: %w", cfg.Name, err)
	}
	c := &Cloud{
		cfg: cfg, log: cmp.Or(opts.Logger, slog.New(slog.DiscardHandler)),
		region: cmp.Or(cfg.Region, credential.Region()), credential: credential, named: named,
		counts:   cmp.Or(opts.Metrics, wire.NewMetrics(prometheus.NewRegistry())).Session(),
		limiters: cmp.Or(opts.Limiters, &wire.Limiters{}), idle: secure, discovered: make(map[string]*Project),
	}
	written := cfg.Projects
	if len(written) == 0 && provider.Named(cfg.Provider).Regional && credential.Project() == "" {
		written = []string{cfg.Region} // the project that a region has by itself
	}
	c.limiterID = credential.ID(cfg)
	limiter := c.limiters.Join(c.limiterID, cfg.Limits)
	c.account, err = auth.NewAccount(&auth.Identity{
		Config: cfg, Limiter: limiter, Metrics: c.counts, Secrets: proxySecrets(cfg), Log: c.log,
		Transport: wire.NewTransport(connections, cfg.HTTP.Timeout, limiter, c.counts),
		Agent:     cmp.Or(opts.UserAgent, "cloudip_exporter"),
	}, credential, cmp.Or(written...))
	if err != nil {
		c.limiters.Leave(c.limiterID, cfg.Limits)
		return nil, fmt.Errorf("open cloud %s: %w", cfg.Name, err)
	}
	c.addProjects(written, credential.Project())
	return c, nil
}

// Requests is how many requests were sent so far, every attempt.
func (c *Cloud) Requests() int64 { return c.counts.Requests() }

// proxySecrets returns a redactor that knows the password of the proxy.
func proxySecrets(cfg config.Cloud) *apierr.Redactor {
	secrets := &apierr.Redactor{}
	if proxy, err := cfg.HTTP.ProxyURL.Reveal(); err == nil {
		if u, err := url.Parse(proxy); err == nil && u.User != nil {
			password, _ := u.User.Password()
			secrets.Know("proxy password", password)
		}
	}
	return secrets
}

func (c *Cloud) addProjects(written []string, own string) {
	switch {
	case slices.Equal(written, []string{labelAll}):
		c.projectLister = c.account.NewSession(auth.Scope{AllProjects: true}, labelAll)
	case len(written) == 0:
		c.fixed = []*Project{newProject(c, auth.Scope{}, own)}
	default:
		for _, name := range written {
			c.fixed = append(c.fixed, newProject(c, auth.Scope{Project: name}, name))
		}
	}
}

// Config returns the configuration of the cloud.
func (c *Cloud) Config() config.Cloud { return c.cfg }

// Identity says which cloud is asked, and as whom: what is collected with one is
// never shown as that of another. It holds no secret.
func (c *Cloud) Identity() string {
	parts := []string{c.region, c.limiterID, c.credential.User()}
	if c.cfg.EnterpriseProject != "" {
		parts = append(parts, c.cfg.EnterpriseProject)
	}
	return strings.Join(parts, "\x00")
}

// Changed reports whether files that the configuration names, such as clouds.yaml,
// say something else than when the cloud was opened, or the login leads to another
// project. A changed secret is no change: it counts by itself.
func (c *Cloud) Changed() bool {
	now, err := auth.ReadCredential(c.cfg)
	return err != nil || now.Named(c.cfg) != c.named || c.account.Moved()
}

// Labels are the values of the label project as far as they are known without
// asking: "*" stands for projects: ["*"], "" for an own scope whose name is
// not known yet.
func (c *Cloud) Labels() []string {
	if c.projectLister != nil {
		return []string{labelAll}
	}
	labels := make([]string, len(c.fixed))
	for i, p := range c.fixed {
		labels[i] = p.Label()
	}
	return labels
}

// Projects returns the projects to watch. It asks the cloud only with
// projects: ["*"], anew at each call, and for an own scope whose name is not
// known yet, and to log in with a secret that has changed.
func (c *Cloud) Projects(ctx context.Context) ([]*Project, error) {
	c.account.RenewChanged(ctx, c.sessions())
	if c.projectLister != nil {
		return c.discover(ctx)
	}
	for _, p := range c.fixed {
		if p.Label() != labelOwn {
			continue
		}
		if _, err := p.ID(ctx); err != nil {
			return nil, err
		}
	}
	return slices.Clone(c.fixed), nil
}

// Close ends idle connections and frees the place of this cloud in the shared
// limits. Requests that are under way are not ended, but not counted any more.
func (c *Cloud) Close() {
	c.closing.Do(func() {
		c.counts.Leave()
		c.limiters.Leave(c.limiterID, c.cfg.Limits)
		c.idle.CloseIdleConnections()
	})
}

func (c *Cloud) sessions() []*auth.Session {
	c.listing.Lock()
	defer c.listing.Unlock()
	var sessions []*auth.Session
	for _, p := range slices.AppendSeq(slices.Clone(c.fixed), maps.Values(c.discovered)) {
		sessions = append(sessions, p.session)
	}
	if c.projectLister != nil {
		sessions = append(sessions, c.projectLister)
	}
	return sessions
}

func (c *Cloud) provider() *provider.Provider { return provider.Named(c.cfg.Provider) }
