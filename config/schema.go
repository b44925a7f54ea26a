package config

import (
	"encoding/json"
	"slices"
	"strings"
)

// Schema returns the JSON schema (draft 2020-12) of the configuration file, for
// editors. It follows from Keys, and knows less than Parse: which keys go
// together depends on the provider and the login.
func Schema(collectors []Collector) ([]byte, error) {
	below := map[string][]Key{}
	for _, k := range Keys(collectors) {
		below[k.Parent()] = append(below[k.Parent()], k)
	}
	schema := groupSchema(below, "")
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Configuration of cloudip_exporter"
	text, err := json.MarshalIndent(schema, "", "  ")
	return append(text, '\n'), err
}

func groupSchema(below map[string][]Key, path string) map[string]any {
	keys := map[string]any{}
	var required []string
	for _, k := range below[path] {
		keys[k.Name()] = keySchema(below, k)
		if k.Note == "required" {
			required = append(required, k.Name())
		}
	}
	s := map[string]any{"type": "object", "additionalProperties": false, "properties": keys}
	if required != nil {
		s["required"] = required
	}
	return s
}

func keySchema(below map[string][]Key, k Key) map[string]any {
	s := textSchema(k.Values)
	switch k.Type {
	case typeGroup:
		s = groupSchema(below, k.Path)
	case typeGroups:
		s = map[string]any{"type": "array", "items": groupSchema(below, k.Path), "minItems": 1}
	case typeTexts:
		s = map[string]any{"type": "array", "items": s, "minItems": 1, "uniqueItems": true}
		if k.Default == noTexts {
			delete(s, "minItems")
		}
	case typeInteger, typeNumber:
		s = map[string]any{"type": k.Type, "minimum": k.Min, "maximum": k.Max}
	case typeBoolean:
		s = map[string]any{"type": "boolean"}
	}
	s["description"] = k.Help
	switch {
	case k.Default == "" && k.Note != "required":
		s["description"] = strings.TrimSuffix(k.Help, ".") + ". Default: " + k.Note + "."
	case k.Default == noTexts:
		s["default"] = []string{}
	case k.Default != "":
		s["default"] = defaultOf(k)
		if !slices.Contains([]string{typeInteger, typeNumber, typeBoolean}, k.Type) {
			s["default"] = k.Default
		}
	}
	if k.Note != "required" { // null is the same as an absent key
		if one, ok := s["type"].(string); ok {
			s["type"] = []string{one, "null"}
		} else if types, ok := s["type"].([]string); ok {
			s["type"] = append(types, "null")
		} else if values, ok := s["enum"].([]any); ok {
			s["enum"] = append(values, nil)
		}
	}
	return s
}

// textSchema describes a text. YAML takes one of digits for a number; Parse does
// not mind.
func textSchema(values []string) map[string]any {
	if values != nil {
		var all []any
		for _, v := range values {
			all = append(all, v)
		}
		return map[string]any{"enum": all}
	}
	return map[string]any{"type": []string{"string", "number"}}
}
