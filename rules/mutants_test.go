package rules

import (
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"cloudip_exporter/test/check"
)

// A mutant is the rules with one guard taken away; the rule test whose name
// begins with killedBy must notice.
type mutant struct {
	name     string
	old, new string // old is replaced everywhere
	killedBy string
}

var mutants = []mutant{
	{"zero capacity guard of the ratio", "(subnet:cloudip_subnet_addresses_capacity:max > 0)\n      # Addresses a second", "subnet:cloudip_subnet_addresses_capacity:max\n      # Addresses a second", "a full subnet pages"},
	{"IPv4 only", `{ip_version="4"}`, "", "a full subnet pages"},
	{"few free addresses before a warning", "< scalar(threshold:cloudip_subnet_free:addresses)", "< 1e9", "90 % warns"},
	{"no warning for tiny subnets", ">= scalar(threshold:cloudip_subnet_capacity:addresses)", ">= 0", "90 % warns"},
	{"a warning survives until the page", "keep_firing_for: 10m", "keep_firing_for: 0s", "from nearly full to full"},
	{"a page survives a gap", "keep_firing_for: 15m", "keep_firing_for: 0s", "a gap in the data"},
	{"flapping does not fire", "for: 30m", "for: 5m", "90 % warns"},
	{"one name for an id", "topk by (cloud, project, subnet_id, ip_version) (1,", "max without () (", "of two replicas"},
	{"the replica with fewest free counts", "min without (instance, pod) (last_over_time(cloudip_subnet_addresses_free", "max without (instance, pod) (last_over_time(cloudip_subnet_addresses_free", "of two replicas"},
	{"replicas are one", "min without (instance, pod) (last_over_time(cloudip_subnet_addresses_free{ip_version=\"4\"}[5m]))", "cloudip_subnet_addresses_free{ip_version=\"4\"}", "a full subnet pages"},
	{"a failed scrape breaks no for", "last_over_time(cloudip_subnet_addresses_free{ip_version=\"4\"}[5m])", "cloudip_subnet_addresses_free{ip_version=\"4\"}", "a gap in the data"},
	{"a jump is many addresses", "> scalar(threshold:cloudip_jump:addresses)", "> 0", "a jump warns"},
	{"a jump is a share of the capacity", "> scalar(threshold:cloudip_jump_capacity:ratio) *", "> 0 *", "a jump warns"},
	{"idle addresses are many", "> scalar(threshold:cloudip_idle:addresses)", "> 0", "idle addresses"},
	{"idle addresses are a share of the capacity", "> scalar(threshold:cloudip_idle_capacity:ratio) *", "> 0 *", "idle addresses"},
	{"age guard of the imminent end", "free:min offset 6h", "free:min", "an eight hour leak"},
	{"the last hour agrees", "subnet:cloudip_subnet_addresses_free:min[1h], scalar(threshold:cloudip_imminent_horizon_1h:seconds)) < 0", "subnet:cloudip_subnet_addresses_free:min[1h], scalar(threshold:cloudip_imminent_horizon_1h:seconds)) < 1e9", "an eight hour leak"},
	{"the last six hours agree", "subnet:cloudip_subnet_addresses_free:min[6h], scalar(threshold:cloudip_imminent_horizon_6h:seconds)) < 0", "subnet:cloudip_subnet_addresses_free:min[6h], scalar(threshold:cloudip_imminent_horizon_6h:seconds)) < 1e9", "an eight hour leak"},
	{"a daily peak pages nobody on the second day", "< scalar(threshold:cloudip_imminent_lowest_free:ratio) *\n                min_over_time(subnet:cloudip_subnet_addresses_free:min[1d] offset 1h)", "< 1e9", "replay"},
	{"age guard of the predicted end", "free:min offset 1d", "free:min", "slow growth"},
	{"a predicted end needs growth now", "subnet:cloudip_subnet_addresses_used:deriv6h > 0\n            and", "subnet:cloudip_subnet_addresses_free:min\n            and", "slow growth"},
	{"a short rise is no trend", "for: 3h", "for: 0s", "slow growth"},
	{"ports that are DOWN by design", `, holder!~"none|vip|load_balancer|floating_ip"`, "", "ports down"},
	{"ports down are many", "> scalar(threshold:cloudip_ports_down:ports)", "> 0", "ports down"},
	{"ports down are a share", "> scalar(threshold:cloudip_ports_down:ratio)", "> 0", "ports down"},
	{"only an active server misses its address", `and on (cloud, project, server_id)
              max by (cloud, project, server_id) (last_over_time(cloudip_server_status{status="ACTIVE"}[5m])) == 1`, "", "a bare-metal server"},
	{"only a bare-metal server misses its address", `{kind="baremetal"}`, "", "a bare-metal server"},
	{"both address versions are missing", "(last_over_time(cloudip_server_addresses[5m]))", `(last_over_time(cloudip_server_addresses{ip_version="4"}[5m]))`, "a bare-metal server"},
	{"zero limit guard of quotas", "(max without (instance, pod) (last_over_time(cloudip_quota_limit[5m])) > 0)", "max without (instance, pod) (last_over_time(cloudip_quota_limit[5m]))", "a quota nearly used"},
	{"unaccounted is a share of the capacity", "> scalar(threshold:cloudip_unaccounted_capacity:ratio)", "> 0", "unaccounted addresses"},
	{"room in the emptiest replica is not enough", "min without (instance, pod) (last_over_time(cloudip_vpc_largest", "max without (instance, pod) (last_over_time(cloudip_vpc_largest", "no room"},
	{"a small VPC never has room", "min without (instance, pod) (last_over_time(cloudip_vpc_addresses[5m])) >=", "min without (instance, pod) (last_over_time(cloudip_vpc_addresses[5m])) >= 0 *", "no room"},
	{"no public IP unattached is 0", `
          or
            sum by (cloud, project) (max without (instance, pod) (last_over_time(cloudip_public_ips[5m]))) * 0`, "", "public IPs unattached"},
	{"unattached for the whole week", `
          and
            project:cloudip_public_ips_unattached:sum offset 7d`, "", "public IPs unattached"},
	{"a pool without a size", "(max without (instance, pod) (last_over_time(cloudip_public_ip_pool_addresses[5m])) > 0)", "max without (instance, pod) (last_over_time(cloudip_public_ip_pool_addresses[5m]))", "public IPs unattached"},
	{"one name for an address group", "topk by (cloud, project, address_group_id) (1,", "max without () (", "address groups"},
	{"the freshest replica counts", "min without (instance, pod) (time() - ", "max without (instance, pod) (time() - ", "no fresh data"},
	{"withdrawn data is stale data", `max without (instance, pod) (last_over_time(cloudip_collector_success{collector=~"subnets|address_groups"}[5m]))
          unless
            collector:cloudip_data_age_seconds:min <=`, "collector:cloudip_data_age_seconds:min >", "no fresh data"},
	{"an average over flapping", "(avg_over_time(cloudip_collector_success[30m]))", "(cloudip_collector_success)", "a collector that fails steadily"},
	{"one replica down is not all", "max without (instance, pod) (up{", "min without (instance, pod) (up{", "down: one of two replicas"},
	{"nothing there at all", "absent(up{job=~\"cloudip.*\"} or cloudip_collector_success)", "vector(1) < 0", "down: no target and no data"},
	{"another job name", "or cloudip_collector_success)", "or vector(0) < 0)", "down: another job name"},
	{"a little throttling is normal", "> scalar(threshold:cloudip_api_throttled:ratio)", "> 0", "throttled above 5 %"},
}

