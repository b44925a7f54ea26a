package cloudapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

// Project is one project of a cloud: what cloud and project label together.
// It is safe for concurrent use.
type Project struct {
	cloud *Cloud
	scope scope
	key   string // names it among the secrets of the cloud
	http  *http.Client
	login *tokens // nil with access keys
	ids   singleCall[string]

	onePiece atomic.Int32 // listings of ports that are still to be read in one piece
	gaps     atomic.Int32 // listings in parts in a row that did not join

	mu       sync.Mutex
	label    string
	id       string // "" until known
	services map[string]*wire.Client
}

var hexID = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)

// isProjectID tells an id from a name.
func isProjectID(s string) bool { return hexID.MatchString(s) }

var toldID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// isToldID reports whether an id that the cloud told can stand in a path.
// Directories and old clouds have projects whose id is no 32 hex digits.
func isToldID(s string) bool { return toldID.MatchString(s) }

func (c *Cloud) newProject(s scope, label string) *Project {
	p := &Project{cloud: c, scope: s, label: label, key: fmt.Sprintf("%v %s", s.wide, s.project), services: make(map[string]*wire.Client)}
	if s.byID() {
		p.id = s.project
	}
	var credential wire.Credential
	if c.keys != nil {
		credential = &signer{project: p, keys: c.keys, instead: c.otherKeys, gate: c.gate}
	} else {
		l := &login{project: p, scope: s}
		p.login = &tokens{
			login:   l.token,
			pardon:  l.pardon,
			patient: func(ctx context.Context) error { return c.limiter.FailIfPausedPast(ctx, serviceIAM, "create_token") },
			retried: c.counts.Resent,
			swallowed: func(err error) {
				c.log.Warn("token not renewed, the old one still works", "cloud", c.cfg.Name, "project", p.Label(), "err", err)
			},
		}
		credential = p.login
	}
	p.http = c.transport.With(credential)
	if label != labelOwn && !s.wide {
		c.counts.Begin(c.cfg.Name, label, c.cfg.Services()...)
	}
	return p
}

// Cloud is the label cloud.
func (p *Project) Cloud() string { return p.cloud.cfg.Name }

// Label is the label project: what was written, else the name, else "".
func (p *Project) Label() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.label
}

// Provider is huaweicloud, otc or openstack.
func (p *Project) Provider() string { return p.cloud.cfg.Provider }

// Config is the configuration of the cloud.
func (p *Project) Config() config.Cloud { return p.cloud.cfg }

// ID returns the project's id, 32 hex digits. It asks once, for all who want
// it at the same time, and again only after a failure.
func (p *Project) ID(ctx context.Context) (string, error) {
	if id := p.knownID(); id != "" {
		return id, nil
	}
	if p.login != nil {
		t, err := p.login.get(ctx, nil)
		if err != nil {
			return "", err
		}
		if t.projectID != "" {
			return t.projectID, nil
		}
	}
	return p.ids.do(ctx, func(ctx context.Context) (string, error) {
		if id := p.knownID(); id != "" {
			return id, nil
		}
		id, err := p.resolve(ctx)
		if err == nil {
			p.mu.Lock()
			p.id = id
			p.mu.Unlock()
		}
		return id, err
	})
}

func (p *Project) knownID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.id
}

// learn keeps what a token tells of its project.
func (p *Project) learn(t *token) {
	if p.scope.wide {
		return
	}
	p.mu.Lock()
	named := p.label != labelOwn
	if p.id == "" {
		p.id = t.projectID
	}
	if !named {
		p.label = cmp.Or(labelText(t.project), t.projectID)
	}
	label := p.label
	p.mu.Unlock()
	if !named {
		p.cloud.counts.Begin(p.cloud.cfg.Name, label, p.cloud.cfg.Services()...)
	}
}

// labelText is a name as a label value: at most 128 bytes of valid UTF-8, cut
// at a character.
func labelText(name string) string {
	name = strings.ToValidUTF8(name, "\ufffd")
	for n := min(len(name), 128); n > 0; n-- {
		if n == len(name) || utf8.RuneStart(name[n]) {
			return name[:n]
		}
	}
	return ""
}

