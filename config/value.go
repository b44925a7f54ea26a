package config

import (
	"strings"
	"time"
)

// value is one key of the file together with what it holds. Keys that are
// absent exist too, with their default and the line of their parent.
type value struct {
	key    Key
	path   string // such as clouds[0].auth.type
	line   int
	given  bool // is in the file and not null
	parsed any  // string, []string, float64, int, bool or time.Duration; nil when it cannot be read
	fields map[string]*value
	items  []*value
}

// malformed marks a value that has its fault, so that no fault says what it
// lacks.
type malformed struct{}

func (v *value) field(name string) *value { return v.fields[name] }

func (v *value) text() string { s, _ := v.parsed.(string); return s }

func (v *value) broken() bool { _, ok := v.parsed.(malformed); return ok }

func duration(v *value) time.Duration { d, _ := v.parsed.(time.Duration); return d }

func integer(v *value) int { n, _ := v.parsed.(int); return n }

func boolean(v *value) bool { b, _ := v.parsed.(bool); return b }

// or returns the text of a key, else the default that depends on the provider.
func (v *value) or(text string) string {
	if v.given {
		return v.text()
	}
	return text
}

// below returns the value of a path below this one, as far as the path is known.
func (v *value) below(path string) *value {
	for name := range strings.SplitSeq(path, ".") {
		f := v.field(name)
		if f == nil {
			break
		}
		v = f
	}
	return v
}
