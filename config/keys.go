package config

import (
	"strconv"
	"strings"

	"cloudip_exporter/provider"
)

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
	typeSize     = "size"
)

// noTexts is the default of a list that may be empty.
const noTexts = "[]"

// Key describes one key of the configuration file.
type Key struct {
	Path     string // such as clouds[].auth.type
	Type     string
	Default  string   // what Parse takes when the key is absent; "" when that depends, see Note
	Note     string   // the default in words where it is not one value, or when the key is required
	Values   []string // all allowed values of a string
	Help     string
	Min, Max float64 // of an integer or a number

	positive bool // a duration above 0
}

// Parent returns the path of the mapping that holds the key; "" for a top key.
func (k Key) Parent() string {
	if i := strings.LastIndexByte(k.Path, '.'); i >= 0 {
		return k.Path[:i]
	}
	return ""
}

// Name returns the last part of the path.
func (k Key) Name() string {
	return strings.TrimSuffix(k.Path[strings.LastIndexByte(k.Path, '.')+1:], "[]")
}

// Keys returns all keys of the configuration file, in the order of the
// documentation. Parse knows no others.
func Keys(collectors []Collector) []Key {
	keys := []Key{{Path: "clouds[]", Type: typeGroups, Note: "required", Help: "The clouds to watch: one entry for each credential."}}
	keys = append(keys, cloudKeys()...)
	keys = append(keys, scopeKeys(collectors)...)
	keys = append(keys, apiKeys()...)
	keys = append(keys, endpointKeys()...)
	return append(keys, otherKeys()...)
}

func otherKeys() []Key {
	return []Key{
		{Path: "clouds[].limits", Type: typeGroup, Note: "see its keys", Help: "Protects the cloud's control plane."},
		{Path: "clouds[].limits.requests_per_second", Type: typeNumber, Default: "10", Max: 1e6, Help: "Requests a second of all that use this credential; 0 is no limit."},
		{Path: "clouds[].limits.concurrency", Type: typeInteger, Default: "8", Min: 1, Max: 1000, Help: "Requests at the same time."},
		{Path: "clouds[].limits.page_size", Type: typeInteger, Note: byProvider(func(p *provider.Provider) string { return strconv.Itoa(p.PageSize) }), Min: 1, Max: 2000, Help: "Items a page, never above what the API allows."},
		{Path: "clouds[].http", Type: typeGroup, Note: "see its keys", Help: "How to reach the cloud."},
		{Path: "clouds[].http.timeout", Type: typeDuration, Default: "30s", positive: true, Help: "Time for one request."},
		{Path: "clouds[].http.proxy_url", Type: typeProxy, Note: "HTTPS_PROXY and NO_PROXY of the environment", Help: "Proxy (http, https, socks5). A secret, since it may carry a password."},
		{Path: "clouds[].http.proxy_url_file", Type: typeFile, Note: "none", Help: "File that holds the proxy URL."},
		{Path: "clouds[].http.tls_config", Type: typeGroup, Note: "see its keys", Help: "As in Prometheus."},
		{Path: "clouds[].http.tls_config.ca_file", Type: typeFile, Note: "the system's", Help: "Certificates (PEM) of the authorities."},
		{Path: "clouds[].http.tls_config.cert_file", Type: typeFile, Note: "none", Help: "Client certificate (PEM)."},
		{Path: "clouds[].http.tls_config.key_file", Type: typeFile, Note: "none", Help: "Its key (PEM)."},
		{Path: "clouds[].http.tls_config.server_name", Type: typeText, Note: "the host of the URL", Help: "Name in the cloud's certificate."},
		{Path: "clouds[].http.tls_config.insecure_skip_verify", Type: typeBoolean, Default: "false", Help: "Take any certificate: whoever sits between can read the credentials."},
		{Path: "clouds[].http.tls_config.min_version", Type: typeText, Note: "`TLS12`", Values: []string{"TLS10", "TLS11", "TLS12", "TLS13"}, Help: "Oldest TLS version."},
		{Path: "clouds[].http.tls_config.max_version", Type: typeText, Note: "the newest", Values: []string{"TLS10", "TLS11", "TLS12", "TLS13"}, Help: "Newest TLS version."},
		{Path: "collection", Type: typeGroup, Note: "see its keys", Help: "When to collect."},
		{Path: "collection.interval", Type: typeDuration, Default: "0s", Help: "0s: on each scrape; else in the background, so often."},
		{Path: "collection.timeout", Type: typeDuration, Default: "5m", positive: true, Help: "Time for one collection."},
		{Path: "collection.max_stale", Type: typeDuration, Default: "15m", Help: "How long the last complete answer replaces a failed one."},
		{Path: "series", Type: typeGroup, Note: "see its keys", Help: "Which series to publish."},
		{Path: "series.limit", Type: typeInteger, Default: "50000", Min: 1, Max: 1e9, Help: "`cloudip_` series in one response beyond which per-item series are left out."},
		{Path: "series.ports", Type: typeText, Default: "none", Values: []string{"none", "down", "idle", "all"}, Help: "Which ports get a `cloudip_port_info` series."},
		{Path: "series.server_addresses", Type: typeBoolean, Default: "true", Help: "Publish `cloudip_server_address_info`."},
		{Path: "series.public_ips", Type: typeText, Default: "none", Values: []string{"none", "unattached", "all"}, Help: "Which public IPs get a `cloudip_public_ip_info` series."},
		{Path: "series.tags", Type: typeTexts, Default: noTexts, Help: "Tags that become labels of `cloudip_subnet_tags`, and keys of subnets: `tag_NAME`. On OTC they cost a call a subnet."},
		{Path: "storage", Type: typeGroup, Note: "see its keys", Help: "What the daemon remembers: the last answers, and who held which address."},
		{Path: "storage.path", Type: typeFile, Note: "`$STATE_DIRECTORY/cloudip.db` where systemd, image or chart set that, else `none`", Help: "The SQLite file; `none` keeps nothing."},
		{Path: "storage.retention", Type: typeDuration, Default: "3y", positive: true, Help: "How long to keep who held an address."},
		{Path: "storage.retention_size", Type: typeSize, Default: "4GiB", Help: "Size beyond which the oldest go first."},
	}
}
