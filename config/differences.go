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
	var texts []string
	for _, p := range provider.All() {
		if t := text(p); t != "" && !slices.Contains(texts, t) {
			texts = append(texts, t)
		}
	}
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

// choices returns the values that choose between the APIs of a resource on any
// provider, and what each asks.
func choices(r provider.Resource) (values, calls []string) {
	for _, p := range provider.All() {
		for _, a := range p.APIs(r) {
			if !slices.Contains(values, a.Choice) {
				values = append(values, a.Choice)
				calls = append(calls, fmt.Sprintf("`%s` (%s)", a.Call, a.Choice))
			}
		}
	}
	return values, calls
}

// logins returns the values of auth.type on any provider.
func logins() []string {
	var all []string
	for _, p := range provider.All() {
		for _, kind := range p.Logins {
			if !slices.Contains(all, kind) {
				all = append(all, kind)
			}
		}
	}
	return all
}

// endpoints returns the keys of endpoints on any provider.
func endpoints() []string {
	var all []string
	for _, p := range provider.All() {
		for _, name := range p.Endpoints() {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all
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
