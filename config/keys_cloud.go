package config

import (
	"fmt"
	"slices"
	"strings"

	"cloudip_exporter/provider"
)

func cloudKeys() []Key {
	return []Key{
		{Path: "clouds[].name", Type: typeText, Note: "required", Help: "The label `cloud`. Unique, at most 128 bytes."},
		{Path: "clouds[].provider", Type: typeText, Note: "required", Values: provider.Names(), Help: "Kind of cloud."},
		{Path: "clouds[].region", Type: typeText, Note: "required on " + where(regional) + ", unless `auth.url`, `projects` and all `endpoints` in use are given", Help: "Chooses the endpoints."},
		{Path: "clouds[].auth", Type: typeGroup, Note: "required", Help: "How to log in."},
		{Path: "clouds[].auth.type", Type: typeText, Note: "required", Values: logins(), Help: "Kind of credential" + restrictions(logins(), (*provider.Provider).HasLogin)},
		{Path: "clouds[].auth.url", Type: typeURL, Note: "by provider and region; required on " + where(func(p *provider.Provider) bool { return !p.Regional }) + ", unless `clouds_yaml` or `env` names it", Help: "Identity endpoint (Keystone, IAM), with or without `/v3`."},
		{Path: "clouds[].auth.access_key_id", Type: typeText, Note: "required with `access_key`", Help: "Access key (AK)."},
		{Path: "clouds[].auth.secret_key", Type: typeSecret, Note: "required with `access_key`", Help: "Secret key (SK)."},
		{Path: "clouds[].auth.secret_key_file", Type: typeFile, Note: "none", Help: "File that holds the secret key."},
		{Path: "clouds[].auth.security_token", Type: typeSecret, Note: "none", Help: "Security token of a temporary access key."},
		{Path: "clouds[].auth.security_token_file", Type: typeFile, Note: "none", Help: "File that holds the security token."},
		{Path: "clouds[].auth.username", Type: typeText, Note: "required with `password`", Help: "User name."},
		{Path: "clouds[].auth.user_domain", Type: typeText, Note: byProvider(defaultDomain), Help: "Domain of the user, by name: the account name on " + where(regional) + ", such as OTC-EU-DE-00000000001000012345."},
		{Path: "clouds[].auth.password", Type: typeSecret, Note: "required with `password`", Help: "Password."},
		{Path: "clouds[].auth.password_file", Type: typeFile, Note: "none", Help: "File that holds the password."},
		{Path: "clouds[].auth.project", Type: typeText, Note: "none", Help: "With `password`: project to log in to, by name or id, where it is not one of `projects`. An OpenStack administrator then sees the whole cloud."},
		{Path: "clouds[].auth.project_domain", Type: typeText, Note: "that of the user", Help: "Domain of `project` and `projects`, by name."},
		{Path: "clouds[].auth.application_credential_id", Type: typeText, Note: "required with `application_credential`", Help: "Application credential, by id."},
		{Path: "clouds[].auth.application_credential_secret", Type: typeSecret, Note: "required with `application_credential`", Help: "Secret of the application credential."},
		{Path: "clouds[].auth.application_credential_secret_file", Type: typeFile, Note: "none", Help: "File that holds the secret of the application credential."},
		{Path: "clouds[].auth.cloud", Type: typeText, Note: "required with `clouds_yaml`", Help: "Name in clouds.yaml."},
		{Path: "clouds[].auth.file", Type: typeFile, Note: "that of openstacksdk", Help: "The clouds.yaml."},
	}
}

func defaultDomain(p *provider.Provider) string {
	if p.UserDomain == "" {
		return "required with `password`"
	}
	return "`" + p.UserDomain + "`"
}

