package simulator

import (
	"fmt"
	"strconv"
	"strings"
)

// ConfigYAML is one item of the exporter's "clouds:" list that reaches this
// cloud as the user Exporter. base is scheme and host, without the cloud's
// Prefix. authType is as in the configuration; "clouds_yaml:FILE" names the
// file that CloudsYAML was written to. extra are further keys, a line each, two
// spaces in, such as "  apis: {ports: neutron}"; a key "limits:" or
// "endpoints:" among them replaces the default one.
func (c *Cloud) ConfigYAML(base, authType string, extra ...string) string {
	return c.ConfigYAMLAs(Exporter, base, authType, extra...)
}

// ConfigYAMLAs is ConfigYAML for any user of the cloud.
func (c *Cloud) ConfigYAMLAs(user, base, authType string, extra ...string) string {
	var b strings.Builder
	has := func(key string) bool {
		for _, line := range extra {
			if strings.HasPrefix(strings.TrimSpace(line), key+":") {
				return true
			}
		}
		return false
	}
	name := c.opts.Name
	fmt.Fprintf(&b, "- name: %s\n  provider: %s\n  region: %s\n", quote(name), c.opts.Provider, quote(c.opts.Region))
	b.WriteString("  auth:\n" + c.authYAML(user, base, authType))
	if !has("endpoints") {
		b.WriteString(c.endpointsYAML(base, authType))
	}
	if !has("limits") {
		b.WriteString("  limits: {requests_per_second: 1000}\n")
	}
	for _, line := range extra {
		b.WriteString(strings.TrimRight(line, "\n") + "\n")
	}
	return b.String()
}

func quote(s string) string { return strconv.Quote(s) }

// IdentityURL is the cloud's auth.url.
func (c *Cloud) IdentityURL(base string) string {
	if c.huawei() {
		return base + c.opts.Prefix + "/iam/v3"
	}
	return base + c.opts.Prefix + "/identity/v3"
}

func (c *Cloud) authYAML(user, base, authType string) string {
	id := c.Credentials(user)
	kind, file, _ := strings.Cut(authType, ":")
	rows := [][2]string{{"type", kind}}
	switch kind {
	case "access_key":
		rows = append(rows, [2]string{"access_key_id", quote(id.AccessKey)}, [2]string{"secret_key", quote(id.SecretKey)})
	case "password":
		rows = append(rows, [2]string{"username", quote(id.Username)}, [2]string{"user_domain", quote(id.UserDomain)}, [2]string{"password", quote(id.Password)})
		if !c.huawei() { // there the region names the project
			rows = append(rows, [2]string{"project", quote(id.DefaultProject)})
		}
	case "application_credential":
		rows = append(rows, [2]string{"application_credential_id", quote(id.ApplicationCredentialID)}, [2]string{"application_credential_secret", quote(id.ApplicationCredentialSecret)})
	case "clouds_yaml":
		rows = append(rows, [2]string{"cloud", quote(c.opts.Name)})
		if file != "" {
			rows = append(rows, [2]string{"file", quote(file)})
		}
	}
	if kind != "clouds_yaml" && kind != "env" {
		rows = append(rows, [2]string{"url", quote(c.IdentityURL(base))})
	}
	var b strings.Builder
	for _, r := range rows {
		b.WriteString("    " + r[0] + ": " + r[1] + "\n")
	}
	return b.String()
}

// endpointsYAML names what no catalogue tells: everything when there is no
// token, else what the catalogue leaves out. OpenStack's tells all.
func (c *Cloud) endpointsYAML(base, authType string) string {
	if !c.huawei() {
		return ""
	}
	at := base + c.opts.Prefix
	rows := []string{"bms: " + quote(at+"/bms")}
	if c.opts.Provider == HuaweiCloud {
		rows = append(rows, "workspace: "+quote(at+"/workspace"))
	}
	if authType == "access_key" || authType == "instance_metadata" {
		rows = append(rows, "vpc: "+quote(at+"/vpc"), "compute: "+quote(at+"/ecs"))
	}
	return "  endpoints: {" + strings.Join(rows, ", ") + "}\n"
}

// CloudsYAML is a clouds.yaml with one cloud, named as this one, for a user.
func (c *Cloud) CloudsYAML(user, base string) string {
	id := c.Credentials(user)
	return fmt.Sprintf(`clouds:
  %s:
    region_name: %s
    auth:
      auth_url: %s
      username: %s
      password: %s
      user_domain_name: %s
      project_name: %s
      project_domain_name: %s
`, quote(c.opts.Name), quote(c.opts.Region), quote(c.IdentityURL(base)), quote(id.Username), quote(id.Password),
		quote(id.UserDomain), quote(id.DefaultProject), quote(id.UserDomain))
}

// Environ are the variables by which OpenStack's tools reach the cloud as user.
func (c *Cloud) Environ(user, base string) []string {
	id := c.Credentials(user)
	return []string{
		"OS_AUTH_URL=" + c.IdentityURL(base), "OS_USERNAME=" + id.Username, "OS_PASSWORD=" + id.Password,
		"OS_USER_DOMAIN_NAME=" + id.UserDomain, "OS_PROJECT_NAME=" + id.DefaultProject, "OS_PROJECT_DOMAIN_NAME=" + id.UserDomain,
		"OS_REGION_NAME=" + c.opts.Region, "OS_IDENTITY_API_VERSION=3",
	}
}
