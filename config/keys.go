package config

import "strings"

// Types of keys, as the documentation calls them.
const (
	typeGroup    = "mapping"
	typeGroups   = "list of mappings"
	typeText     = "string"
	typeTexts    = "list of strings"
	typeSecret   = "secret"
	typeFile     = "file name"
	typeURL      = "URL"
	typeProxy    = "proxy URL"
	typeDuration = "duration"
	typeInteger  = "integer"
	typeNumber   = "number"
	typeBoolean  = "boolean"
)

// Key describes one key of the configuration file.
type Key struct {
	Path    string // such as clouds[].auth.type
	Type    string
	Default string   // what Parse takes when the key is absent; "" when that depends, see Note
	Note    string   // the default in words where it is not one value, or when the key is required
	Values  []string // all allowed values of a string
	Help    string

	min, max float64 // of an integer or a number
	positive bool    // a duration above 0
}

// Parent is the path of the mapping that holds the key; "" for a top key.
func (k Key) Parent() string {
	if i := strings.LastIndexByte(k.Path, '.'); i >= 0 {
		return k.Path[:i]
	}
	return ""
}

// Name is the last part of the path.
func (k Key) Name() string {
	return strings.TrimSuffix(k.Path[strings.LastIndexByte(k.Path, '.')+1:], "[]")
}

// Keys are all keys of the configuration file, in the order of the
// documentation. Parse knows no others.
func Keys() []Key {
	keys := []Key{{Path: "clouds[]", Type: typeGroups, Note: "required", Help: "The clouds to watch: one entry for each credential."}}
	keys = append(keys, cloudKeys()...)
	keys = append(keys, authKeys()...)
	keys = append(keys, cloudDetailKeys()...)
	return append(keys, globalKeys()...)
}

func cloudKeys() []Key {
	return []Key{
		{Path: "clouds[].name", Type: typeText, Note: "required", Help: "Name of the cloud: the label `cloud` of every series. Unique, at most 128 bytes."},
		{Path: "clouds[].provider", Type: typeText, Note: "required", Values: []string{HuaweiCloud, OTC, OpenStack}, Help: "What kind of cloud it is."},
		{Path: "clouds[].region", Type: typeText, Note: "required on huaweicloud and otc, unless `auth.url`, `projects` and all `endpoints` in use are given", Help: "Region: chooses the endpoints of the service catalogue or of the provider's host pattern."},
		{Path: "clouds[].auth", Type: typeGroup, Note: "required", Help: "How to log in."},
	}
}

func authKeys() []Key {
	return []Key{
		{Path: "clouds[].auth.type", Type: typeText, Note: "required", Values: []string{AccessKey, Password, ApplicationCredential, InstanceMetadata, CloudsYAML, Env}, Help: "The kind of credential. `access_key` and `instance_metadata` exist on huaweicloud and otc only."},
		{Path: "clouds[].auth.url", Type: typeURL, Note: "by provider and region; required on openstack, unless `clouds_yaml` or `env` tells it", Help: "Identity endpoint (Keystone, IAM), with or without `/v3`."},
		{Path: "clouds[].auth.access_key_id", Type: typeText, Note: "required with `access_key`", Help: "Access key (AK)."},
		{Path: "clouds[].auth.secret_key", Type: typeSecret, Note: "required with `access_key`", Help: "Secret key (SK)."},
		{Path: "clouds[].auth.secret_key_file", Type: typeFile, Note: "none", Help: "File that holds the secret key."},
		{Path: "clouds[].auth.security_token", Type: typeSecret, Note: "none", Help: "Security token of a temporary access key."},
		{Path: "clouds[].auth.security_token_file", Type: typeFile, Note: "none", Help: "File that holds the security token."},
		{Path: "clouds[].auth.username", Type: typeText, Note: "required with `password`", Help: "User name."},
		{Path: "clouds[].auth.user_domain", Type: typeText, Note: "`Default` on openstack, else required with `password`", Help: "Name of the user's domain; on Huawei Cloud and OTC the account name, such as OTC-EU-DE-00000000001000012345."},
		{Path: "clouds[].auth.password", Type: typeSecret, Note: "required with `password`", Help: "Password."},
		{Path: "clouds[].auth.password_file", Type: typeFile, Note: "none", Help: "File that holds the password."},
		{Path: "clouds[].auth.application_credential_id", Type: typeText, Note: "required with `application_credential`", Help: "Id of the application credential."},
		{Path: "clouds[].auth.application_credential_secret", Type: typeSecret, Note: "required with `application_credential`", Help: "Secret of the application credential."},
		{Path: "clouds[].auth.application_credential_secret_file", Type: typeFile, Note: "none", Help: "File that holds the secret of the application credential."},
		{Path: "clouds[].auth.cloud", Type: typeText, Note: "required with `clouds_yaml`", Help: "Name of the cloud in clouds.yaml."},
		{Path: "clouds[].auth.file", Type: typeFile, Note: "clouds.yaml in the working directory, ~/.config/openstack or /etc/openstack", Help: "The clouds.yaml to read."},
	}
}

