package cloudapi

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"cloudip_exporter/cloudapi/auth"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

// Project is one project of a cloud: what cloud and project label together.
// It is safe for concurrent use.
type Project struct {
	cloud   *Cloud
	session *auth.Session

	onePiece atomic.Bool // ports do not come in order of id: they are listed in one piece
	granted  sync.Map    // by listing, whether it takes the key of all enterprise projects
}

func newProject(c *Cloud, s auth.Scope, label string) *Project {
	return &Project{cloud: c, session: c.account.NewSession(s, label)}
}

// Cloud is the label cloud.
func (p *Project) Cloud() string { return p.cloud.cfg.Name }

// Label is the label project: what was written, else the name, else "".
func (p *Project) Label() string { return p.session.Label() }

// Provider is huaweicloud, otc or openstack.
func (p *Project) Provider() string { return p.cloud.cfg.Provider }

func (p *Project) provider() *provider.Provider { return p.cloud.provider() }

// Config is the configuration of the cloud.
func (p *Project) Config() config.Cloud { return p.cloud.cfg }

// ID returns the project's id. It asks once, for all who want it at the same
// time, and again only after a failure.
func (p *Project) ID(ctx context.Context) (string, error) { return p.session.ID(ctx) }

// Narrow returns the project id that Neutron's listings must carry as
// project_id, "" when they need none: an administrator's token shows the whole
// cloud, which is wanted only where no project is written.
func (p *Project) Narrow(ctx context.Context) (projectID string, err error) {
	if !p.provider().AdminSeesAll || len(p.cloud.cfg.Projects) == 0 {
		return "", nil
	}
	admin, err := p.session.Admin(ctx)
	if err != nil || !admin {
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
	return p.session.Admin(ctx)
}

// service returns the client of a service, at the configured address, else
// that of the catalogue, else that of the provider's naming.
func (p *Project) service(ctx context.Context, name string) (*wire.Client, error) {
	if p.cloud.account.Signs() { // a signed header names the project where the path does not
		if _, err := p.ID(ctx); err != nil {
			return nil, err
		}
	}
	base, err := p.locate(ctx, name)
	if err != nil {
		return nil, err
	}
	return p.session.Client(name, base), nil
}

// locate returns the address of a service: that of the configuration, of
// clouds.yaml or the environment, of the catalogue, or by the provider's naming of
// hosts, in this order.
func (p *Project) locate(ctx context.Context, service string) (*url.URL, error) {
	c := p.cloud
	if written := c.cfg.Endpoints[service]; written != "" {
		return wire.ParseBase("endpoints."+service, written)
	}
	if written := c.credential.Endpoint(service); written != "" {
		return wire.ParseBase("the endpoint override of "+service, written)
	}
	catalogue, err := p.session.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	found := catalogue.Find(c.provider().Service(service).Types, c.region, c.credential.Interfaces(service))
	if found.URL != "" && c.region == "" && len(found.Regions) > 1 {
		return nil, &apierr.EndpointError{Wrong: "region", Err: fmt.Errorf("find the %s service of cloud %s: it has several regions (%s): set region", service, c.cfg.Name, listed(found.Regions))}
	}
	if found.URL != "" {
		base, err := wire.ParseBase("the catalogue's address of "+service, found.URL)
		if err == nil && base.Scheme == "http" && !config.IsLoopback(base.Hostname()) && c.credential.Encrypted() {
			return nil, fmt.Errorf("find the %s service of cloud %s: the catalogue names http://%s, where the credential would travel in the clear: set endpoints.%s",
				service, c.cfg.Name, text.Clip(base.Host, 128), service)
		}
		return base, err
	}
	return p.byHostName(service, found)
}

// byHostName returns the address of a service that the catalogue lacks. Where
// auth.url is no address of the provider, its hosts belong to another cloud.
func (p *Project) byHostName(service string, found auth.Found) (*url.URL, error) {
	c := p.cloud
	host := c.provider().URL(c.region, service)
	switch {
	case host != "" && c.credential.IsOf(c.provider()):
		return wire.ParseBase(service, host)
	case len(found.Regions) > 0:
		return nil, &apierr.EndpointError{Wrong: "region", Err: fmt.Errorf("find the %s service of cloud %s: the catalogue has it in region %s, not in %s: correct region, or set endpoints.%s",
			service, c.cfg.Name, listed(found.Regions), listed([]string{c.region}), service)}
	case host != "":
		return nil, fmt.Errorf("find the %s service of cloud %s: the catalogue does not have it, and auth.url is not one of %s, whose hosts are not asked then: set endpoints.%s",
			service, c.cfg.Name, c.provider().Title, service)
	case len(found.Interfaces) > 0:
		return nil, &apierr.EndpointError{Wrong: "interface", Err: fmt.Errorf("find the %s service of cloud %s: the catalogue has it on the interface %s only: set interface in clouds.yaml, OS_INTERFACE, or endpoints.%s",
			service, c.cfg.Name, listed(found.Interfaces), service)}
	}
	return nil, fmt.Errorf("find the %s service of cloud %s: the catalogue does not have it: set endpoints.%s", service, c.cfg.Name, service)
}

func listed(names []string) string { return text.Clip(text.Line(strings.Join(names, ", ")), 128) }
