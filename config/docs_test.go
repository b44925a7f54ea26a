package config_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/provider"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// The example has each key, commented out or not. What it says of values follows from
// the keys: the list of collectors, and comments such as "# nova | bms".
func TestTheExampleNamesEveryKeyAndAllValues(t *testing.T) {
	const file = "../config.example.yml"
	text, done := check.Read(t, file), 0
	for _, k := range config.Keys(collector.Catalogue()) {
		if !regexp.MustCompile(`(?m)^[ #-]*\b` + regexp.QuoteMeta(k.Name()) + `:`).MatchString(text) {
			t.Errorf("config.example.yml does not mention %s", k.Path)
		}
		if k.Values == nil {
			continue
		}
		list, comment := `\[.*\]`, `[\w |]+ \| [\w |]+`
		form := regexp.MustCompile(`(?m)^([ #]*(?:- )?` + k.Name() + `: )(` + list + `|\S+)( +# )?(` + comment + `)?(?:: .*)?$`)
		at := form.FindStringSubmatchIndex(text[done:])
		switch {
		case at == nil:
		case strings.HasPrefix(text[done+at[4]:], "["):
			text = text[:done+at[4]] + "[" + strings.Join(k.Values, ", ") + "]" + text[done+at[5]:]
		case at[8] >= 0:
			text = text[:done+at[8]] + strings.Join(k.Values, " | ") + text[done+at[9]:]
		}
		if at != nil {
			done += at[4]
		}
	}
	golden.Check(t, file, text)
}

func TestTheExampleShowsTheDefaults(t *testing.T) {
	program := config.Options{Collectors: collector.Catalogue()}
	minimal := check.Get(config.Load("testdata/good/minimal_otc.yml", program))(t)
	example := check.Get(config.Load("../config.example.yml", program))(t)
	check.Equal(t, "collection", minimal.Collection(), example.Collection())
	check.Equal(t, "series", minimal.Series(), example.Series())
	shown := func(c config.Cloud) []any {
		return []any{c.Limits, c.APIs, c.Servers, c.HTTP.Timeout, c.Auth.URL, c.Collectors, c.Projects}
	}
	check.Equal(t, "cloud", shown(minimal.Clouds()[0]), shown(example.Clouds()[0]), cmpopts.EquateEmpty())
}

func TestTheDocumentationIsThatOfTheKeysAndProviders(t *testing.T) {
	golden.Blocks(t, "../docs/configuration.md", map[string]string{"keys": keyList(), "hosts": hostList()})
}

func hostList() string {
	var b strings.Builder
	for _, p := range provider.All() {
		for _, h := range p.Hosts {
			regions := "all others"
			if h.Regions != "" {
				regions = h.Regions + "…"
			}
			var services []string
			for _, s := range p.Services {
				host := cmp.Or(h.Special[s.Name], s.Host)
				if host != "" {
					services = append(services, host)
				}
			}
			fmt.Fprintf(&b, "- `%s`, %s: `%s` (%s)\n", p.Name, regions, h.URL, strings.Join(services, ", "))
		}
	}
	return b.String()
}

// Every example in the documentation is a configuration that loads.
func TestTheDocumentedExamplesLoad(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(check.Read(t, "../docs/configuration.md"), -1)
	if len(blocks) < 4 {
		t.Errorf("only %d examples", len(blocks))
	}
	dir := t.TempDir()
	for _, name := range []string{"sk", "token", "password", "secret"} {
		check.Write(t, dir+"/"+name, canary)
	}
	check.Write(t, dir+"/clouds.yaml", "clouds: {}\n")
	for _, block := range blocks {
		text := strings.ReplaceAll(block[1], "/run/secrets/", "")
		if !strings.Contains(text, "clouds:\n") {
			text = "clouds:\n  - {name: x, provider: openstack, auth: {type: env}}\n" + text
		}
		if _, err := config.Parse(dir+"/c.yml", []byte(text), options()); err != nil {
			t.Errorf("%v\nin:\n%s", err, block[1])
		}
	}
}

// keyList has a line for each key; a secret shares that of the file which can hold it.
func keyList() string {
	var b strings.Builder
	keys := config.Keys(collector.Catalogue())
	has := func(path string) bool {
		return slices.ContainsFunc(keys, func(k config.Key) bool { return k.Path == path })
	}
	for _, k := range keys {
		if strings.HasPrefix(k.Note, "see its") {
			continue // a group
		}
		if secret, file := strings.CutSuffix(k.Path, "_file"); file && has(secret) {
			continue
		}
		def := ""
		switch {
		case k.Default != "":
			def = " (`" + k.Default + "`)"
		case k.Note != "none" && !strings.HasPrefix(k.Note, "see "):
			def = " (" + k.Note + ")"
		}
		help := k.Help
		if slices.ContainsFunc(k.Values, func(v string) bool { return !strings.Contains(help, "("+v+")") }) {
			help += " One of `" + strings.Join(k.Values, "`, `") + "`."
		}
		if k.Max != 0 {
			help += fmt.Sprintf(" From %.0f to %.0f.", k.Min, k.Max)
		}
		name := "`" + strings.TrimSuffix(k.Path, "[]") + "`"
		if has(k.Path + "_file") {
			name += ", `" + k.Name() + "_file`"
		}
		fmt.Fprintf(&b, "- %s%s: %s\n", name, def, help)
	}
	return b.String()
}

// A way to log in that a provider has takes keys that are in the configuration.
func TestEveryLoginIsKnown(t *testing.T) {
	without := []string{config.InstanceMetadata, config.Env} // which take none
	for _, p := range provider.All() {
		for _, kind := range p.Logins {
			if required, _ := config.AuthKeys(kind); required == nil && !slices.Contains(without, kind) {
				t.Errorf("%s: auth.type %s takes no key", p.Name, kind)
			}
		}
	}
}

func TestEveryKeyIsDescribed(t *testing.T) {
	seen := make(map[string]bool)
	for _, k := range config.Keys(collector.Catalogue()) {
		if k.Help == "" || k.Type == "" || (k.Default == "") == (k.Note == "") || seen[k.Path] {
			t.Errorf("%s lacks help or type, stands twice, or has not exactly one of default and note", k.Path)
		}
		if k.Default != "" && config.DefaultOf(k) == nil {
			t.Errorf("%s: its default %s is not valid", k.Path, k.Default)
		}
		seen[k.Path] = true
	}
}
