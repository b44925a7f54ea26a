package cloudapi

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

// Options are what clouds share with their surroundings. The zero Options is
// ready for use.
type Options struct {
	Logger    *slog.Logger
	Metrics   *wire.Metrics
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
	cfg       config.Cloud
	log       *slog.Logger
	counts    *wire.Metrics
	agent     string
	region    string // of the configuration, else of clouds.yaml or the environment
	iface     string // of the endpoints to choose
	secrets   *apierr.Redactor
	limiters  *wire.Limiters
	limiterID string
	limiter   *wire.Limiter

	transport *wire.Transport
	idle      []interface{ CloseIdleConnections() }
	bare      *http.Client // without credential: for logins
	keys      func(context.Context) (keyPair, error)
	otherKeys func(ctx context.Context, refused keyPair) (keyPair, error) // nil for keys that cannot be fetched anew
	gate      *keyGate

	fixed    []*Project // empty with projects: ["*"]
	wide     *Project   // lists the projects of ["*"]
	listing  sync.Mutex
	expanded map[string]*Project // by id, of ["*"]

	rotation sync.Mutex
	unfit    fingerprint // a changed secret that was refused

	catalogue   singleCall[[]catalogueEntry] // of access keys: one for all projects
	catalogueMu sync.Mutex
	catalogued  []catalogueEntry
	hasCatalog  bool

	closing sync.Once
}

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
	c := &Cloud{
		cfg: cfg, log: opts.Logger, counts: opts.Metrics, agent: cmp.Or(opts.UserAgent, "cloudip_exporter"),
		region: cfg.Region, secrets: &apierr.Redactor{}, limiters: opts.Limiters,
		gate: newKeyGate(), expanded: make(map[string]*Project),
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.limiters == nil {
		c.limiters = &wire.Limiters{}
	}
	if proxy, err := cfg.HTTP.ProxyURL.Reveal(); err == nil {
		if u, err := url.Parse(proxy); err == nil && u.User != nil {
			password, _ := u.User.Password()
			c.secrets.Know("proxy password", password)
		}
	}
	own, err := c.readCredential(secure)
	if err != nil {
		return nil, fmt.Errorf("open cloud %s: %w", cfg.Name, err)
	}
	c.limiterID = c.credentialID()
	c.limiter = c.limiters.Join(c.limiterID, cfg.Limits)
	c.idle = append(c.idle, secure)
	c.transport = wire.NewTransport(connections, cfg.HTTP.Timeout, c.limiter, c.counts)
	c.bare = c.transport.Bare()
	c.addProjects(own)
	return c, nil
}

// readCredential chooses between keys and logins and returns the label of the
// credential's own scope as far as it is written somewhere.
func (c *Cloud) readCredential(secure *http.Transport) (own string, err error) {
	switch t := c.cfg.Auth.Type; {
	case t == config.AccessKey, t == config.Env && c.provider().HuaweiVariables && envKey().access != "":
		c.keys = c.configuredKey
	case t == config.InstanceMetadata:
		keys, err := c.newInstanceKeys()
		if err != nil {
			return "", err
		}
		c.keys, c.otherKeys = keys.get, keys.instead
	case t == config.CloudsYAML, t == config.Env:
		opts, err := readAuthOptions(c.cfg)
		if err != nil {
			return "", err
		}
		c.region, c.iface = cmp.Or(c.cfg.Region, opts.region), opts.iface
		if secure != nil {
			if err := opts.adoptTLS(c.cfg.HTTP.TLS, secure); err != nil {
				return "", err
			}
		}
		return opts.projectLabel, nil
	}
	return "", nil
}

func (c *Cloud) newInstanceKeys() (*instanceKeys, error) {
	base, err := parseBase("endpoints.metadata", cmp.Or(c.cfg.Endpoints[endpointMetadata], metadataURL))
	if err != nil {
		return nil, err
	}
	direct := &http.Transport{Proxy: nil, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10}
	return &instanceKeys{
		cloud: c, base: base, http: wire.Direct(direct, metadataTimeout, c.counts),
	}, nil
}

// credentialID names the credential among all clouds, without its secret. One
// key in two regions is one credential at each identity service.
func (c *Cloud) credentialID() string {
	a := c.cfg.Auth
	identity := cmp.Or(a.URL, c.provider().URL(c.region, serviceIAM))
	if base, err := parseBase("auth.url", identity); err == nil {
		identity = base.String()
	}
	return strings.Join([]string{
		c.cfg.Provider, identity, a.Type,
		a.AccessKeyID, a.Username, a.UserDomain, a.ApplicationCredentialID, a.CloudsYAMLFile, a.CloudsYAMLCloud,
	}, "\x00")
}

func (c *Cloud) addProjects(own string) {
	written := c.cfg.Projects
	if len(written) == 0 && c.keys != nil {
		written = []string{c.cfg.Region} // the project that a region has by itself
	}
	switch {
	case slices.Equal(written, []string{labelAll}):
		c.wide = c.newProject(scope{wide: true}, labelAll)
	case len(written) == 0:
		c.fixed = []*Project{c.newProject(scope{}, own)}
	default:
		for _, name := range written {
			c.fixed = append(c.fixed, c.newProject(scope{project: name}, name))
		}
	}
}

// Config returns the configuration of the cloud.
func (c *Cloud) Config() config.Cloud { return c.cfg }

// Labels are the values of the label project as far as they are known without
// asking: "*" stands for projects: ["*"], "" for an own scope whose name is
// not known yet.
func (c *Cloud) Labels() []string {
	if c.wide != nil {
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
	c.renewChanged(ctx)
	if c.wide != nil {
		return c.expand(ctx)
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
// limits. Requests that are under way are not ended.
func (c *Cloud) Close() {
	c.closing.Do(func() {
		c.limiters.Leave(c.limiterID, c.cfg.Limits)
		for _, t := range c.idle {
			t.CloseIdleConnections()
		}
	})
}

func (c *Cloud) metrics() *wire.Metrics { return c.counts }

// firstLabel is the project that requests for the whole cloud count under.
func (c *Cloud) firstLabel() string {
	if c.wide != nil {
		return labelAll
	}
	return c.fixed[0].Label()
}
