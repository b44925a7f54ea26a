package config

import yaml "go.yaml.in/yaml/v4"

const maxMerge = 8 // depth of << in <<

// entry is one pair of a mapping.
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
