package rules

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"cloudip_exporter/test/check"
)

type rule struct {
	Record      string            `yaml:"record"`
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func load(t *testing.T) []rule {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	check.OK(t, yaml.Unmarshal([]byte(check.Read(t, rulesFile)), &file))
	if len(file.Groups) != 1 {
		t.Fatalf("%d groups: the rules are one group, so that each sees the others of its own round", len(file.Groups))
	}
	return file.Groups[0].Rules
}

var metricName = regexp.MustCompile(`[a-zA-Z0-9_:]*cloudip_[a-zA-Z0-9_:]+`)

// undocumented returns the metric names in text that neither docs/metrics.md nor a recording rule knows.
func undocumented(text, docs string, recorded map[string]bool) []string {
	var bad []string
	for _, name := range metricName.FindAllString(text, -1) {
		base := strings.TrimSuffix(name, "_bucket")
		if name == "cloudip_exporter" || recorded[name] || strings.Contains(docs, "`"+base+"`") || strings.Contains(docs, "`"+base+"{") || slices.Contains(bad, name) {
			continue
		}
		bad = append(bad, name)
	}
	return bad
}

func recorded(rules []rule) map[string]bool {
	names := map[string]bool{}
	for _, r := range rules {
		if r.Record != "" {
			names[r.Record] = true
		}
	}
	return names
}

func TestEveryMetricInRulesDashboardsAndRunbooksIsDocumented(t *testing.T) {
	docs, rules := check.Read(t, "../docs/metrics.md"), load(t)
	names := recorded(rules)
	for _, r := range rules {
		text := r.Expr
		for _, a := range r.Annotations {
			text += "\n" + a
		}
		if bad := undocumented(text, docs, names); len(bad) > 0 {
			t.Errorf("%s%s uses metrics that nobody publishes: %q", r.Alert, r.Record, bad)
		}
	}
	for _, page := range append(check.Files(t, "../docs/runbooks/*.md"), "../docs/alerting.md", "../docs/tutorials.md") {
		if bad := undocumented(check.Read(t, page), docs, names); len(bad) > 0 {
			t.Errorf("%s names metrics that nobody publishes: %q", page, bad)
		}
	}
	for _, board := range check.Files(t, "../dashboards/*.json") {
		if bad := undocumented(strings.ReplaceAll(check.Read(t, board), `\n`, " "), docs, names); len(bad) > 0 {
			t.Errorf("%s uses metrics that nobody publishes: %q", board, bad)
		}
	}
}

func TestUndocumentedNoticesAnUnknownMetric(t *testing.T) {
	got := undocumented("rate(cloudip_a_total[5m]) / x:cloudip_b:sum + cloudip_c_bucket + cloudip_d", "`cloudip_a_total{cloud}` `cloudip_c`", map[string]bool{"x:cloudip_b:sum": true})
	check.Equal(t, "undocumented", []string{"cloudip_d"}, got)
}

func TestEveryThresholdIsUsedAndEveryOneUsedIsThere(t *testing.T) {
	rules := load(t)
	names := recorded(rules)
	used := map[string]bool{}
	for _, r := range rules {
		for _, name := range metricName.FindAllString(r.Expr, -1) {
			used[name] = true
			if strings.HasPrefix(name, "threshold:") && !names[name] {
				t.Errorf("%s compares with %s, which no rule records: it could never fire", r.Alert, name)
			}
		}
	}
	for name := range names {
		if strings.HasPrefix(name, "threshold:") && !used[name] {
			t.Errorf("threshold %s is used by no rule", name)
		}
	}
}

func TestEveryAlertTellsWhatAPersonNeeds(t *testing.T) {
	tests := ""
	for _, file := range check.Files(t, "*_test.yml") {
		tests += check.Read(t, file)
	}
	board := regexp.MustCompile(`/d/([a-z-]+)`) // a dashboard's file has the name of its uid
	for _, r := range load(t) {
		if r.Alert == "" {
			continue
		}
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
			t.Errorf("%s has severity %q", r.Alert, r.Labels["severity"])
		}
		for _, key := range []string{"summary", "description", "runbook_url", "dashboard_url"} {
			if r.Annotations[key] == "" {
				t.Errorf("%s has no %s", r.Alert, key)
			}
		}
		check.Lacks(t, "the summary of "+r.Alert+", where the cloud's users choose names,", r.Annotations["summary"], "_name")
		if !strings.HasSuffix(r.Annotations["runbook_url"], "/"+r.Alert) {
			t.Errorf("runbook_url of %s is %s", r.Alert, r.Annotations["runbook_url"])
		}
		if m := board.FindStringSubmatch(r.Annotations["dashboard_url"]); m == nil {
			t.Errorf("dashboard_url of %s leads nowhere: %s", r.Alert, r.Annotations["dashboard_url"])
		} else {
			check.Files(t, "../dashboards/"+m[1]+".json")
		}
		check.Has(t, "the rule tests", tests, "alertname: "+r.Alert+"\n")
	}
}

func TestEveryAlertHasARunbookAndEveryRunbookAnAlert(t *testing.T) {
	alerts := map[string]bool{}
	for _, r := range load(t) {
		if r.Alert == "" {
			continue
		}
		alerts[r.Alert] = true
		page := check.Read(t, "../docs/runbooks/"+r.Alert+".md")
		for _, heading := range []string{"Meaning", "Impact", "Diagnosis", "Mitigation", "False positives"} {
			check.Has(t, "the runbook of "+r.Alert, page, "\n## "+heading+"\n")
		}
	}
	for _, page := range check.Files(t, "../docs/runbooks/*.md") {
		if name := strings.TrimSuffix(filepath.Base(page), ".md"); name != "README" && !alerts[name] {
			t.Errorf("%s belongs to no alert", page)
		}
	}
}
