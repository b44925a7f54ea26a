package cli

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/config"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/loopback"
)

// checked is what check-config says of a simulated cloud, with one blank where a table has
// several, after it ended with the exit code.
func checked(t *testing.T, cloud *simtest.Cloud, user, authType string, online bool, want int, extra ...string) string {
	t.Helper()
	base := loopback.Serve(t, cloud)
	yaml := cloud.ConfigYAMLAs(user, base, authType, append(extra, unlimited)...)
	if authType == config.InstanceMetadata {
		yaml = strings.Replace(yaml, "endpoints: {", "endpoints: {metadata: "+base+", ", 1)
	}
	args := []string{"check-config", "--config.file=" + check.Write(t, filepath.Join(t.TempDir(), "config.yml"), "clouds:\n"+yaml)}
	if online {
		args = append(args, "--online")
	}
	code, stdout, stderr := runCommand(t, args...)
	check.Equal(t, "exit code with "+stderr, want, code)
	return regexp.MustCompile(` +`).ReplaceAllString(stdout+stderr, " ")
}

func TestCheckConfigOfflineShowsTargetsAndCostAndAsksNobody(t *testing.T) {
	cloud := simtest.New(simulator.Options{Provider: simulator.OTC})
	out := checked(t, cloud, simulator.Exporter, "access_key", false, exit.OK, "  projects: [eu-de, eu-de_sub]")
	check.Has(t, "stdout", out, "config.yml is valid", "sim-otc", "eu-de_sub", "1 per 2000 VPCs + 1 per 2000 VPCs of v3 + 1 per 2000 subnets + 1 per subnet",
		"1 per 1000 servers + 1 per bare-metal server", "private_ips")
	check.Equal(t, "requests", 0, len(cloud.Requests()))
}

func TestCheckConfigOnlineNamesEachMissingPermission(t *testing.T) {
	for action, collector := range map[string]string{
		"vpc:vpcs:list": "subnets", "vpc:subnets:get": "subnets", "vpc:networks:get": "subnets", "vpc:ports:get": "ports",
		"ecs:servers:list": "servers", "ecs:serverIps:list": "servers", "vpc:addressGroups:list": "address_groups",
		"vpc:privateIps:list": "private_ips", "vpc:quotas:list": "quotas",
	} {
		cloud := simtest.New(simulator.Options{Provider: simulator.HuaweiCloud})
		cloud.Deny(simulator.Exporter, action)
		want := "missing permission " + action
		if action == "ecs:serverIps:list" { // the documented one stands beside that which the cloud names
			want = "ecs:servers:get " + want
		}
		out := checked(t, cloud, simulator.Exporter, "access_key", true, exit.Permission)
		check.Has(t, "without "+action, out, "collector "+collector, want)
	}
}

// What a collector joins with it needs itself when the other one is left out.
func TestCheckConfigCountsAndTriesWhatACollectorAloneNeeds(t *testing.T) {
	for name, tt := range map[string]struct{ provider, collectors, cost, denied string }{
		"ports":             {simulator.OTC, "ports", "1 per 2000 ports + 1 per 2000 sub-interfaces + 1 per 2000 subnets", "vpc:subnets:get"},
		"private IPs":       {simulator.OTC, "private_ips", "1 per subnet + 1 per 2000 subnets", "vpc:subnets:get"},
		"subnets":           {simulator.OTC, "subnets", "1 per subnet + at most 1 per 2000 ports", "vpc:ports:get"},
		"bare metal":        {simulator.OpenStack, "servers", "1 per server + 1 per 1000 ports", ""},
		"the first pays":    {simulator.OTC, "ports, private_ips", "ports 1 per 2000 ports + 1 per 2000 sub-interfaces + 1 per 2000 subnets", "vpc:subnets:get"},
		"who always needs":  {simulator.OpenStack, "subnets, servers", "subnets 1 per 1000 subnets + 1 per 1000 subnet pools + 1 per 1000 networks + 1 + 1 per 1000 networks\n", ""},
		"the second not":    {simulator.OTC, "ports, private_ips", "private_ips 1 per subnet\n", "vpc:subnets:get"},
		"of its own it has": {simulator.OTC, "subnets, ports", "ports 1 per 2000 ports + 1 per 2000 sub-interfaces\n", "vpc:ports:get"},
	} {
		t.Run(name, func(t *testing.T) {
			auth := map[string]string{simulator.OTC: "access_key", simulator.OpenStack: "password"}[tt.provider]
			cloud, only := simtest.New(simulator.Options{Provider: tt.provider}), "  collectors: ["+tt.collectors+"]"
			check.Has(t, "the cost", checked(t, cloud, simulator.Exporter, auth, false, exit.OK, only), tt.cost)
			if tt.denied != "" {
				cloud.Deny(simulator.Exporter, tt.denied)
				check.Has(t, "online", checked(t, cloud, simulator.Exporter, auth, true, exit.Permission, only), "missing permission "+tt.denied)
			}
		})
	}
}

