// Package provider is what differs between clouds, as data: services and their
// hosts, regions, ways to log in, which API serves which resource, what a call
// costs and which permission it needs. It imports nothing of this module.
//
// A cloud that speaks the same APIs as one of these is one more literal in
// clouds.go.
package provider

import (
	"slices"
	"strings"
)

// Provider is one kind of cloud, as clouds[].provider names it.
type Provider struct {
	Name  string // in the configuration and in messages
	Title string // in the documentation

	Services []Service // the identity service first
	// Hosts has the addresses of the services by region; none where each
	// installation has its own.
	Hosts []Hosts
	// Regions are the regions that have a project of their name. Such a project
	// of another region is not listed for projects: ["*"].
	Regions []string
	// OwnProjects are the projects that the provider itself makes.
	OwnProjects []string

	Logins         []string // values of auth.type
	DoubtfulLogins []string // those of them that the cloud may refuse

	Resources []API // in the order of the documentation
	Defaults
	Traits
}

// Defaults is what the configuration takes where a key is absent.
type Defaults struct {
	PortAPI    string // apis.ports
	ServerAPI  string // apis.servers
	Servers    string // servers
	UserDomain string // auth.user_domain; "" where it has to be given
	PageSize   int    // limits.page_size
}

// Traits is how a cloud behaves where clouds differ.
type Traits struct {
	// Regional: hosts follow from the region, and each region has a project of its name.
	Regional bool
	// HuaweiVariables: auth.type env also reads the variables HW_* of Huawei's own tools.
	HuaweiVariables bool
	// ProjectsByDomain: a login that lists projects is one to the user's domain.
	ProjectsByDomain bool
	// AdminSeesAll: the role admin shows what belongs to all projects.
	AdminSeesAll bool
	// Neutron is the service whose endpoint serves Neutron's /v2.0.
	Neutron string
	// Microversion is what Nova is asked for in its header; "" for none.
	Microversion string
	// BareMetalByPorts: only the owner of its port shows that a server is bare metal.
	BareMetalByPorts bool
	// NetworkIsSubnet: a network holds at most one subnet of each address family,
	// and the cloud calls that subnet by the id of the network.
	NetworkIsSubnet bool
	// IPv4UsageOnly: the cloud's figures of used addresses are those of IPv4 alone.
	IPv4UsageOnly bool
	// ReservesAddresses: the platform keeps addresses of each IPv4 subnet for itself.
	ReservesAddresses bool
	// KeepsIntent: an assigned address is a port, which keeps the intent of the
	// assignment as its description.
	KeepsIntent bool
	// EnterpriseProjects: resources of a project are divided over enterprise projects.
	EnterpriseProjects bool
	// AssignsIPv4Only: private IPs of IPv6 cannot be assigned.
	AssignsIPv4Only bool
}

// Service is one service of a cloud.
type Service struct {
	Name  string   // key of endpoints and value of the label service
	Title string   // in messages and documentation
	Host  string   // {service} of Hosts; "" where the provider has no such host
	Types []string // in the service catalogue, best first
}

// Hosts is the address of services in some regions.
type Hosts struct {
	Regions string            // what the names of the regions begin with; "" for all others
	URL     string            // with {service} and {region}
	Special map[string]string // {service} by the name of a service whose host is called otherwise here
}

// Identity is the name of the identity service.
const Identity = "iam"

// All returns all providers in the order of the documentation.
func All() []*Provider {
	list := make([]*Provider, len(clouds))
	for i := range clouds {
		list[i] = &clouds[i]
	}
	return list
}

// Named returns the provider of a name. An unknown one has nothing, not even a name.
func Named(name string) *Provider {
	for i := range clouds {
		if clouds[i].Name == name {
			return &clouds[i]
		}
	}
	return &Provider{}
}

// Names returns the names of all providers.
func Names() []string { return NamesWith(func(*Provider) bool { return true }) }

// NamesWith returns the names of the providers that the condition holds for.
func NamesWith(holds func(*Provider) bool) []string {
	var names []string
	for _, p := range All() {
		if holds(p) {
			names = append(names, p.Name)
		}
	}
	return names
}

// Has reports whether the cloud has all of these resources.
func (p *Provider) Has(all ...Resource) bool {
	return !slices.ContainsFunc(all, func(r Resource) bool { return len(p.APIs(r)) == 0 })
}

// APIs returns the APIs that serve a resource.
func (p *Provider) APIs(r Resource) []API {
	var apis []API
	for _, a := range p.Resources {
		if a.Resource == r {
			apis = append(apis, a)
		}
	}
	return apis
}

// API returns the API that serves a resource, by the value of apis.ports or
// apis.servers where one of several has to be chosen.
func (p *Provider) API(r Resource, choice string) (api API, ok bool) {
	for _, a := range p.APIs(r) {
		if a.Choice == "" || a.Choice == choice {
			return a, true
		}
	}
	return API{}, false
}

// Choices returns the values that choose between the APIs of a resource.
func (p *Provider) Choices(r Resource) []string {
	var choices []string
	for _, a := range p.APIs(r) {
		choices = append(choices, a.Choice)
	}
	return choices
}

// HasLogin reports whether a value of auth.type exists on the cloud.
func (p *Provider) HasLogin(kind string) bool { return slices.Contains(p.Logins, kind) }

// Service returns a service by its name, one without a name where the cloud has none.
func (p *Provider) Service(name string) Service {
	i := slices.IndexFunc(p.Services, func(s Service) bool { return s.Name == name })
	if i < 0 {
		return Service{}
	}
	return p.Services[i]
}

// Endpoints returns the services that have a key in endpoints.
func (p *Provider) Endpoints() []string {
	var names []string
	for _, s := range p.Services {
		if s.Name != Identity {
			names = append(names, s.Name)
		}
	}
	return names
}

// URL returns the address of a service in a region, "" where none follows from
// the region.
func (p *Provider) URL(region, service string) string {
	host := p.Service(service).Host
	if host == "" || !IsRegion(region) {
		return ""
	}
	for _, h := range p.Hosts {
		if strings.HasPrefix(region, h.Regions) {
			if special := h.Special[service]; special != "" {
				host = special
			}
			return strings.NewReplacer("{service}", host, "{region}", region).Replace(h.URL)
		}
	}
	return ""
}

// Owns reports whether a host is one of the provider's own, in whatever region.
func (p *Provider) Owns(host string) bool {
	return slices.ContainsFunc(p.Hosts, func(h Hosts) bool {
		_, domain, _ := strings.Cut(h.URL, "{region}")
		return domain != "" && strings.HasSuffix(host, domain)
	})
}

// IdentityURL returns the default of auth.url in a region, "" where there is none.
func (p *Provider) IdentityURL(region string) string {
	if base := p.URL(region, Identity); base != "" {
		return base + "/v3"
	}
	return ""
}

// IsRegion reports whether a name can be that of a region and so a part of a host name.
func IsRegion(name string) bool {
	strange := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }
	return name != "" && len(name) <= 63 && strings.Trim(name, "-") == name && !strings.ContainsFunc(name, strange)
}

// CatalogueTypes returns all types of the service catalogue that some provider asks for.
func CatalogueTypes() []string {
	var types []string
	for _, p := range All() {
		for _, s := range p.Services {
			types = append(types, s.Types...)
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}
