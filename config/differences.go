package config

import (
	"fmt"
	"slices"
	"strings"

	"cloudip_exporter/provider"
)

// where returns the names of the providers that the condition holds for, as in
// "huaweicloud and otc".
func where(holds func(*provider.Provider) bool) string { return and(provider.NamesWith(holds)) }

func regional(p *provider.Provider) bool { return p.Regional }

// byProvider describes what differs between providers, as in "2000 on
// huaweicloud and otc, 1000 on openstack". An empty text says nothing of a provider.
func byProvider(text func(*provider.Provider) string) string {
	texts := union(func(p *provider.Provider) []string { return []string{text(p)} })
	texts = slices.DeleteFunc(texts, func(t string) bool { return t == "" })
	for i, t := range texts {
		names := provider.NamesWith(func(p *provider.Provider) bool { return text(p) == t })
		if len(names) < len(provider.All()) {
			texts[i] = t + " on " + and(names)
		}
	}
	return strings.Join(texts, ", ")
}

// restrictions names the values that some providers do not have, as in
// " Only on huaweicloud and otc: `bms`."
func restrictions(values []string, has func(*provider.Provider, string) bool) string {
	var text string
	var last []string
	for _, v := range values {
		names := provider.NamesWith(func(p *provider.Provider) bool { return has(p, v) })
		switch {
		case len(names) == len(provider.All()):
		case slices.Equal(names, last):
			text += ", `" + v + "`"
		default:
			text += fmt.Sprintf(". Only on %s: `%s`", and(names), v)
			last = names
		}
	}
	return text + "."
}

func union(of func(*provider.Provider) []string) []string {
	var all []string
	for _, p := range provider.All() {
		for _, v := range of(p) {
			if !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
	}
	return all
}

func logins() []string {
	return union(func(p *provider.Provider) []string { return p.Logins })
}

func oneOf(values []string) string { return list(values, "or") }

func and(values []string) string { return list(values, "and") }

func list(values []string, last string) string {
	n := len(values) - 1
	if n < 1 {
		return strings.Join(values, "")
	}
	return strings.Join(values[:n], ", ") + " " + last + " " + values[n]
}
