package config

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	yaml "go.yaml.in/yaml/v4"

	"cloudip_exporter/text"
)

// scalar reads one value by the type of its key. A message repeats what should have
// been one of a known few, a number, a duration and the like, and no other value:
// that may be a secret.
func (p *parser) scalar(v *value, node *yaml.Node) {
	if node == nil {
		v.parsed = defaultOf(v.key)
		return
	}
	if node.Kind != yaml.ScalarNode {
		p.fault(v, "must be a single value (%s)", v.key.Type)
		return
	}
	parsed, wrong := read(v.key, node.Value, node.ShortTag())
	if wrong != "" {
		switch v.key.Type {
		case typeText, typeSecret, typeFile, typeURL, typeProxy:
		default:
			if node.Value != "" {
				wrong += ", not " + strconv.Quote(text.Clip(node.Value, 43))
			}
		}
		p.fault(v, "%s", wrong)
		return
	}
	v.parsed = parsed
}

func defaultOf(k Key) any {
	if k.Default == "" {
		return nil
	}
	tag := map[string]string{typeInteger: "!!int", typeNumber: "!!int", typeBoolean: "!!bool"}[k.Type]
	parsed, _ := read(k, k.Default, tag)
	return parsed
}

// read returns the value, or what is wrong with it.
func read(k Key, written, tag string) (any, string) {
	if written == "" {
		return nil, "must not be empty"
	}
	switch k.Type {
	case typeDuration:
		return readDuration(k, written)
	case typeInteger, typeNumber:
		return readNumber(k, written, tag)
	case typeBoolean:
		b, err := strconv.ParseBool(written)
		if err != nil || tag != "!!bool" {
			return nil, "must be true or false"
		}
		return b, ""
	case typeSize:
		n, err := units.ParseBase2Bytes(written)
		if err != nil || n <= 0 {
			return nil, "must be a size with its unit, such as 512MiB or 4GiB"
		}
		return int64(n), ""
	case typeURL:
		_, wrong := ParseURL(written, false, "http://", "https://")
		return strings.TrimRight(written, "/"), wrong
	case typeText:
		if k.Values != nil && !slices.Contains(k.Values, written) {
			return nil, "must be " + oneOf(k.Values) + ", not " + strconv.Quote(text.Clip(written, 43))
		}
	}
	return written, ""
}

func readDuration(k Key, text string) (any, string) {
	d, err := model.ParseDuration(strings.TrimPrefix(text, "-"))
	switch {
	case err == nil && text[0] == '-' && !k.positive:
		return nil, "must be 0s or more"
	case err == nil && text[0] == '-':
		return nil, "must be more than 0s"
	case err != nil:
		return nil, "must be a duration with its unit, such as 30s, 5m or 1h30m"
	case d == 0 && k.positive:
		return nil, "must be more than 0s"
	}
	return time.Duration(d), ""
}

func readNumber(k Key, text, tag string) (any, string) {
	limits := "from " + number(k.Min) + " to " + number(k.Max)
	if k.Type == typeInteger {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || tag != "!!int" || float64(n) < k.Min || float64(n) > k.Max {
			return nil, "must be an integer " + limits
		}
		return int(n), ""
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || (tag != "!!int" && tag != "!!float") || math.IsNaN(f) || f < k.Min || f > k.Max {
		return nil, "must be a number " + limits
	}
	return f, ""
}

// ParseURL reads a URL of one of the schemes, with a user only where one may be there.
// What it says is wrong never repeats the URL: people put passwords into them.
func ParseURL(text string, user bool, schemes ...string) (u *url.URL, wrong string) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, "is not a URL"
	case !slices.Contains(schemes, u.Scheme+"://"):
		return nil, "must be a URL that begins with " + oneOf(schemes)
	case u.Hostname() == "":
		return nil, "must be a URL with a host"
	case u.Port() != "" && !validPort(u.Port()):
		return nil, "must be a URL with a port from 1 to 65535"
	case u.User != nil && !user:
		return nil, "must not carry a user or password"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, "must not have a query or a fragment"
	}
	return u, ""
}

func validPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// value is one key of the file together with what it holds. Keys that are
// absent exist too, with their default and the line of their parent.
type value struct {
	key       Key
	path      string // such as clouds[0].auth.type
	line      int
	given     bool // is in the file and not null
	commented bool // nothing but a comment stands behind the key
	broken    bool // no mapping or list, though it must be: no fault says what it lacks
	parsed    any  // string, []string, float64, int, bool or time.Duration; nil when it cannot be read
	fields    map[string]*value
	items     []*value
}

func (v *value) field(name string) *value { return v.fields[name] }

func (v *value) text() string { return as[string](v) }

// as returns what a value holds, the zero T where that is no T.
func as[T any](v *value) T { t, _ := v.parsed.(T); return t }

// or returns the text of a key, else the default that depends on the provider.
func (v *value) or(text string) string {
	if v.given {
		return v.text()
	}
	return text
}
