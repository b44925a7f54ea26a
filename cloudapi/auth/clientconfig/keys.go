package clientconfig

// key is one row of the table of keys. In the environment its names are
// OS_ and the name in upper case.
type key struct {
	names   []string               // of several that are written the last of this list counts
	outside bool                   // it counts beside auth only, else in auth as well
	unused  bool                   // it would change something: the program warns that it does not
	refused bool                   // it would change who logs in, or to what: a fault
	help    string                 // for the documentation
	text    func(*Login) *string   // where a text goes
	url     bool                   // the text is one
	list    func(*Login) *[]string // where a list of texts goes
	flag    func(l *Login, on bool)
}

// Keys that the reader itself needs before it looks at the others.
const (
	keyAuthType = "auth_type"
	keyProfile  = "profile"
	keyRegions  = "regions"
	keyRegion   = "region_name"
)

// loginKeys and endpointKeys are the table: every key of a cloud's entry that this
// program knows.
func loginKeys() []key {
	text := func(help string, field func(*Login) *string, names ...string) key {
		return key{names: names, help: help, text: field}
	}
	return []key{
		{names: []string{"auth_plugin", keyAuthType}, outside: true, help: "password, v3password, token, v3token or v3applicationcredential; without it an application credential counts before a password"},
		{names: []string{"auth_url"}, help: "where to log in", url: true, text: func(l *Login) *string { return &l.AuthURL }},
		text("the user", func(l *Login) *string { return &l.Username }, "user_name", "username"),
		text("the user", func(l *Login) *string { return &l.UserID }, "user_id"),
		text("domain of the user", func(l *Login) *string { return &l.UserDomainID }, "user_domain_id"),
		text("domain of the user", func(l *Login) *string { return &l.UserDomainName }, "user_domain_name"),
		text("password of the user", func(l *Login) *string { return &l.Password }, "password"),
		text("a token, used in place of user and password", func(l *Login) *string { return &l.Token }, "auth_token", "token"),
		text("application credential; by name it needs its user", func(l *Login) *string { return &l.CredentialID }, "application_credential_id"),
		text("application credential; by name it needs its user", func(l *Login) *string { return &l.CredentialName }, "application_credential_name"),
		text("secret of the application credential", func(l *Login) *string { return &l.CredentialSecret }, "application_credential_secret"),
		text("the project to log in to", func(l *Login) *string { return &l.ProjectID }, "tenant_id", "project_id"),
		text("the project to log in to", func(l *Login) *string { return &l.ProjectName }, "tenant_name", "project_name"),
		text("domain of the project", func(l *Login) *string { return &l.ProjectDomainID }, "project_domain_id"),
		text("domain of the project", func(l *Login) *string { return &l.ProjectDomainName }, "project_domain_name"),
		text("domain of user and project where they have none of their own", func(l *Login) *string { return &l.DomainID }, "domain_id"),
		text("domain of user and project where they have none of their own", func(l *Login) *string { return &l.DomainName }, "domain_name"),
		text("domain that counts after all others", func(l *Login) *string { return &l.DefaultDomainID }, "default_domain_id"),
		text("domain that counts after all others", func(l *Login) *string { return &l.DefaultDomain }, "default_domain_name"),
		text("a login without project: needs projects in the configuration", func(l *Login) *string { return &l.SystemScope }, "system_scope"),
		{names: []string{"trust_id"}, refused: true, help: "a login by a trust is not supported"},
	}
}

func endpointKeys() []key {
	return []key{
		{names: []string{"cloud", keyProfile}, outside: true, unused: true, help: "clouds-public.yaml lacks it, or the environment names it: only the entry itself counts"},
		{names: []string{keyRegions}, outside: true, help: "regions, each with values of its own: the one that the configuration names counts, else the first"},
		{names: []string{keyRegion}, outside: true, help: "the region, where the configuration names none", text: func(l *Login) *string { return &l.Region }},
		{names: []string{"interface", "endpoint_type"}, outside: true, help: "public, internal or admin, or a list of them, the preferred first", list: func(l *Login) *[]string { return &l.Interfaces }},
		{names: []string{"network_endpoint_type", "network_interface"}, outside: true, help: "the same of one service", list: func(l *Login) *[]string { return &l.NetworkInterfaces }},
		{names: []string{"compute_endpoint_type", "compute_interface"}, outside: true, help: "the same of one service", list: func(l *Login) *[]string { return &l.ComputeInterfaces }},
		{names: []string{"network_endpoint", "network_endpoint_override"}, outside: true, help: "address of a service, in place of the catalogue's", url: true, text: func(l *Login) *string { return &l.NetworkEndpoint }},
		{names: []string{"compute_endpoint", "compute_endpoint_override"}, outside: true, help: "address of a service, in place of the catalogue's", url: true, text: func(l *Login) *string { return &l.ComputeEndpoint }},
		{names: []string{"cacert"}, outside: true, help: "file of the authorities' certificates", text: func(l *Login) *string { return &l.CAFile }},
		{names: []string{"cert"}, outside: true, help: "file of the client certificate", text: func(l *Login) *string { return &l.CertFile }},
		{names: []string{"key"}, outside: true, help: "file of the client key", text: func(l *Login) *string { return &l.KeyFile }},
		{names: []string{"verify"}, outside: true, help: "false: certificates are not checked", flag: func(l *Login, on bool) { l.Insecure = l.Insecure || !on }},
		{names: []string{"insecure"}, outside: true, help: "true: certificates are not checked", flag: func(l *Login, on bool) { l.Insecure = l.Insecure || on }},
		{names: []string{"network_region_name", "compute_region_name"}, outside: true, unused: true, help: "one region counts for all services"},
		{names: []string{"network_service_name", "compute_service_name", "network_service_type", "compute_service_type"}, outside: true, unused: true, help: "services are found by their usual type"},
		{names: []string{"identity_endpoint_override", "identity_interface"}, outside: true, unused: true, help: "auth_url is asked"},
		{names: []string{"ak", "access_key"}, unused: true, help: "an access key is not read from here: write auth.type access_key into the configuration"},
		{names: []string{"sk", "secret_key"}, unused: true, help: "an access key is not read from here: write auth.type access_key into the configuration"},
		{names: []string{"passcode", "auth_methods"}, unused: true, help: "a second factor is not supported"},
	}
}

// irrelevantEndings are the endings of keys that change nothing of what this
// program asks: versions, and how images, volumes and networks are used.
func irrelevantEndings() []string {
	return []string{
		"api_version", "default_microversion", "timeout", "status_code_retries", "connect_retries", "max_version", "min_version",
		"image_format", "image_api_use_tasks", "floating_ip_source", "secgroup_source", "networks", "external_network", "internal_network",
		"force_ipv4", "prefer_ipv6", "disable_vendor_agent", "message", "status", "vendor_hook", "metrics", "nat_source", "default_network",
		"database_service_type", "volume_service_type", "object_store_service_type", "verbose_level", "debug",
	}
}
