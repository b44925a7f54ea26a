package config

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

func (p *parser) clouds(top *value) []Cloud {
	list := top.field("clouds")
	if !top.broken {
		p.require(list, "list at least one cloud")
		if list.given && !list.broken && len(list.items) == 0 {
			p.fault(list, "must not be empty: list at least one cloud")
		}
	}
	var clouds []Cloud
	first := make(map[string]string) // name → path
	for _, item := range list.items {
		if item.broken {
			continue
		}
		c := p.cloud(item)
		if at, ok := first[c.Name]; ok && c.Name != "" {
			p.fault(item.field("name"), "already the name of %s: names must be unique", at)
		} else {
			first[c.Name] = item.path
		}
		clouds = append(clouds, c)
	}
	return clouds
}

func (p *parser) cloud(v *value) Cloud {
	c := Cloud{Name: v.field("name").text(), Provider: v.field("provider").text(), Region: v.field("region").text()}
	p.require(v.field("name"), "give the cloud a unique name")
	p.label(v.field("name"))
	p.require(v.field("provider"), "one of "+oneOf(provider.Names()))
	p.require(v.field("auth"), "say how to log in")
	limit := v.field("limits").field
	c.Limits = Limits{RequestsPerSecond: as[float64](limit("requests_per_second")), Concurrency: as[int](limit("concurrency")), PageSize: as[int](limit("page_size"))}
	c.HTTP = p.http(v.field("http"))
	on := provider.Named(c.Provider)
	c.Auth = p.auth(v.field("auth"), c, on)
	c.Projects = p.projects(v.field("projects"), c, on)
	if on.Name == "" { // what follows depends on it
		return c
	}
	c.Collectors = p.collectors(v.field("collectors"), on)
	c.Servers = v.field("servers").or(on.Servers)
	if !v.field("limits").field("page_size").given {
		c.Limits.PageSize = on.PageSize
	}
	c.EnterpriseProject = p.enterpriseProject(v.field("enterprise_project"), on)
	c.Endpoints = p.endpoints(v.field("endpoints"), c, on)
	c.APIs = p.apis(v.field("apis"), c, on)
	p.region(v, c, on)
	p.check(v, c)
	return c
}

// label checks a text that becomes a label value and a query parameter.
func (p *parser) label(v *value) {
	s := v.text()
	switch {
	case s == "":
	case len(s) > 128:
		p.fault(v, "must have at most 128 bytes")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		p.fault(v, "must not have control characters")
	case strings.TrimSpace(s) != s:
		p.fault(v, "must not begin or end with a space")
	}
}

func (p *parser) projects(v *value, c Cloud, on *provider.Provider) []string {
	for _, item := range v.items {
		p.label(item)
		if item.text() == "*" && len(v.items) > 1 {
			p.fault(item, `"*" is all projects: write nothing beside it`)
		}
	}
	named := c.Auth.Project != "" || c.Auth.Type == CloudsYAML || c.Auth.Type == Env // which may name one
	if !v.given && on.Regional && c.Region != "" && !named {
		return []string{c.Region}
	}
	return as[[]string](v)
}

// collectors returns the names in their fixed order, however they are written.
func (p *parser) collectors(v *value, on *provider.Provider) []string {
	have := collectorsOf(p.options.Collectors, on)
	if !v.given {
		return have
	}
	texts := as[[]string](v)
	for _, item := range v.items {
		if s := item.text(); s != "" && !slices.Contains(have, s) {
			p.fault(item, "%s does not exist on %s", s, on.Name)
		}
	}
	return slices.DeleteFunc(have, func(name string) bool { return !slices.Contains(texts, name) })
}

// enterpriseProject returns the id of one, "" for all.
func (p *parser) enterpriseProject(v *value, on *provider.Provider) string {
	p.label(v)
	switch {
	case v.given && !on.EnterpriseProjects:
		p.fault(v, "does not exist on %s: remove it", on.Name)
	case v.text() != allEnterpriseProjects:
		return v.text()
	}
	return ""
}

func (p *parser) endpoints(v *value, c Cloud, on *provider.Provider) map[string]string {
	known := on.Endpoints()
	if c.Auth.Type == InstanceMetadata {
		known = append(known, "metadata")
	}
	all := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(v.fields)) {
		f := v.fields[name]
		switch {
		case !f.given || f.parsed == nil:
		case name == "metadata" && c.Auth.Type != InstanceMetadata:
			p.fault(f, "is used with auth.type instance_metadata only")
		case !slices.Contains(known, name):
			p.fault(f, "does not exist on %s: its endpoints are %s", on.Name, strings.Join(known, ", "))
		default:
			all[name] = f.text()
			if name != "metadata" { // plain by nature, on a link-local address
				p.plain(f)
			}
		}
	}
	return all
}

// region requires the key where endpoints, or the project, follow from it. One that is
// not known is a warning only: providers open new ones.
func (p *parser) region(v *value, c Cloud, on *provider.Provider) {
	region := v.field("region")
	if !on.Regional {
		return
	}
	if region.given {
		if c.Region != "" && !provider.IsRegion(c.Region) {
			p.fault(region, "must consist of lower-case letters, digits and hyphens, not %q: it becomes part of host names", text.Clip(region.text(), 43))
		} else if c.Auth.URL != "" && !v.field("auth").field("url").given && !slices.Contains(on.Regions, c.Region) {
			p.warn(region, "%q is no region that is known of %s: %sknown are %s", c.Region, on.Name, near(c.Region, on.Regions), strings.Join(on.Regions, ", "))
		}
		return
	}
	needed := slices.DeleteFunc(c.Services(), func(s string) bool { return s == provider.Identity })
	written := c.Auth.URL != "" && (len(c.Projects) > 0 || c.Auth.Project != "")
	for _, name := range needed {
		written = written && c.Endpoints[name] != ""
	}
	if !written {
		p.require(region, "required on "+on.Name+", unless auth.url, projects and the endpoints "+strings.Join(needed, ", ")+" are given")
	}
}

// check adds what Options.Check finds. It leaves out a cloud where what that reads has
// faults already, since both would report the same.
func (p *parser) check(v *value, c Cloud) {
	faulty := func(key string) bool { return p.faulty(v.field("auth").field(key)) }
	if p.options.Check == nil || slices.ContainsFunc([]string{"type", "url", "cloud", "file"}, faulty) {
		return
	}
	key, warnings, err := p.options.Check(c)
	for _, w := range warnings {
		p.warn(v.field("auth"), "%s", w)
	}
	if err != nil {
		p.fault(v.field("auth").field(key), "%v", err)
	}
}

func (p *parser) faulty(v *value) bool {
	return slices.ContainsFunc(p.faults, func(f Fault) bool { return f.Key == v.path || strings.HasPrefix(f.Key, v.path+".") })
}

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
