package apierr

import (
	"bytes"
	"cmp"
	"encoding/json"
	"html"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxErrorBody is how many bytes of an error's body are looked at.
const MaxErrorBody = 64 << 10

// Fault is what the body of an error says.
type Fault struct {
	Code, Message string
	Page          bool          // as in StatusError
	RetryAfter    time.Duration // Nova's retryAfter
}

var (
	htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	tag       = regexp.MustCompile(`<[^>]*>`)
)

// ParseFault reads all shapes of errors of the services, the gateway and the
// proxies before them. What it does not know is kept as text.
func ParseFault(body []byte) Fault {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return Fault{}
	}
	if body[0] == '<' {
		if m := htmlTitle.FindSubmatch(body); m != nil {
			return Fault{Message: "an HTML page: " + html.UnescapeString(string(m[1])), Page: true}
		}
		said := html.UnescapeString(tag.ReplaceAllString(string(body), " "))
		return Fault{Message: "an HTML or XML page: " + said, Page: true}
	}
	if f, ok := parseJSONFault(body); ok {
		return f
	}
	if body[0] == '{' || body[0] == '[' {
		return Fault{Message: "JSON without an error in it"}
	}
	return Fault{Message: string(body)}
}

func parseJSONFault(body []byte) (Fault, bool) {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return Fault{}, false
	}
	f, ok := faultIn(v, 4)
	if !ok {
		return Fault{}, false
	}
	// The VPC API passes Neutron's whole answer on as the text of its own.
	if strings.HasPrefix(strings.TrimSpace(f.Message), "{") {
		if inner, ok := parseJSONFault([]byte(f.Message)); ok && inner.Message != "" {
			f.Message = inner.Message
			f.Code = cmp.Or(f.Code, inner.Code)
		}
	}
	// One service documents the two the wrong way round.
	if serviceCode.MatchString(f.Message) && strings.Contains(f.Code, " ") {
		f.Code, f.Message = f.Message, f.Code
	}
	return f, true
}

var serviceCode = regexp.MustCompile(`^[A-Za-z]+\.[0-9]{3,}$`)

// faultIn looks for a code and a message in an object, then in what it holds.
func faultIn(v any, depth int) (Fault, bool) {
	if depth == 0 {
		return Fault{}, false
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if f, ok := faultIn(item, depth-1); ok {
				return f, true
			}
		}
	case map[string]any:
		f := Fault{
			Code:    textOf(v, "error_code", "code", "type"),
			Message: textOf(v, "error_msg", "message", "error_message", "title"),
		}
		if s, err := strconv.ParseFloat(textOf(v, "retryAfter"), 64); err == nil {
			f.RetryAfter = seconds(s)
		}
		if f.Message != "" || textOf(v, "error_code", "code") != "" {
			return f, true
		}
		return nestedFault(v, depth)
	}
	return Fault{}, false
}

// nestedFault reads {"NeutronError":{…}}, {"itemNotFound":{…}} and their like;
// the key is the code where the object within has none of its own.
func nestedFault(v map[string]any, depth int) (Fault, bool) {
	for _, key := range slices.Sorted(maps.Keys(v)) {
		if text, ok := v[key].(string); ok && strings.HasSuffix(key, "Error") {
			return Fault{Code: key, Message: text}, true
		}
		f, ok := faultIn(v[key], depth-1)
		if !ok {
			continue
		}
		if _, err := strconv.Atoi(f.Code); (err == nil || f.Code == "") && key != "error" && key != "internalError" {
			f.Code = key
		}
		return f, true
	}
	return Fault{}, false
}

func textOf(v map[string]any, keys ...string) string {
	for _, key := range keys {
		switch x := v[key].(type) {
		case string:
			if x != "" {
				return x
			}
		case float64:
			return strconv.FormatFloat(x, 'f', -1, 64)
		}
	}
	return ""
}

// MaxWait bounds what a cloud may ask to wait.
const MaxWait = 24 * time.Hour

// RetryAfter reads the header Retry-After: seconds or a date.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if s, err := strconv.ParseFloat(text, 64); err == nil && s >= 0 {
		return seconds(s), true
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), MaxWait), true
	}
	return 0, false
}

func seconds(s float64) time.Duration {
	if !(s > 0) {
		return 0
	}
	return time.Duration(min(s, MaxWait.Seconds()) * float64(time.Second))
}