var long = flag.Bool("long", false, "run the rule tests on every mutant, and the replay, for minutes; else see that each mutant still is one")

func TestRuleTestsCatchEveryMutant(t *testing.T) {
	rules, tests := check.Read(t, rulesFile), ruleTests(t)
	for _, m := range mutants {
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			mutated := strings.ReplaceAll(rules, m.old, m.new)
			if mutated == rules {
				t.Fatalf("the rules do not contain %q", m.old)
			}
			at := slices.IndexFunc(tests, func(test [2]string) bool { return strings.HasPrefix(test[0], m.killedBy) })
			if at < 0 {
				t.Fatalf("no rule test is named %q", m.killedBy)
			}
			if !*long {
				return
			}
			dir := t.TempDir()
			check.Write(t, filepath.Join(dir, rulesFile), mutated)
			check.Write(t, filepath.Join(dir, "one_test.yml"), tests[at][1])
			check.Write(t, filepath.Join(dir, "replay_baseline.yml"), check.Read(t, "replay_baseline.yml"))
			if err := promtool(t, "check", "rules", filepath.Join(dir, rulesFile)); err != nil {
				t.Fatalf("the mutant does not parse, so it proves nothing: %v", err)
			}
			if promtool(t, "test", "rules", filepath.Join(dir, "one_test.yml")) == nil {
				t.Fatalf("%s passes on the mutant", m.killedBy)
			}
		})
	}
}

// ruleTests are the names of the rule tests, each with a file of it alone.
func ruleTests(t *testing.T) (all [][2]string) {
	t.Helper()
	for _, file := range check.Files(t, "*_test.yml") {
		var doc map[string]any
		check.OK(t, yaml.Unmarshal([]byte(check.Read(t, file)), &doc))
		tests, _ := doc["tests"].([]any)
		for _, test := range tests {
			doc["tests"] = []any{test}
			all = append(all, [2]string{fmt.Sprint(test.(map[string]any)["name"]), string(check.Get(yaml.Marshal(doc))(t))})
		}
	}
	return all
}
