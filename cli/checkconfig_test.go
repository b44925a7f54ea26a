package cli

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/loopback"
)

// sessions are the clouds of a configuration, until the test ends.
func sessions(t *testing.T, cfg *config.Config) (all []command.Cloud) {
	t.Helper()
	for _, c := range cfg.Clouds() {
		opened := check.Get(cloudapi.Open(c, cloudapi.Options{}))(t)
		t.Cleanup(opened.Close)
		all = append(all, command.Opened(opened))
	}
	return all
}

// checking is check-config against a simulated cloud.
func checking(t *testing.T, cloud *simtest.Cloud, user, authType string, online bool, extra ...string) (out string, code int) {
	t.Helper()
	base := loopback.Serve(t, cloud)
	yaml := cloud.ConfigYAMLAs(user, base, authType, append(extra, unlimited)...)
	if authType == config.InstanceMetadata {
		yaml = strings.Replace(yaml, "endpoints: {", "endpoints: {metadata: "+base+", ", 1)
	}
	cfg := check.Get(config.Parse("config.yml", []byte("clouds:\n"+yaml), config.Options{Collectors: collector.Catalogue()}))(t)
	var stdout, stderr bytes.Buffer
	e := command.NewEnv(nil, &stdout, &stderr, nil)
	e.ConfigFile = "config.yml"
	e.Clouds, e.ReadTimeout = sessions(t, cfg), time.Minute
	err := runCheckConfig(t.Context(), e, checkConfigOptions{Online: online, Warnings: cfg.Warnings()})
	if err != nil {
		stdout.WriteString(err.Error())
	}
	return stdout.String(), exit.Code(err)
}

func TestCheckConfigOfflineShowsTargetsAndCostAndAsksNobody(t *testing.T) {
	cloud := simtest.New(simulator.Options{Provider: simulator.OTC})
	out, code := checking(t, cloud, simulator.Exporter, "access_key", false, "  projects: [eu-de, eu-de_sub]")
	check.Equal(t, "exit code", exit.OK, code)
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
		out, code := checking(t, cloud, simulator.Exporter, "access_key", true)
		if code != exit.Permission || !strings.Contains(out, "collector "+collector) || !strings.Contains(out, "missing permission "+action) {
			t.Errorf("without %s: exit code %d\n%s", action, code, out)
		}
	}
}

// What a collector joins with it needs itself when the other one is left out.
func TestCheckConfigCountsAndTriesWhatACollectorAloneNeeds(t *testing.T) {
	for name, tt := range map[string]struct{ provider, collectors, cost, denied string }{
		"ports":             {simulator.OTC, "ports", "1 per 2000 ports + 1 per 2000 sub-interfaces + 1 per 2000 subnets", "vpc:subnets:get"},
		"private IPs":       {simulator.OTC, "private_ips", "1 per subnet + 1 per 2000 subnets", "vpc:subnets:get"},
		"subnets":           {simulator.OTC, "subnets", "1 per subnet + at most 1 per 2000 ports", "vpc:ports:get"},
		"bare metal":        {simulator.OpenStack, "servers", "1 per server + 1 per 1000 ports", ""},
		"the first pays":    {simulator.OTC, "ports, private_ips", "ports         1 per 2000 ports + 1 per 2000 sub-interfaces + 1 per 2000 subnets", "vpc:subnets:get"},
		"who always needs":  {simulator.OpenStack, "subnets, servers", "subnets     1 per 1000 subnets + 1 per 1000 subnet pools + 1 per 1000 networks + 1 + 1 per 1000 networks\n", ""},
		"the second not":    {simulator.OTC, "ports, private_ips", "private_ips  1 per subnet\n", "vpc:subnets:get"},
		"of its own it has": {simulator.OTC, "subnets, ports", "ports      1 per 2000 ports + 1 per 2000 sub-interfaces\n", "vpc:ports:get"},
	} {
		t.Run(name, func(t *testing.T) {
			auth := map[string]string{simulator.OTC: "access_key", simulator.OpenStack: "password"}[tt.provider]
			cloud := simtest.New(simulator.Options{Provider: tt.provider})
			out, code := checking(t, cloud, simulator.Exporter, auth, false, "  collectors: ["+tt.collectors+"]")
			if squeeze(tt.cost) == "" || code != exit.OK || !strings.Contains(squeeze(out), squeeze(tt.cost)) {
				t.Errorf("%q is missing in\n%s", tt.cost, out)
			}
			if tt.denied == "" {
				return
			}
			cloud.Deny(simulator.Exporter, tt.denied)
			out, code = checking(t, cloud, simulator.Exporter, auth, true, "  collectors: ["+tt.collectors+"]")
			if code != exit.Permission || !strings.Contains(out, "missing permission "+tt.denied) {
				t.Errorf("without %s: exit code %d\n%s", tt.denied, code, out)
			}
		})
	}
}

// squeeze takes out what aligns a table.
func squeeze(s string) string { return regexp.MustCompile(` +`).ReplaceAllString(s, " ") }

func TestAPermissionThatTheCloudNamesOtherwiseIsShownBesideTheDocumentedOne(t *testing.T) {
	cloud := simtest.New(simulator.Options{Provider: simulator.HuaweiCloud})
	cloud.Deny(simulator.Exporter, "ecs:serverIps:list")
	out, _ := checking(t, cloud, simulator.Exporter, "access_key", true)
	check.Has(t, "stdout", squeeze(out), "ecs:servers:get missing permission ecs:serverIps:list")
}

func TestCheckConfigOnlineFindsNothingMissing(t *testing.T) {
	for provider, auth := range map[string]string{
		simulator.HuaweiCloud: "access_key", simulator.OTC: "password", simulator.OpenStack: "application_credential",
	} {
		out, code := checking(t, simtest.New(simulator.Options{Provider: provider}), simulator.Exporter, auth, true)
		if code != exit.OK || strings.Contains(out, "missing") || strings.Count(out, "ok") < 5 || strings.Count(out, "API_CALLS") != 1 {
			t.Errorf("%s: exit code %d\n%s", provider, code, out)
		}
	}
}

func TestCheckConfigOnlineTakesAMemberOfAnOpenStackProject(t *testing.T) {
	out, code := checking(t, simtest.New(simulator.Options{Provider: simulator.OpenStack}), simulator.Member, "password", true)
	if code != exit.OK || !strings.Contains(out, "refused: capacity comes from allocation pools, used is counted on ports") {
		t.Errorf("exit code %d\n%s", code, out)
	}
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
		if out, code := checking(t, cloud, simulator.Exporter, test.authType, true); code != test.code {
			t.Errorf("%s, status %d: exit code %d, want %d\n%s", test.authType, test.status, code, test.code, out)
		}
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
		out, code := checking(t, cloud, simulator.Exporter, "password", true)
		check.Equal(t, name+": exit code", test.code, code)
		for text, n := range test.want {
			check.Equal(t, fmt.Sprintf("%s: %q", name, text), n, strings.Count(squeeze(out), text))
		}
	}
}