func cloudDetailKeys() []Key {
	return []Key{
		{Path: "clouds[].projects", Type: typeTexts, Note: "the project named as the region (huaweicloud, otc); the scope of the credential (openstack)", Help: "Names or ids of projects; what is written is the label `project`. `[\"*\"]` stands for all that the credential sees."},
		{Path: "clouds[].collectors", Type: typeTexts, Note: "all that the provider has", Values: allCollectors(), Help: "What to collect. `private_ips` exists on huaweicloud and otc only."},
		{Path: "clouds[].apis", Type: typeGroup, Note: "see its keys", Help: "Which API to ask where several serve the same."},
		{Path: "clouds[].apis.ports", Type: typeText, Note: "`vpc` on huaweicloud, `neutron` on otc and openstack", Values: []string{"vpc", "neutron", "workspace"}, Help: "Ports by `GET /v1/{project_id}/ports` (vpc), `GET /v2.0/ports` (neutron) or `GET /v2/{project_id}/ports` (workspace). openstack has `neutron` only; otc needs `endpoints.workspace` for `workspace`."},
		{Path: "clouds[].apis.servers", Type: typeText, Default: "nova", Values: []string{"nova", "bms"}, Help: "Servers by `GET /v2.1/{project_id}/servers/detail` (nova) or `GET /v1/{project_id}/baremetalservers/detail` (bms; not on openstack)."},
		{Path: "clouds[].apis.server_addresses", Type: typeText, Default: "ips", Values: []string{"ips", "list"}, Help: "Addresses of a server by `GET …/servers/{id}/ips`, one call a server (ips), or out of the listing (list)."},
		{Path: "clouds[].servers", Type: typeText, Note: "`baremetal` on huaweicloud and otc, `all` on openstack", Values: []string{"baremetal", "all"}, Help: "Which servers to publish."},
		{Path: "clouds[].endpoints", Type: typeGroup, Note: "the service catalogue, else the provider's host pattern", Help: "Base URLs of services, with or without a path prefix; version and project are appended."},
		{Path: "clouds[].endpoints.vpc", Type: typeURL, Note: "see `endpoints`", Help: "VPC service and Neutron's `/v2.0`; huaweicloud and otc."},
		{Path: "clouds[].endpoints.network", Type: typeURL, Note: "see `endpoints`", Help: "Neutron; openstack."},
		{Path: "clouds[].endpoints.compute", Type: typeURL, Note: "see `endpoints`", Help: "Nova, called ECS on huaweicloud and otc."},
		{Path: "clouds[].endpoints.bms", Type: typeURL, Note: "see `endpoints`", Help: "Bare Metal Server service; huaweicloud and otc."},
		{Path: "clouds[].endpoints.workspace", Type: typeURL, Note: "see `endpoints`", Help: "Workspace service; huaweicloud and otc."},
		{Path: "clouds[].endpoints.metadata", Type: typeURL, Note: "http://169.254.169.254", Help: "Instance metadata service; with `instance_metadata` only."},
		{Path: "clouds[].limits", Type: typeGroup, Note: "see its keys", Help: "Protects the cloud's control plane."},
		{Path: "clouds[].limits.requests_per_second", Type: typeNumber, Default: "10", max: 1e6, Help: "Requests a second, shared by all that use this credential; 0 is no limit."},
		{Path: "clouds[].limits.concurrency", Type: typeInteger, Default: "8", min: 1, max: 1000, Help: "Requests at the same time."},
		{Path: "clouds[].limits.page_size", Type: typeInteger, Note: "2000; 1000 on openstack", min: 1, max: 2000, Help: "Items a page in all listings, never above what the API allows."},
		{Path: "clouds[].http", Type: typeGroup, Note: "see its keys", Help: "How to reach the cloud."},
		{Path: "clouds[].http.timeout", Type: typeDuration, Default: "30s", positive: true, Help: "Time for one request."},
		{Path: "clouds[].http.proxy_url", Type: typeProxy, Note: "HTTPS_PROXY and NO_PROXY of the environment", Help: "Proxy for all requests to this cloud (http, https, socks5). It may carry user and password, and is a secret."},
		{Path: "clouds[].http.proxy_url_file", Type: typeFile, Note: "none", Help: "File that holds the proxy URL."},
		{Path: "clouds[].http.tls_config", Type: typeGroup, Note: "see its keys", Help: "As in Prometheus."},
		{Path: "clouds[].http.tls_config.ca_file", Type: typeFile, Note: "the system's", Help: "Certificates (PEM) that the cloud's are checked against."},
		{Path: "clouds[].http.tls_config.cert_file", Type: typeFile, Note: "none", Help: "Client certificate (PEM)."},
		{Path: "clouds[].http.tls_config.key_file", Type: typeFile, Note: "none", Help: "Key of the client certificate (PEM)."},
		{Path: "clouds[].http.tls_config.server_name", Type: typeText, Note: "the host of the URL", Help: "Name that the cloud's certificate must have."},
		{Path: "clouds[].http.tls_config.insecure_skip_verify", Type: typeBoolean, Default: "false", Help: "Take any certificate. Whoever sits between can then read the credentials."},
		{Path: "clouds[].http.tls_config.min_version", Type: typeText, Note: "`TLS12`", Values: []string{"TLS10", "TLS11", "TLS12", "TLS13"}, Help: "Oldest TLS version to speak."},
		{Path: "clouds[].http.tls_config.max_version", Type: typeText, Note: "the newest", Values: []string{"TLS10", "TLS11", "TLS12", "TLS13"}, Help: "Newest TLS version to speak."},
	}
}

func globalKeys() []Key {
	return []Key{
		{Path: "collection", Type: typeGroup, Note: "see its keys", Help: "When to collect."},
		{Path: "collection.interval", Type: typeDuration, Default: "0s", Help: "0s: collect on each scrape; else in the background at this interval."},
		{Path: "collection.timeout", Type: typeDuration, Default: "5m", positive: true, Help: "Time for one collection."},
		{Path: "collection.max_stale", Type: typeDuration, Default: "15m", Help: "How long the last complete answer stands in for a failed one."},
		{Path: "series", Type: typeGroup, Note: "see its keys", Help: "Which series to publish."},
		{Path: "series.limit", Type: typeInteger, Default: "50000", min: 1, max: 1e9, Help: "`cloudip_` series in one response beyond which per-item series are left out and counted."},
		{Path: "series.ports", Type: typeText, Default: "none", Values: []string{"none", "down", "idle", "all"}, Help: "Which ports get a `cloudip_port_info` series."},
		{Path: "series.server_addresses", Type: typeBoolean, Default: "true", Help: "Publish `cloudip_server_address_info`."},
	}
}