// Narrow returns the project id that Neutron's listings must carry as
// project_id, "" when they need none: an administrator's token shows the whole
// cloud, which is wanted only where no project is written.
func (p *Project) Narrow(ctx context.Context) (projectID string, err error) {
	if !p.provider().AdminSeesAll || len(p.cloud.cfg.Projects) == 0 {
		return "", nil
	}
	t, err := p.login.get(ctx, nil)
	if err != nil || !t.admin {
		return "", err
	}
	return p.ID(ctx)
}

// AllTenants reports whether Nova must be asked for the servers of all
// projects: with an administrator's token where no project is written.
func (p *Project) AllTenants(ctx context.Context) (bool, error) {
	if !p.provider().AdminSeesAll || len(p.cloud.cfg.Projects) > 0 {
		return false, nil
	}
	t, err := p.login.get(ctx, nil)
	if err != nil {
		return false, err
	}
	return t.admin, nil
}

func (p *Project) newClient(service string, base *url.URL, h *http.Client) *wire.Client {
	return &wire.Client{
		Service: service, Base: base, HTTP: h, Agent: p.cloud.agent, Clean: p.cloud.secrets.Clean,
		Labels: func() (string, string) { return p.cloud.cfg.Name, p.Label() },
	}
}

// service returns the client of a service, at the configured address, else
// that of the catalogue, else that of the provider's naming.
func (p *Project) service(ctx context.Context, name string) (*wire.Client, error) {
	p.mu.Lock()
	known := p.services[name]
	p.mu.Unlock()
	if known != nil {
		return known, nil
	}
	if p.login == nil { // a path without project is told it by a signed header
		if _, err := p.ID(ctx); err != nil {
			return nil, err
		}
	}
	base, err := p.locate(ctx, name)
	if err != nil {
		return nil, err
	}
	made := p.newClient(name, base, p.http)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.services[name] = made
	return made, nil
}

func (p *Project) locate(ctx context.Context, service string) (*url.URL, error) {
	c := p.cloud
	if text := c.cfg.Endpoints[service]; text != "" {
		return parseBase("endpoints."+service, text)
	}
	catalogue, err := p.catalogue(ctx)
	if err != nil {
		return nil, err
	}
	text, regions := findEndpoint(catalogue, c.provider().Service(service).Types, c.region, c.iface)
	if text != "" && c.region == "" && len(regions) > 1 {
		return nil, fmt.Errorf("find the %s service of cloud %s: it has several regions (%s): set region", service, c.cfg.Name, listed(regions))
	}
	if text != "" {
		base, err := parseBase("the catalogue's address of "+service, text)
		if err == nil && plain(base) {
			c.log.Warn("the catalogue names an unencrypted endpoint", "cloud", c.cfg.Name, "service", service, "host", apierr.Cut(base.Host, 128))
		}
		return base, err
	}
	if text := c.provider().URL(c.region, service); text != "" {
		return parseBase(service, text)
	}
	if len(regions) > 0 {
		return nil, fmt.Errorf("find the %s service of cloud %s: the catalogue has it in %s, not in %q: correct region or set endpoints.%s",
			service, c.cfg.Name, listed(regions), c.region, service)
	}
	return nil, fmt.Errorf("find the %s service of cloud %s: the catalogue does not have it: set endpoints.%s", service, c.cfg.Name, service)
}

func listed(names []string) string { return apierr.Cut(apierr.OneLine(strings.Join(names, ", ")), 128) }

// catalogue is that of the token; with access keys, which bring none, it is
// asked for once.
func (p *Project) catalogue(ctx context.Context) ([]catalogueEntry, error) {
	if p.login == nil {
		return p.cloud.signedCatalogue(ctx, p)
	}
	t, err := p.login.get(ctx, nil)
	if err != nil {
		return nil, err
	}
	return t.catalogue, nil
}
