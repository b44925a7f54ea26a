package rules

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A mutant is the rules with one guard taken away; the named rule tests must notice.
type mutant struct {
	name     string
	old, new string // old is replaced everywhere
	killedBy string
}

var mutants = []mutant{
	{"zero capacity guard of the ratio", "(subnet:cloudip_subnet_addresses_capacity:max > 0)\n      # Addresses a second", "subnet:cloudip_subnet_addresses_capacity:max\n      # Addresses a second", "subnets_test.yml"},
	{"free decides about exhaustion", "subnet:cloudip_subnet_addresses_free:min == 0\n", "subnet:cloudip_subnet_addresses_used_per_capacity:ratio >= 1\n", "subnets_test.yml"},
	{"IPv4 only", `{ip_version="4"}`, "", "subnets_test.yml"},
	{"few free addresses before a warning", "< scalar(threshold:cloudip_subnet_free:addresses)", "< 1e9", "subnets_test.yml"},
	{"no warning for tiny subnets", ">= scalar(threshold:cloudip_subnet_capacity:addresses)", ">= 0", "subnets_test.yml"},
	{"a warning survives until the page", "keep_firing_for: 10m", "keep_firing_for: 0s", "subnets_test.yml"},
	{"a page survives a gap", "keep_firing_for: 15m", "keep_firing_for: 0s", "subnets_test.yml"},
	{"flapping does not fire", "for: 30m", "for: 5m", "subnets_test.yml"},
	{"one name for an id", "topk by (cloud, project, subnet_id, ip_version) (1,", "max without () (", "subnets_test.yml"},
	{"the replica with fewest free counts", "min without (instance, pod) (last_over_time(cloudip_subnet_addresses_free", "max without (instance, pod) (last_over_time(cloudip_subnet_addresses_free", "subnets_test.yml"},
	{"replicas are one", "max without (instance, pod) (last_over_time(cloudip_subnet_addresses_used[5m]))", "cloudip_subnet_addresses_used", "subnets_test.yml"},
	{"a failed scrape breaks no for", "last_over_time(cloudip_subnet_addresses_free{ip_version=\"4\"}[5m])", "cloudip_subnet_addresses_free{ip_version=\"4\"}", "subnets_test.yml"},
	{"a jump is many addresses", "> scalar(threshold:cloudip_jump:addresses)", "> 0", "subnets_test.yml"},
	{"a jump is a share of the capacity", "> scalar(threshold:cloudip_jump_capacity:ratio) *", "> 0 *", "subnets_test.yml"},
	{"idle addresses are many", "> scalar(threshold:cloudip_idle:addresses)", "> 0", "subnets_test.yml"},
	{"idle addresses are a share of the capacity", "> scalar(threshold:cloudip_idle_capacity:ratio) *", "> 0 *", "subnets_test.yml"},
	{"age guard of the imminent end", "free:min offset 6h", "free:min", "forecast_test.yml"},
	{"the last hour agrees", "subnet:cloudip_subnet_addresses_free:min[1h], scalar(threshold:cloudip_imminent_horizon_1h:seconds)) < 0", "subnet:cloudip_subnet_addresses_free:min[1h], scalar(threshold:cloudip_imminent_horizon_1h:seconds)) < 1e9", "forecast_test.yml"},
	{"the last six hours agree", "subnet:cloudip_subnet_addresses_free:min[6h], scalar(threshold:cloudip_imminent_horizon_6h:seconds)) < 0", "subnet:cloudip_subnet_addresses_free:min[6h], scalar(threshold:cloudip_imminent_horizon_6h:seconds)) < 1e9", "forecast_test.yml"},
	{"a daily peak pages nobody on the second day", "< scalar(threshold:cloudip_imminent_lowest_free:ratio) *\n                min_over_time(subnet:cloudip_subnet_addresses_free:min[1d] offset 1h)", "< 1e9", "replay_test.yml"},
	{"age guard of the predicted end", "free:min offset 1d", "free:min", "days_test.yml"},
	{"a predicted end needs growth now", "subnet:cloudip_subnet_addresses_used:deriv6h > 0\n            and", "subnet:cloudip_subnet_addresses_free:min\n            and", "days_test.yml"},
	{"a short rise is no trend", "for: 3h", "for: 0s", "days_test.yml"},
	{"ports that are DOWN by design", `, holder!~"none|vip|load_balancer|floating_ip"`, "", "resources_test.yml"},
	{"ports down are many", "> scalar(threshold:cloudip_ports_down:ports)", "> 0", "resources_test.yml"},
	{"ports down are a share", "> scalar(threshold:cloudip_ports_down:ratio)", "> 0", "resources_test.yml"},
	{"only an active server misses its address", `and on (cloud, project, server_id)
              max by (cloud, project, server_id) (last_over_time(cloudip_server_status{status="ACTIVE"}[5m])) == 1`, "", "resources_test.yml"},
	{"only a bare-metal server misses its address", `{kind="baremetal"}`, "", "resources_test.yml"},
	{"both address versions are missing", "(last_over_time(cloudip_server_addresses[5m]))", `(last_over_time(cloudip_server_addresses{ip_version="4"}[5m]))`, "resources_test.yml"},
	{"zero limit guard of quotas", "(max without (instance, pod) (last_over_time(cloudip_quota_limit[5m])) > 0)", "max without (instance, pod) (last_over_time(cloudip_quota_limit[5m]))", "resources_test.yml"},
	{"one name for an address group", "topk by (cloud, project, address_group_id) (1,", "max without () (", "resources_test.yml"},
	{"the freshest replica counts", "min without (instance, pod) (time() - ", "max without (instance, pod) (time() - ", "exporter_test.yml"},
	{"withdrawn data is stale data", `max without (instance, pod) (last_over_time(cloudip_collector_success{collector=~"subnets|address_groups"}[5m]))
          unless
            collector:cloudip_data_age_seconds:min <=`, "collector:cloudip_data_age_seconds:min >", "exporter_test.yml"},
	{"an average over flapping", "(avg_over_time(cloudip_collector_success[30m]))", "(cloudip_collector_success)", "exporter_test.yml"},
	{"one replica down is not all", "max without (instance, pod) (up{", "min without (instance, pod) (up{", "exporter_test.yml"},
	{"nothing there at all", "absent(up{job=~\"cloudip.*\"} or cloudip_collector_success)", "vector(1) < 0", "exporter_test.yml"},
	{"another job name", "or cloudip_collector_success)", "or vector(0) < 0)", "exporter_test.yml"},
	{"a little throttling is normal", "> scalar(threshold:cloudip_api_throttled:ratio)", "> 0", "exporter_test.yml"},
}

func TestRuleTestsCatchEveryMutant(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute of processor time")
	}
	tool := promtool(t)
	rules := read(t, rulesFile)
	for _, m := range mutants {
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			mutated := strings.ReplaceAll(rules, m.old, m.new)
			if mutated == rules {
				t.Fatalf("the rules do not contain %q", m.old)
			}
			dir := t.TempDir()
			write(t, filepath.Join(dir, rulesFile), mutated)
			write(t, filepath.Join(dir, m.killedBy), read(t, m.killedBy))
			write(t, filepath.Join(dir, "replay_baseline.yml"), read(t, "replay_baseline.yml"))
			check, err := exec.Command(tool, "check", "rules", filepath.Join(dir, rulesFile)).CombinedOutput()
			if err != nil {
				t.Fatalf("the mutant does not parse, so it proves nothing:\n%s", check)
			}
			out, err := exec.Command(tool, "test", "rules", filepath.Join(dir, m.killedBy)).CombinedOutput()
			if err == nil {
				t.Fatalf("%s passes on the mutant:\n%s", m.killedBy, out)
			}
		})
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("read %s: %v", file, err)
	}
	return string(b)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatalf("write %s: %v", file, err)
	}
}
