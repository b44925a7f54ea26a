package config

import (
	"slices"

	"cloudip_exporter/provider"
)

// API returns the API that serves a resource of the cloud, chosen by apis where
// there are several; false where the cloud does not have the resource.
func (c Cloud) API(r provider.Resource) (provider.API, bool) {
	choice := ""
	switch r {
	case provider.Ports:
		choice = c.APIs.Ports
	case provider.Servers, provider.Console:
		choice = c.APIs.Servers
	}
	return provider.Named(c.Provider).API(r, choice)
}

// Services returns the services that serve the resources of the cloud.
func (c Cloud) Services() []string {
	p := provider.Named(c.Provider)
	var names []string
	for _, s := range p.Services {
		if slices.ContainsFunc(p.Resources, func(a provider.API) bool {
			chosen, ok := c.API(a.Resource)
			return ok && chosen.Service == s.Name
		}) {
			names = append(names, s.Name)
		}
	}
	return names
}

func (p *parser) apis(v *value, c Cloud, on *provider.Provider) APIs {
	c.APIs = APIs{
		Ports: v.field("ports").or(on.PortAPI), Servers: v.field("servers").or(on.ServerAPI),
		ServerAddresses: v.field("server_addresses").text(),
	}
	for _, key := range []struct {
		name, value string
		resource    provider.Resource
	}{{"ports", c.APIs.Ports, provider.Ports}, {"servers", c.APIs.Servers, provider.Servers}} {
		api, ok := c.API(key.resource)
		s := on.Service(api.Service)
		switch {
		case key.value == "":
		case !ok:
			p.fault(v.field(key.name), "%s does not exist on %s: use %s", key.value, on.Name, oneOf(on.Choices(key.resource)))
		case on.Regional && s.Host == "" && c.Endpoints[s.Name] == "":
			others := slices.DeleteFunc(on.Choices(key.resource), func(other string) bool { return other == key.value })
			p.fault(v.field(key.name), "%s has no %s service of its own: give endpoints.%s, or use %s", on.Name, s.Title, s.Name, oneOf(others))
		}
	}
	return c.APIs
}