func TestCheckConfigOnlineFindsNothingMissing(t *testing.T) {
	for provider, auth := range map[string]string{
		simulator.HuaweiCloud: "access_key", simulator.OTC: "password", simulator.OpenStack: "application_credential",
	} {
		out := checked(t, simtest.New(simulator.Options{Provider: provider}), simulator.Exporter, auth, true, exit.OK)
		if strings.Contains(out, "missing") || strings.Count(out, "ok") < 5 || strings.Count(out, "API_CALLS") != 1 {
			t.Errorf("%s:\n%s", provider, out)
		}
	}
}

func TestCheckConfigOnlineTakesAMemberOfAnOpenStackProject(t *testing.T) {
	out := checked(t, simtest.New(simulator.Options{Provider: simulator.OpenStack}), simulator.Member, "password", true, exit.OK)
	check.Has(t, "stdout", out, "refused: capacity comes from allocation pools, used is counted on ports")
}

func TestCheckConfigOnlineTellsAFailedLoginFromARefusedOne(t *testing.T) {
	for _, test := range []struct {
		authType, path string
		status, code   int
	}{
		{"password", "/auth/tokens", 503, exit.Failure},
		{"password", "/auth/tokens", 401, exit.Permission},
		{"access_key", "/v3/projects", 401, exit.Permission},
		{"access_key", "/v3/projects", 503, exit.Failure},
		{"instance_metadata", "/securitykey", 503, exit.Failure},
		{"instance_metadata", "/securitykey", 429, exit.Throttled},
		{"instance_metadata", "/securitykey", 404, exit.Permission},
	} {
		cloud := simtest.New(simulator.Options{Provider: simulator.OTC})
		cloud.Fault(simtest.Fault{Path: test.path, Status: test.status, Body: `{"error":{"message":"no"}}`})
		checked(t, cloud, simulator.Exporter, test.authType, true, test.code)
	}
}

func TestCheckConfigOnlineSaysOneCauseOnce(t *testing.T) {
	const missing = `{"NeutronError":{"type":"HTTPNotFound","message":"The resource could not be found.","detail":""}}`
	for name, test := range map[string]struct {
		faults []simtest.Fault
		code   int
		want   map[string]int // how often it stands there
	}{
		"a gateway that refuses all": {[]simtest.Fault{{Path: "/v2", Status: 501, Body: `{"message":"out of order"}`}}, exit.Failure,
			map[string]int{"answered 501": 2, "for the same cause as an API above": 7}},
		"two extensions that are not there": {[]simtest.Fault{{Path: "address-groups", Status: 404, Body: missing}, {Path: "quotas", Status: 404, Body: missing}}, exit.NotFound,
			map[string]int{"leave address_groups out of collectors": 2, "leave quotas out of collectors": 2, "same cause": 0}},
	} {
		cloud := simtest.New(simulator.Options{Provider: simulator.OpenStack})
		for _, f := range test.faults {
			cloud.Fault(f)
		}
		out := checked(t, cloud, simulator.Exporter, "password", true, test.code)
		for text, n := range test.want {
			check.Equal(t, fmt.Sprintf("%s: %q", name, text), n, strings.Count(out, text))
		}
	}
}
