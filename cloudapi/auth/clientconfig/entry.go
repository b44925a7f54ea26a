package clientconfig

import (
	"maps"
	"os"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"cloudip_exporter/config"
)

// value is what somebody wrote for a key.
type value struct {
	text   string
	list   []string     // of a list of texts
	node   *yaml.Node   // nil in the environment
	origin config.Fault // file, line and key as written, for messages
	dashed bool         // it is written with dashes
	twice  bool         // it hides another value that is: openstacksdk may prefer that one
}

// over returns the value as it stands above an older one of its key.
func (v value) over(old value) value {
	v.twice = v.twice || old.twice || old.dashed && !v.dashed && old.text != v.text
	return v
}

func (v value) fault(text string) *config.Fault {
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
	for name, v := range over.auth {
		e.auth[name] = v.over(e.auth[name])
	}
	for name, v := range over.outside {
		e.outside[name] = v.over(e.outside[name])
	}
}

// find returns the value that counts of the names of a key: of several names the
// last of the list, of one name what stands in auth.
func (e *entry) find(k key) (v value, ok bool) {
	for _, name := range k.names {
		if at, is := e.outside[name]; is {
			v, ok = at, true
		}
		if at, is := e.auth[name]; is && !k.outside {
			v, ok = at.over(e.outside[name]), true
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
	var nodes map[string]yaml.Node
	if n = resolved(n); n.Kind != yaml.MappingNode || n.Decode(&nodes) != nil {
		return nil, &config.Fault{File: file, Line: n.Line, Key: path, Text: "must be a list of keys and values"}
	}
	fields := map[string]value{}
	for _, written := range slices.Sorted(maps.Keys(nodes)) {
		node := nodes[written]
		v := valueOf(resolved(&node))
		v.origin = config.Fault{File: file, Line: node.Line, Key: path + "." + written}
		name := strings.ReplaceAll(written, "-", "_")
		if strings.HasSuffix(name, "endpoint_type") {
			name = written // openstacksdk does not read it with dashes
		}
		if v.text != "" || v.node != nil {
			v.dashed = name != written
			fields[name] = v.over(fields[name])
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
	case n.Kind == yaml.SequenceNode:
		v := value{node: n}
		for _, item := range n.Content {
			if item = resolved(item); item.Kind != yaml.ScalarNode {
				return value{node: n}
			}
			v.list = append(v.list, item.Value)
		}
		return v
	case n.Kind == yaml.MappingNode:
		return value{node: n}
	}
	return value{}
}

// envEntry is the cloud that the variables OS_* describe.
func envEntry() *entry {
	e := newEntry()
	for _, pair := range os.Environ() {
		name, text, _ := strings.Cut(pair, "=")
		short, ours := strings.CutPrefix(name, "OS_")
		if !ours || text == "" || selector(short) {
			continue
		}
		e.outside[strings.ToLower(short)] = value{text: text, origin: config.Fault{Key: name}}
	}
	return e
}

// selector reports whether a variable chooses a cloud or its files, or belongs
// to the tests of OpenStack itself.
func selector(short string) bool {
	switch short {
	case "CLOUD", "CLOUD_NAME", "CLIENT_CONFIG_FILE", "CLIENT_SECURE_FILE":
		return true
	}
	return strings.HasPrefix(short, "TEST") || strings.HasPrefix(short, "STD") || strings.HasPrefix(short, "LOG")
}

// addMissingSecrets fills in the secrets of the environment that an entry of
// clouds.yaml leaves out, as openstackclient does. Nothing else of the
// environment counts beside a named cloud: it could lead to another project.
func (e *entry) addMissingSecrets(env *entry) {
	for _, name := range []string{"password", "token", "application_credential_secret"} {
		v, given := env.outside[name]
		if _, in := e.auth[name]; in || !given {
			continue
		}
		if _, out := e.outside[name]; !out {
			e.auth[name] = v
		}
	}
}
