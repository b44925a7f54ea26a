// Package clientconfig reads logins the way OpenStack's own client does: from
// clouds.yaml, secure.yaml and clouds-public.yaml, and from the environment
// variables OS_*. The reference is openstacksdk, openstack/config/loader.py.
//
// The table of keys (keys.go) says what each key does. A key that would change
// the login or the endpoints and that this program does not honour is a fault or
// a warning that names it; nothing is ignored in silence.
package clientconfig

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"cloudip_exporter/config"
)

// Source says where a login is read from.
type Source struct {
	Env    bool   // the variables OS_* count, and OS_CLOUD chooses the cloud; else only files are found by them
	File   string // path of clouds.yaml; "": the usual places
	Cloud  string // name of the cloud in clouds.yaml
	Region string // that the configuration asks for; ""
}

// Read returns the login of a source. The error is a *config.Fault, config.Faults
// or a *FileError. No text repeats a value that can be a secret.
func Read(s Source) (*Login, error) {
	e, err := s.entry()
	if err != nil {
		return nil, err
	}
	if e, err = withRegion(e, s.Region); err != nil {
		return nil, err
	}
	return resolve(e)
}

// entry finds the entry that the source names, with its profile.
func (s Source) entry() (*entry, error) {
	cloud := s.Cloud
	if s.Env {
		// OS_CLOUD_NAME is the name by which OS_CLOUD chooses the environment itself.
		if cloud = os.Getenv("OS_CLOUD"); cloud == "" || cloud == cmp.Or(os.Getenv("OS_CLOUD_NAME"), "envvars") {
			return envEntry(), nil
		}
	}
	e, err := s.named(cloud)
	if err != nil || !s.Env {
		return e, err
	}
	env := envEntry()
	e.addMissingSecrets(env)
	region, given := env.outside[keyRegion]
	_, one := e.outside[keyRegion]
	_, several := e.outside[keyRegions]
	if given && !one && !several {
		e.outside[keyRegion] = region
	} else if given && e.outside[keyRegion].text != region.text {
		e.unused = append(e.unused, region)
	}
	return e, nil
}

// named reads one entry of clouds.yaml, over its profile and below what
// secure.yaml adds. What other entries hold does not count.
func (s Source) named(name string) (*entry, error) {
	file := cmp.Or(s.File, find("OS_CLIENT_CONFIG_FILE", "clouds", ""))
	if file == "" {
		return nil, &FileError{fmt.Errorf("no clouds.yaml in this directory, ~/.config/openstack or /etc/openstack: %w", fs.ErrNotExist)}
	}
	e, found, err := section(file, "clouds", name)
	if err != nil {
		return nil, err
	}
	if secure := find("OS_CLIENT_SECURE_FILE", "secure", s.File); secure != "" {
		more, also, err := section(secure, "clouds", name)
		if err != nil {
			return nil, err
		}
		if found = found || also; also {
			e.update(more)
		}
	}
	if !found {
		return nil, &config.Fault{File: file, Key: "clouds", Text: fmt.Sprintf("there is no cloud %q", name)}
	}
	return s.withProfile(e)
}

// section reads the entry of one name below a key at the top of a file.
func section(file, top, name string) (e *entry, found bool, err error) {
	doc, err := document(file)
	if err != nil {
		return nil, false, err
	}
	all := child(doc, top)
	if all != nil && resolved(all).Kind != yaml.MappingNode {
		return nil, false, &FileError{&config.Fault{File: file, Line: all.Line, Key: top, Text: "must be a list of clouds by name"}}
	}
	one := child(all, name)
	if one == nil {
		return newEntry(), false, nil
	}
	e, err = entryOf(file, top+"."+name, one)
	return e, err == nil, err
}

func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil {
		return nil
	}
	n = resolved(n)
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// withProfile lays an entry over the profile that it names. One that
// clouds-public.yaml lacks is missed only where the entry has no auth_url.
func (s Source) withProfile(e *entry) (*entry, error) {
	profile, named := e.find(key{names: []string{"cloud", keyProfile}, outside: true})
	if !named {
		return e, nil
	}
	if file := find("", "clouds-public", s.File); file != "" {
		base, found, err := section(file, "public-clouds", profile.text)
		if err != nil {
			return nil, err
		}
		if found {
			if _, own := e.outside[keyRegion]; own {
				delete(base.outside, keyRegions)
			}
			base.update(e)
			delete(base.outside, keyProfile)
			delete(base.outside, "cloud")
			return base, nil
		}
	}
	if _, has := e.find(key{names: []string{"auth_url"}}); !has {
		return nil, profile.fault(fmt.Sprintf("the profile %q is not in clouds-public.yaml: write auth_url into auth, and the region as region_name", profile.text))
	}
	return e, nil
}

// withRegion lays the values of the region that counts over an entry: of a list
// the one that is wanted, else the first.
func withRegion(e *entry, wanted string) (*entry, error) {
	if list, ok := e.outside[keyRegions]; ok {
		return e.oneOf(list, wanted)
	}
	v, ok := e.outside[keyRegion]
	if !ok {
		return e, nil
	}
	names := v.list
	if names == nil {
		names = strings.Split(v.text, ",")
	}
	v.text, v.list, v.node = strings.TrimSpace(names[0]), nil, nil
	if slices.Contains(names, wanted) {
		v.text = wanted
	}
	e.outside[keyRegion] = v
	return e, nil
}

func (e *entry) oneOf(list value, wanted string) (*entry, error) {
	if list.node == nil {
		return nil, list.fault("must be a list of regions")
	}
	var names []string
	var values *yaml.Node // of the one that is chosen
	name, found := "", false
	for _, item := range list.node.Content {
		item = resolved(item)
		called, own := item.Value, (*yaml.Node)(nil)
		if item.Kind == yaml.MappingNode {
			n := child(item, "name")
			if n == nil {
				return nil, list.fault("each region needs a name")
			}
			called, own = n.Value, child(item, "values")
		}
		if names = append(names, called); !found && (wanted == "" || called == wanted) {
			name, values, found = called, own, true
		}
	}
	if !found {
		return nil, list.fault(fmt.Sprintf("the region %q is not one of %s", wanted, strings.Join(names, ", ")))
	}
	if values != nil {
		over, err := entryOf(list.origin.File, list.origin.Key+"."+name+".values", values)
		if err != nil {
			return nil, err
		}
		e.update(over)
	}
	delete(e.outside, keyRegions)
	e.outside[keyRegion] = value{text: name, origin: list.origin}
	return e, nil
}

func names(fields map[string]value) []string { return slices.Sorted(maps.Keys(fields)) }
