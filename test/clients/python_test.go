package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/simulator"
)

// python is Debian's: its packages are not those of another Python.
const (
	python = "/usr/bin/python3"
	osc    = "/usr/bin/openstack"
)

// needPython fails where the clients in Python are not installed.
func needPython(t *testing.T) {
	t.Helper()
	if out, err := exec.Command(python, "-c", "import openstack, openstackclient").CombinedOutput(); err != nil {
		t.Fatalf("openstacksdk or openstackclient is missing. Install Debian's python3-openstacksdk and python3-openstackclient. %v: %s", err, out)
	}
	if _, err := os.Stat(osc); err != nil {
		t.Fatalf("openstackclient is missing. Install Debian's python3-openstackclient: %v", err)
	}
}

// pythonLogin is one way to log in, as environment variables.
type pythonLogin struct {
	name        string
	environment []string
}

// pythonLogins are those that openstacksdk and openstackclient share. An
// application credential and a token are OpenStack's.
func pythonLogins(t *testing.T, c served, user string) []pythonLogin {
	t.Helper()
	id := c.Credentials(user)
	file := filepath.Join(t.TempDir(), "clouds.yaml")
	if err := os.WriteFile(file, []byte(c.CloudsYAML(user, c.url)), 0o600); err != nil {
		t.Fatal(err)
	}
	all := []pythonLogin{
		{"environment", c.Environ(user, c.url)},
		{"clouds.yaml", []string{"OS_CLIENT_CONFIG_FILE=" + file, "OS_CLOUD=sim-" + c.Provider()}},
	}
	if c.Provider() != simulator.OpenStack {
		return all
	}
	at := []string{"OS_AUTH_URL=" + c.IdentityURL(c.url), "OS_REGION_NAME=" + c.region, "OS_IDENTITY_API_VERSION=3"}
	credential := []string{
		"OS_AUTH_TYPE=v3applicationcredential", "OS_APPLICATION_CREDENTIAL_ID=" + id.ApplicationCredentialID,
		"OS_APPLICATION_CREDENTIAL_SECRET=" + id.ApplicationCredentialSecret,
	}
	var issued struct{ ID string }
	runJSON(t, &issued, all[0].environment, osc, "token", "issue", "-f", "json")
	token := []string{"OS_AUTH_TYPE=v3token", "OS_TOKEN=" + issued.ID, "OS_PROJECT_ID=" + id.DefaultProjectID}
	return append(all, pythonLogin{"application credential", slices.Concat(at, credential)}, pythonLogin{"token", slices.Concat(at, token)})
}

// run runs a client that knows of nothing but the given environment.
func run(t *testing.T, environment []string, command ...string) []byte {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append([]string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir(), "LANG=C.UTF-8"}, environment...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(command, " "), err, stderr.String())
	}
	return stdout.Bytes()
}

// runJSON decodes what a client prints.
func runJSON(t *testing.T, into any, environment []string, command ...string) {
	t.Helper()
	out := run(t, environment, command...)
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%s: %v: %.300s", strings.Join(command, " "), err, out)
	}
}

// fixedIP is an address of a port, as both clients print it.
type fixedIP struct {
	SubnetID  string `json:"subnet_id"`
	IPAddress string `json:"ip_address"`
}

func pythonAddresses(all []fixedIP) []string {
	var fixed []string
	for _, f := range all {
		fixed = append(fixed, f.SubnetID+"="+f.IPAddress)
	}
	return fixed
}

// quotaNames are openstacksdk's names of Neutron's resources.
var quotaNames = map[string]string{
	"floating_ips": "floatingip", "networks": "network", "ports": "port", "rbac_policies": "rbac_policy", "routers": "router", "subnets": "subnet",
	"subnet_pools": "subnetpool", "security_groups": "security_group", "security_group_rules": "security_group_rule",
}

// pick keeps the values of some fields: what a client prints.
func pick(v values, fields ...string) values {
	some := values{}
	for key, value := range v {
		if _, field, _ := strings.Cut(key, " "); slices.Contains(fields, field) {
			some[key] = value
		}
	}
	return some
}

// text is a JSON value as Go prints it: null is nothing.
func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
