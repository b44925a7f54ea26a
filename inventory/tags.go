package inventory

import "cmp"

// Tags has the values of tags by name: "" for one that a thing does not have, "true" for
// one without a value. It has each name that was asked for.
type Tags map[string]string

// NewTags returns the tags of a thing that has none of these names.
func NewTags(names []string) Tags {
	t := make(Tags, len(names))
	for _, name := range names {
		t[name] = ""
	}
	return t
}

// Set takes note of a tag if it is asked for. Of several with one name the first counts.
func (t Tags) Set(name, value string) {
	if old, asked := t[name]; asked && old == "" {
		t[name] = cmp.Or(value, "true")
	}
}

// SubnetTags are the tags of a subnet, by the id of Subnet.ID.
type SubnetTags struct {
	ID ID
	Tags
}
