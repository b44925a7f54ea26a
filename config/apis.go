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
