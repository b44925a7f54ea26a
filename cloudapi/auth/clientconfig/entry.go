package clientconfig

import (
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// value is what somebody wrote for a key.
type value struct {
	text   string
	list   []string   // of a list of texts
	node   *yaml.Node // nil in the environment
	origin Fault      // file, line and key as written, for messages
}

func (v value) empty() bool { return v.text == "" && len(v.list) == 0 && v.node == nil }

func (v value) fault(text string) *Fault {
	f := v.origin
	f.Text = text
	return &f
}

// entry is one cloud as it is written: the keys in auth and those beside it,
// with underscores for dashes. Keys without a value are left out.
type entry struct {
	auth, outside map[string]value
	unused        []value // variables of the environment that the entry makes useless
}

func newEntry() *entry { return &entry{auth: map[string]value{}, outside: map[string]value{}} }

// update lays the keys of another entry over those that are there.
func (e *entry) update(over *entry) {
	for k, v := range over.auth {
		e.auth[k] = v
	}
	for k, v := range over.outside {
		e.outside[k] = v
	}
}

// find returns the value that counts of the names of a key: of several names the
// last of the list, of one name what stands in auth.
func (e *entry) find(k key) (v value, ok bool) {
	for _, name := range k.names {
		if at, is := e.outside[name]; is {
			v, ok = at, true
		}
		if at, is := e.auth[name]; is && k.place == inAuth {
			v, ok = at, true
		}
	}
	return v, ok
}

// entryOf reads the mapping of one cloud, profile or region.
func entryOf(file, path string, n *yaml.Node) (*entry, error) {
	e := newEntry()
	fields, err := fieldsOf(file, path, n)
	if err != nil {
		return nil, err
	}
	for name, v := range fields {
		if name != "auth" {
			e.outside[name] = v
			continue
		}
		if v.node == nil {
			return nil, v.fault("must be a list of keys and values")
		}
		if e.auth, err = fieldsOf(file, v.origin.Key, v.node); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// fieldsOf reads a mapping, with what its merge keys (<<) bring in.
func fieldsOf(file, path string, n *yaml.Node) (map[string]value, error) {
	n = resolved(n)
	at := Fault{File: file, Line: n.Line, Key: path}
	if n.Kind != yaml.MappingNode {
		at.Text = "must be a list of keys and values"
		return nil, &at
	}
	fields := map[string]value{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag != "!!merge" {
			continue
		}
		merged := resolved(n.Content[i+1])
		sources := []*yaml.Node{merged}
		if merged.Kind == yaml.SequenceNode {
			sources = merged.Content
		}
		for j := len(sources) - 1; j >= 0; j-- { // the first counts
			more, err := fieldsOf(file, path, sources[j])
			if err != nil {
				return nil, err
			}
			for k, v := range more {
				fields[k] = v
			}
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag == "!!merge" {
			continue
		}
		written := n.Content[i].Value
		v := valueOf(resolved(n.Content[i+1]))
		v.origin = Fault{File: file, Line: n.Content[i].Line, Key: path + "." + written}
		if name := strings.ReplaceAll(written, "-", "_"); v.empty() {
			delete(fields, name)
		} else {
			fields[name] = v
		}
	}
	return fields, nil
}

func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

// valueOf takes scalars as they are written, so that 007 stays 007.
func valueOf(n *yaml.Node) value {
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag != "!!null":
		return value{text: n.Value}
	case n.Kind == yaml.SequenceNode && allScalars(n):
		v := value{node: n}
		for _, item := range n.Content {
			v.list = append(v.list, resolved(item).Value)
		}
		return v
	case n.Kind == yaml.MappingNode, n.Kind == yaml.SequenceNode:
		return value{node: n}
	}
	return value{}
}

func allScalars(n *yaml.Node) bool {
	for _, item := range n.Content {
		if resolved(item).Kind != yaml.ScalarNode {
			return false
		}
	}
	return true
}
