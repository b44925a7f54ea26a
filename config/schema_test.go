package config_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	yaml "go.yaml.in/yaml/v4"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// What Parse takes, the schema takes; what no key could mean, it refuses. Which
// keys go together only Parse knows.
func TestTheSchemaTakesGoodConfigurationsAndRefusesWrongKeysAndTypes(t *testing.T) {
	text := check.Get(config.Schema(collector.Catalogue()))(t)
	golden.Check(t, "../docs/config.schema.json", string(text))
	document := check.Get(jsonschema.UnmarshalJSON(bytes.NewReader(text)))(t)
	c := jsonschema.NewCompiler()
	check.OK(t, c.AddResource("schema.json", document))
	schema := check.Get(c.Compile("schema.json"))(t)
	validate := func(data []byte) error {
		var value any
		if err := yaml.Unmarshal(data, &value); err != nil {
			return err
		}
		data, err := json.Marshal(value)
		if err != nil {
			return err
		}
		value, err = jsonschema.UnmarshalJSON(bytes.NewReader(data))
		return cmp.Or(err, schema.Validate(value))
	}
	for _, file := range append(check.Files(t, "testdata/good/*.yml"), "../config.example.yml") {
		check.OK(t, validate([]byte(check.Read(t, file))))
	}
	check.OK(t, validate([]byte("clouds: [{name: a, provider: otc, auth: {type: env}, servers: ~}]\nseries: {ports: }"))) // as if absent
	for _, file := range check.Files(t, "testdata/bad/*.yml") {
		if err, onlyParse := validate([]byte(check.Read(t, file))), strings.Contains("forbidden_keys secret_beside_file secret_files", strings.TrimSuffix(filepath.Base(file), ".yml")); (err == nil) != onlyParse {
			t.Errorf("%s: %v, want a fault: %v", file, err, !onlyParse)
		}
	}
	for bad, part := range map[string]string{
		"clouds: []\nserie: {}": "additional properties 'serie' not allowed",
		"clouds: [{name: a}]":   "missing properties 'provider', 'auth'",
		"clouds: [{name: a, provider: aws, auth: {type: env}}]":              "must be one of",
		"clouds: []\nseries: {limit: many}":                                  "got string, want null or integer",
		"clouds: []\nseries: {limit: 0}":                                     "minimum",
		"clouds: [{name: a, provider: otc, auth: {type: env}, servers: []}]": "/clouds/0/servers",
	} {
		check.Fails(t, bad, validate([]byte(bad)), part)
	}
}
