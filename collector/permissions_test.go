package collector

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/provider"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// docs/permissions.md has these blocks for providers whose resources are
// alike, under the name of the first of them.
func TestDocumentationListsEveryPermission(t *testing.T) {
	blocks := map[string]string{}
	for _, group := range alike() {
		p := together(group)
		var names []string
		for _, one := range group {
			names = append(names, fmt.Sprintf("%s (`%s`)", one.Title, one.Name))
		}
		blocks["reading "+p.Name] = fmt.Sprintf("%s:\n\n%s", strings.Join(names, " and "), callList(p, true))
		blocks["writing "+p.Name] = callList(p, false)
		if p.Service(p.Neutron).Name == "network" {
			blocks["access rules of "+p.Name] = accessRules(p)
		} else {
			blocks["policy of "+p.Name] = policy(t, p)
		}
	}
	golden.Blocks(t, "../docs/permissions.md", blocks)
}

// alike are the providers in groups: most APIs of the others are among those of the first.
func alike() [][]*provider.Provider {
	var groups [][]*provider.Provider
	for _, p := range provider.All() {
		i := slices.IndexFunc(groups, func(g []*provider.Provider) bool {
			return len(others(g[0], p)) < len(p.Resources)/2
		})
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], p)
	}
	return groups
}

// others are the APIs of p that the first provider does not have.
func others(first, p *provider.Provider) []provider.API {
	return slices.DeleteFunc(slices.Clone(p.Resources), func(a provider.API) bool {
		return slices.ContainsFunc(first.Resources, func(b provider.API) bool { return reflect.DeepEqual(a, b) })
	})
}

// together is the first provider of a group with the APIs of all.
func together(group []*provider.Provider) *provider.Provider {
	p := *group[0]
	for _, other := range group[1:] {
		p.Resources = slices.Concat(p.Resources, others(&p, other))
	}
	return &p
}

// reading are the APIs that all collectors ask with the default choices.
func reading(p *provider.Provider) []provider.API {
	return slices.DeleteFunc(slices.Clone(p.Resources), func(a provider.API) bool {
		return !a.Resource.Reads() || a.Service == provider.Identity || !slices.Contains([]string{"", p.PortAPI, p.ServerAPI}, a.Choice)
	})
}

func policy(t *testing.T, p *provider.Provider) string {
	type statement struct{ Effect, Action any }
	var actions []string
	for _, a := range reading(p) {
		for _, action := range a.Actions {
			if !slices.Contains(actions, action) {
				actions = append(actions, action)
			}
		}
	}
	data := check.Get(json.MarshalIndent(struct {
		Version   string
		Statement []statement
	}{"1.1", []statement{{"Allow", actions}}}, "", "  "))(t)
	return "```json\n" + string(data) + "\n```\n"
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

func accessRules(p *provider.Provider) string {
	var rules []string
	for _, a := range reading(p) {
		for _, call := range []string{a.Call, a.One} {
			if method, path, ok := strings.Cut(call, " "); ok {
				rules = append(rules, fmt.Sprintf(`  {"service": %q, "method": %q, "path": %q}`, a.Service, method, placeholder.ReplaceAllString(path, "*")))
			}
		}
	}
	return "```json\n[\n" + strings.Join(rules, ",\n") + "\n]\n```\n"
}

// callList has a line for each set of actions: the calls that need it, for what, and what
// happens without it, as the first call says that collectors cannot do without.
func callList(p *provider.Provider, reads bool) string {
	type use struct {
		calls, users []string
		refused      string
	}
	var order []string
	uses := map[string]*use{}
	for _, a := range p.Resources {
		if a.Resource.Reads() != reads {
			continue
		}
		key := cmp.Or(code(a.Actions...), "no action")
		if a.Unconfirmed {
			key += "?"
		}
		u := uses[key]
		if u == nil {
			u = &use{refused: a.Refused}
			uses[key], order = u, append(order, key)
		}
		call := strings.ReplaceAll(code(a.Call, a.One), "GET ", "")
		if a.Choice != "" && len(p.APIs(a.Resource)) > 1 {
			key := map[bool]string{true: "ports", false: "servers"}[a.Resource == provider.Ports]
			call += fmt.Sprintf(" (`apis.%s: %s`)", key, a.Choice)
		}
		u.calls = append(u.calls, call)
		for _, user := range usersOf(p, a) {
			if !slices.Contains(u.users, user) {
				u.users = append(u.users, user)
			}
		}
	}
	var b strings.Builder
	for _, key := range order {
		u := uses[key]
		fmt.Fprintf(&b, "- %s: %s for %s", key, strings.Join(u.calls, ", "), strings.Join(u.users, ", "))
		if u.refused != "" {
			b.WriteString("; without it " + u.refused)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// usersOf are the collectors that ask an API, and what else does.
func usersOf(p *provider.Provider, a provider.API) []string {
	var users []string
	for _, c := range All() {
		if c.For(p.Name) && (slices.Contains(c.Needs, a.Resource) || slices.Contains(c.Uses, a.Resource)) {
			users = append(users, "`"+c.Name+"`")
		}
	}
	switch {
	case a.UsedBy != "":
		users = append(users, a.UsedBy)
	case !a.Resource.Reads():
		users = append(users, "`"+string(a.Resource)+"`")
	}
	return users
}

func code(texts ...string) string {
	texts = slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "" })
	if len(texts) == 0 {
		return ""
	}
	return "`" + strings.Join(texts, "`, `") + "`"
}
