package clientconfig

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

const start = `clouds:
  c1:
    auth: {auth_url: "https://keystone.example/v3", username: robot, password: canary-secret, project_name: web, user_domain_name: Default}
`

// readText reads a login from the text of a clouds.yaml, with variables or without.
func readText(t *testing.T, text, region string, environ ...string) (*Login, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	check.Write(t, "clouds.yaml", text)
	if environ != nil {
		return Read(Source{Env: true, Environ: environ})
	}
	return Read(Source{Cloud: "c1", File: "clouds.yaml", Region: region})
}

func TestWhatCannotBeHonouredIsAFaultThatNamesTheKey(t *testing.T) {
	replaced := func(old, text string) string { return strings.Replace(start, old, text, 1) }
	for _, c := range []struct{ name, text, region, want string }{
		{"second factor", start + "    auth_type: v3multifactor\n", "", `clouds.yaml:4: clouds.c1.auth_type: the login type "v3multifactor" is not supported`},
		{"old nouns", start + "    auth-type: v2password\n", "", `clouds.c1.auth-type: the login type "v2password"`},
		{"federation", start + "    auth_plugin: v3oidcpassword\n", "", `clouds.c1.auth_plugin: the login type "v3oidcpassword"`},
		{"trust", replaced("username", "trust_id: x, username"), "", "clouds.yaml:3: clouds.c1.auth.trust_id: a login by a trust is not supported"},
		{"credential by name, no user", "clouds:\n  c1:\n    auth_type: v3applicationcredential\n    auth: {auth_url: https://k/v3, application_credential_name: exporter, application_credential_secret: canary-secret}\n", "",
			"clouds.yaml:3: clouds.c1.auth_type: a login by application credential needs username or user_id beside application_credential_name"},
		{"credential without secret", "clouds: {c1: {auth: {auth_url: https://k/v3, application_credential_id: x}}}\n", "", "clouds.yaml: auth: it has no credential: give it password, token or application_credential_secret"},
		{"no password", replaced("password: canary-secret, ", ""), "", "clouds.yaml: auth: it has no credential: give it password"},
		{"no user", replaced("username: robot, ", ""), "", "clouds.yaml: auth: a login by password needs username or user_id"},
		{"nothing", "clouds: {c1: {}}\n", "", "auth: it has no credential"},
		{"token type, no token", start + "    auth_type: token\n", "", "clouds.c1.auth_type: a login by token needs token"},
		{"missing blank", replaced(", username", "\n      username:\"x\"\n      password: canary-secret\n      project_name:x, y"), "", "clouds.yaml:"},
		{"broken YAML", "clouds:\n  c1:\n    auth:\n      auth_url: https://k/v3\n      username: u\n      password: canary-secret\n      project_id:\"5f0c\"\n      user_domain_name: Default\n    region_name: RegionOne\n", "", "clouds.yaml:7:"},
		{"profile of nobody", "clouds: {c1: {profile: otc, auth: {username: u, password: canary-secret}}}\n", "", `clouds.yaml:1: clouds.c1.profile: the profile "otc" is not in clouds-public.yaml: write auth_url into auth`},
		{"another region", start + "    regions: [one, {name: two}]\n", "three", `clouds.c1.regions: the region "three" is not one of one, two`},
		{"region without name", start + "    regions: [{values: {}}]\n", "", "clouds.c1.regions: each region needs a name"},
		{"verify as a text", start + "    verify: /etc/ca.pem\n", "", "clouds.yaml:4: clouds.c1.verify: must be true or false"},
		{"auth as a text", "clouds: {c1: {auth: canary-secret}}\n", "", "clouds.c1.auth: must be a list of keys and values"},
		{"a list for a text", replaced("username: robot", "username: [robot]"), "", "clouds.c1.auth.username: must be a text"},
		{"braces in the address", replaced("keystone.example", "{user}.example"), "", "clouds.c1.auth.auth_url: only {region_name} is replaced"},
		{"no address", replaced("https://keystone", "keystone"), "", "clouds.yaml:3: clouds.c1.auth.auth_url: must be a URL that begins with http:// or https://"},
		{"a password in the address", replaced("https://", "https://u:canary-secret@"), "", "clouds.c1.auth.auth_url: must not carry a user or password"},
		{"no address of a service", start + "    compute-endpoint-override: ftp://h\n", "", "clouds.yaml:4: clouds.c1.compute-endpoint-override: must be a URL"},
		{"no such cloud", "clouds: {c2: {}}\n", "", `clouds.yaml: clouds: there is no cloud "c1"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := readText(t, c.text, c.region)
			check.Fails(t, c.name, err, c.want, "canary-secret")
		})
	}
}

func TestKeysThatAreNotUsedAreWarnedOf(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"profile beside auth_url", start + "    profile: otc\n", "clouds.yaml:4: clouds.c1.profile: not used: clouds-public.yaml has no such profile"},
		{"old word for profile", start + "    cloud: otc\n", "clouds.c1.cloud: not used"},
		{"passcode", start + "    passcode: 123456\n", "clouds.c1.passcode: not used: a second factor is not supported"},
		{"region of one service", start + "    compute_region_name: two\n", "clouds.c1.compute_region_name: not used: one region counts for all services"},
		{"region in auth", strings.Replace(start, "username", "region_name: two, username", 1), "clouds.c1.auth.region_name: not used: write it beside auth"},
		{"a typing error", strings.Replace(start, "project_name", "projekt_name", 1), "clouds.c1.auth.projekt_name: not used: this program does not know this key"},
		{"a blank before the address", strings.Replace(start, `"https`, `" https`, 1) + "    profile: otc\n", "clouds.c1.profile: not used"},
		{"project in an address", start + "    profile: otc\n    compute_endpoint_override: https://n/v2.1/%(project_id)s\n", "clouds.c1.profile: not used"},
		{"plain login", strings.Replace(start, "https", "http", 1), "clouds.yaml:3: clouds.c1.auth.auth_url: http:// sends credentials in the clear"},
		{"plain service", start + "    network_endpoint: http://10.0.0.1\n", "clouds.c1.network_endpoint: http:// sends credentials"},
		{"no check", start + "    verify: False\n    insecure: false\n", "clouds.yaml:4: clouds.c1.verify: certificates are not checked"},
		{"insecure", start + "    insecure: true\n", "clouds.c1.insecure: certificates are not checked"},
		{"access key", start + "    ak: x\n    sk: canary-secret\n", "clouds.c1.ak: not used: an access key is not read from here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := check.Get(readText(t, c.text, ""))(t)
			all := strings.Join(l.Warnings, "\n")
			if !strings.Contains(all, c.want) || strings.Contains(all, "canary-secret") {
				t.Errorf("got %q, want %s", all, c.want)
			}
		})
	}
}

func TestWhatDoesNotMatterIsNotWarnedOf(t *testing.T) {
	l, err := readText(t, start+"    identity_api_version: 3\n    compute_default_microversion: '2.53'\n    networks: [{name: a}]\n    image_format: raw\n    api_timeout: 30\n", "")
	if err != nil || len(l.Warnings) != 0 {
		t.Errorf("got %v, %v", l, err)
	}
}

func TestTheConfigurationChoosesTheRegion(t *testing.T) {
	for _, c := range []struct{ keys, region, want, inter string }{
		{"regions: [{name: one, values: {interface: internal}}, {name: two, values: {interface: admin}}]", "two", "two", "[admin]"},
		{"region_name: [one, two]", "two", "two", "[]"},
		{"region_name: [one, two]", "", "one", "[]"},
		{"region_name: 'one,two'", "two", "two", "[]"},
	} {
		l, err := readText(t, start+"    "+c.keys+"\n", c.region)
		if err != nil || l.Region != c.want || fmt.Sprint(l.Interfaces) != c.inter {
			t.Errorf("%s, %q: got %+v, %v", c.keys, c.region, l, err)
		}
	}
}

// The environment must not lead a login that clouds.yaml describes elsewhere.
func TestBesideANamedCloudOnlySecretsOfTheEnvironmentCount(t *testing.T) {
	l, err := readText(t, "clouds: {c1: {auth: {auth_url: https://k/v3, username: robot, project_name: web, user_domain_name: Default}}}\n", "",
		"OS_CLOUD=c1", "OS_PASSWORD=pw", "OS_PROJECT_NAME=other", "OS_AUTH_URL=https://evil/v3", "OS_REGION_NAME=r")
	if err != nil || l.Password != "pw" || l.ProjectName != "web" || l.AuthURL != "https://k/v3" || l.Region != "r" {
		t.Errorf("got %+v, %v", l, err)
	}
}

func TestTheIDOfACredentialCountsBeforeItsName(t *testing.T) {
	l, err := readText(t, "clouds: {c1: {auth: {auth_url: https://k/v3, application_credential_name: n, application_credential_id: i, application_credential_secret: s}}}\n", "")
	if err != nil || l.CredentialID != "i" || l.CredentialName != "" {
		t.Errorf("got %+v, %v", l, err)
	}
}

func TestARegionOfTheEnvironmentThatTheFileOverrulesIsWarnedOf(t *testing.T) {
	for region, want := range map[string]int{"one": 0, "two": 1, "": 0} {
		l, err := readText(t, start+"    region_name: one\n", "", "OS_CLOUD=c1", "OS_REGION_NAME="+region)
		if err != nil || l.Region != "one" || len(l.Warnings) != want {
			t.Errorf("%q: got %+v, %v, want %d warnings", region, l, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(start)
	f.Add("a: &a {<<: *a}\nclouds: {c1: *a}\n")
	f.Add("clouds: {c1: {<<: [{auth: 1}, {regions: [{name: [x]}]}], region_name: [a, b]}}")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := readText(t, text, "")
		if (l == nil) == (err == nil) {
			t.Errorf("got %v and %v", l, err)
		}
	})
}

func TestAliasesThatExplodeAreRefused(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 {x: 1}\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "a%d: &a%d {<<: [%s*a%d]}\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	b.WriteString("clouds: {c1: *a11}\n")
	if _, err := readText(t, b.String(), ""); !isFile(err) {
		t.Errorf("got %v, want an error of the file", err)
	}
}

func isFile(err error) bool {
	_, ok := errors.AsType[*FileError](err)
	return ok
}
