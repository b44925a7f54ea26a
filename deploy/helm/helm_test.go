// Package helm holds the chart against the rules, the dashboards and its schema.
package helm

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	yaml "go.yaml.in/yaml/v4"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

const chart = "cloudip-exporter"

func files(t *testing.T, pattern string, want int) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) < want {
		t.Fatalf("%s: %q, %v, want %d at least", pattern, found, err, want)
	}
	return found
}

func TestTheChartHasTheRulesAndDashboardsOfTheRepository(t *testing.T) {
	check.Equal(t, "rules", check.Read(t, "../../rules/cloudip.rules.yml"), check.Read(t, chart+"/files/cloudip.rules.yml"))
	for _, file := range files(t, "../../dashboards/*.json", 3) {
		check.Equal(t, file+" differs", check.Read(t, file), check.Read(t, chart+"/files/dashboards/"+filepath.Base(file)))
	}
}

func TestTheSchemaTakesTheValuesAndNamesWrongOnes(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(check.Read(t, chart+"/values.schema.json")))
	check.OK(t, err)
	c := jsonschema.NewCompiler()
	check.OK(t, c.AddResource("schema.json", document))
	schema := c.MustCompile("schema.json")
	validate := func(text string) error {
		var value any
		check.OK(t, yaml.Unmarshal([]byte(text), &value))
		return schema.Validate(value)
	}
	for _, file := range append(files(t, "testdata/*.yaml", 6), chart+"/values.yaml") {
		if err := validate(check.Read(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for bad, name := range map[string]string{"shards: 0": "/shards", "storage: {sise: 1Gi}": "sise", "storge: {}": "storge", "service: {port: http}": "/service/port"} {
		if err := validate(bad); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want a fault that names %s", bad, err, name)
		}
	}
	properties := document.(map[string]any)["properties"].(map[string]any)
	var values map[string]any
	check.OK(t, yaml.Unmarshal([]byte(check.Read(t, chart+"/values.yaml")), &values))
	for name := range properties {
		if _, ok := values[name]; !ok && name != "global" {
			t.Errorf("values.yaml does not show %s", name)
		}
	}
}

// HELM names the program, which make e2e-kubernetes builds. Where it is set, its absence is a failure.
func TestTheTemplatesRender(t *testing.T) {
	helm := os.Getenv("HELM")
	if helm == "" {
		t.Skip("HELM names no helm: make e2e-kubernetes runs this")
	}
	for _, values := range files(t, "testdata/*.yaml", 6) {
		for _, args := range [][]string{{"lint", "--strict", "--quiet", chart}, {"template", "ip", chart, "--namespace", "monitoring"}} {
			var stderr bytes.Buffer
			cmd := exec.Command(helm, append(args, "--values", values)...)
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Errorf("%s: %v\n%s%s", cmd, err, out, &stderr)
				continue
			}
			if args[0] == "template" {
				golden.Check(t, strings.TrimSuffix(values, "yaml")+"golden", withoutFiles(string(out)))
			}
		}
	}
}

// withoutFiles shortens what is a file of the chart, which another test compares.
func withoutFiles(text string) string {
	var kept []string
	inside := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "---"):
			inside = false
		case inside:
			continue
		case line == "  groups:\n", strings.HasSuffix(line, ".json: |-\n"):
			inside, line = true, line+"    …\n"
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "")
}
