package config

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"cloudip_exporter/text"
)

const maxNodes = 100_000 // aliases make a small file a large tree

// parser walks the nodes of one file along Keys and collects what is wrong.
type parser struct {
	file     string
	children map[string][]Key // by path of the parent
	faults   Faults
	omitted  int // faults beyond maxFaults
	warnings []string
	nodes    int
	mode     fs.FileMode // of the file, 0 when it is not known
	inline   []*value    // secrets that the file itself holds
	options  Options
}

func newParser(file string, o Options) *parser {
	p := &parser{file: file, options: o, children: make(map[string][]Key)}
	for _, k := range Keys(o.Collectors) {
		p.children[k.Parent()] = append(p.children[k.Parent()], k)
	}
	return p
}

func (p *parser) fault(v *value, format string, args ...any) {
	p.faultAt(v.line, v.path, format, args...)
}

func (p *parser) faultAt(line int, path, format string, args ...any) {
	if path == "" {
		path = "yaml"
	}
	if len(p.faults) >= maxFaults {
		p.omitted++
		return
	}
	p.faults = append(p.faults, Fault{p.file, line, path, text.Terminal(fmt.Sprintf(format, args...))})
}

func (p *parser) require(v *value, why string) {
	if !v.given && !v.broken {
		p.fault(v, "missing: %s", why)
	}
}

func (p *parser) warn(v *value, format string, args ...any) {
	p.warnings = append(p.warnings, Fault{p.file, v.line, v.path, text.Terminal(fmt.Sprintf(format, args...))}.Error())
}

// walk reads what node holds for a key; node is nil where the key is absent.
func (p *parser) walk(k Key, path string, line int, node *yaml.Node) *value {
	v := &value{key: k, path: path, line: line}
	if p.nodes++; p.nodes > maxNodes {
		if p.nodes == maxNodes+1 {
			p.fault(v, "aliases make the file too large")
		}
		node = nil
	}
	node = resolve(node)
	v.given = node != nil
	switch k.Type {
	case typeGroup:
		p.group(v, node)
	case typeGroups:
		p.groups(v, node)
	case typeTexts:
		p.texts(v, node)
	default:
		p.scalar(v, node)
	}
	return v
}

// resolve follows an alias. A null is the same as an absent key: so a mapping
// may be there with all its keys commented out.
func resolve(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n != nil && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return nil
	}
	return n
}

func (p *parser) group(v *value, node *yaml.Node) {
	v.fields = make(map[string]*value)
	known := p.children[v.key.Path]
	if node != nil && node.Kind != yaml.MappingNode {
		p.fault(v, "must be a mapping of keys to values")
		node, v.given = nil, false
		v.broken = true
	}
	for _, e := range p.entries(v, node, 0) {
		i := slices.IndexFunc(known, func(k Key) bool { return k.Name() == e.key.Value })
		path := join(v.path, e.key.Value)
		switch {
		case i < 0:
			p.faultAt(e.key.Line, join(v.path, beginning(e.key.Value)), "unknown key: %sknown here are %s", near(e.key.Value, names(known)), strings.Join(names(known), ", "))
		case v.fields[e.key.Value] != nil && e.merged:
		case v.fields[e.key.Value] != nil:
			p.faultAt(e.key.Line, path, "given twice: first in line %d", v.fields[e.key.Value].line)
		default:
			f := p.walk(known[i], path, e.key.Line, e.value)
			f.commented = !f.given && e.key.LineComment != ""
			v.fields[e.key.Value] = f
		}
	}
	for _, k := range known {
		if v.fields[k.Name()] == nil {
			v.fields[k.Name()] = p.walk(k, join(v.path, k.Name()), v.line, nil)
		}
	}
}

func (p *parser) groups(v *value, node *yaml.Node) {
	if node == nil {
		return
	}
	if node.Kind != yaml.SequenceNode {
		p.fault(v, "must be a list of mappings, each beginning with a dash")
		v.broken = true
		return
	}
	for i, n := range node.Content {
		item := Key{Path: v.key.Path, Type: typeGroup}
		v.items = append(v.items, p.walk(item, fmt.Sprintf("%s[%d]", v.path, i), n.Line, n))
	}
}

func (p *parser) texts(v *value, node *yaml.Node) {
	if node == nil {
		return
	}
	if node.Kind != yaml.SequenceNode {
		p.fault(v, "must be a list, such as [a, b]")
		return
	}
	item := Key{Path: v.key.Path, Type: typeText, Values: v.key.Values}
	var texts []string
	for i, n := range node.Content {
		it := p.walk(item, fmt.Sprintf("%s[%d]", v.path, i), n.Line, n)
		v.items = append(v.items, it)
		if !it.given {
			p.fault(it, "must not be empty")
		}
		if s := it.text(); s != "" {
			if slices.Contains(texts, s) {
				p.fault(it, "is in the list twice")
			}
			texts = append(texts, s)
		}
	}
	if len(node.Content) == 0 && v.key.Default != noTexts {
		p.fault(v, "must not be empty: leave the key out for the default")
	}
	v.parsed = texts
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func names(keys []Key) []string {
	all := make([]string, len(keys))
	for i, k := range keys {
		all[i] = k.Name()
	}
	return all
}

// near asks for a known name that a mistyped one may mean; "" when none is near.
func near(name string, known []string) string {
	if n := text.Near(name, known); n != "" {
		return "did you mean " + n + "? "
	}
	return ""
}

// beginning cuts an unknown key at the first character that no key has: in
// {password:abc} the whole "password:abc" is a key.
func beginning(name string) string {
	i := strings.IndexFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	})
	if i < 0 {
		i = len(name)
	}
	if i = min(i, 40); i == len(name) && i > 0 {
		return name
	}
	return name[:i] + "…"
}

const maxMerge = 8 // depth of << in <<

type entry struct {
	key, value *yaml.Node
	merged     bool
}

// entries returns the pairs of a mapping, its own before those that << merges in.
func (p *parser) entries(v *value, node *yaml.Node, depth int) []entry {
	if node == nil {
		return nil
	}
	var own, merged []entry
	for i := 0; i+1 < len(node.Content); i += 2 {
		k, val := node.Content[i], node.Content[i+1]
		switch {
		case k.Kind == yaml.AliasNode || k.Kind != yaml.ScalarNode:
			p.faultAt(k.Line, v.path, "a key must be a plain string")
		case k.Value == "<<" && k.Style == 0:
			merged = append(merged, p.merge(v, k.Line, val, depth+1)...)
		default:
			own = append(own, entry{k, val, depth > 0})
		}
	}
	return append(own, merged...)
}

func (p *parser) merge(v *value, line int, node *yaml.Node, depth int) []entry {
	if p.nodes++; depth > maxMerge || p.nodes > maxNodes {
		p.faultAt(line, v.path, "merge (<<) goes too deep")
		return nil
	}
	switch node = resolve(node); {
	case node != nil && node.Kind == yaml.MappingNode:
		return p.entries(v, node, depth)
	case node != nil && node.Kind == yaml.SequenceNode:
		var all []entry
		for _, n := range node.Content {
			all = append(all, p.merge(v, line, n, depth+1)...)
		}
		return all
	}
	p.faultAt(line, v.path, "merge (<<) needs a mapping")
	return nil
}