func scopeKeys(collectors []Collector) []Key {
	names := collectorNames(collectors)
	only := restrictions(names, func(p *provider.Provider, name string) bool {
		return slices.Contains(collectorsOf(collectors, p), name)
	})
	return []Key{
		{Path: "clouds[].projects", Type: typeTexts, Note: byProvider(defaultProject), Help: "Projects by name or id, the label `project`. `[\"*\"]` is all that the credential sees."},
		{Path: "clouds[].collectors", Type: typeTexts, Note: "all that the provider has", Values: names, Help: "What to collect" + only},
	}
}

func defaultProject(p *provider.Provider) string {
	if p.Regional {
		return "what `clouds_yaml` or `env` names, else the project named as the region"
	}
	return "the scope of the credential"
}

// allEnterpriseProjects is what the clouds call all that the credential may see.
const allEnterpriseProjects = "all_granted_eps"

func apiKeys() []Key {
	ports, portHelp := choices(provider.Ports)
	servers, serverHelp := choices(provider.Servers)
	return []Key{
		{Path: "clouds[].apis", Type: typeGroup, Note: "see its keys", Help: "Which API to ask where several serve the same."},
		{Path: "clouds[].apis.ports", Type: typeText, Note: byProvider(func(p *provider.Provider) string { return "`" + p.PortAPI + "`" }), Values: ports, Help: "Ports by " + portHelp + withoutHost()},
		{Path: "clouds[].apis.servers", Type: typeText, Note: byProvider(func(p *provider.Provider) string { return "`" + p.ServerAPI + "`" }), Values: servers, Help: "Servers by " + serverHelp},
		{Path: "clouds[].apis.server_addresses", Type: typeText, Default: "ips", Values: []string{"ips", "list"}, Help: "Addresses of a server by `GET …/servers/{id}/ips`, a call a server (ips), or the listing (list)."},
		{Path: "clouds[].servers", Type: typeText, Note: byProvider(func(p *provider.Provider) string { return "`" + p.Servers + "`" }), Values: []string{"baremetal", "all"}, Help: "Which servers to publish."},
		{Path: "clouds[].enterprise_project", Type: typeText, Note: "`" + allEnterpriseProjects + "`", Help: "Id of the enterprise project to watch, `0` for the default one: of VPCs, public IPs, address groups, ports of the VPC API and servers of the BMS API. Only on " + where(func(p *provider.Provider) bool { return p.EnterpriseProjects }) + "."},
	}
}

// choices returns the values that choose between the APIs of a resource on any
// provider, and what each asks.
func choices(r provider.Resource) (values []string, help string) {
	calls := union(func(p *provider.Provider) (calls []string) {
		for _, a := range p.APIs(r) {
			calls = append(calls, fmt.Sprintf("`%s` (%s)", a.Call, a.Choice))
		}
		return calls
	})
	values = union(func(p *provider.Provider) []string { return p.Choices(r) })
	return values, oneOf(calls) + restrictions(values, func(p *provider.Provider, v string) bool { return slices.Contains(p.Choices(r), v) })
}

func withoutHost() string {
	var all strings.Builder
	for _, p := range provider.All() {
		for _, s := range p.Services {
			if p.Regional && s.Host == "" {
				fmt.Fprintf(&all, " %s has no %s service of its own: it needs `endpoints.%s`.", p.Name, s.Title, s.Name)
			}
		}
	}
	return all.String()
}

func endpointKeys() []Key {
	keys := []Key{{Path: "clouds[].endpoints", Type: typeGroup, Note: "the service catalogue, else the provider's host pattern", Help: "Base URLs of services; version and project are appended."}}
	for _, name := range union((*provider.Provider).Endpoints) {
		title := byProvider(func(p *provider.Provider) string { return p.Service(name).Title })
		keys = append(keys, Key{Path: "clouds[].endpoints." + name, Type: typeURL, Note: "see `endpoints`", Help: title + "."})
	}
	return append(keys, Key{Path: "clouds[].endpoints.metadata", Type: typeURL, Note: "http://169.254.169.254", Help: "Instance metadata service; with `instance_metadata` only."})
}
