package cloudapi

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const maxErrorBody = 64 << 10 // bytes of an error's body that are looked at

// fault is what the body of an error says.
type fault struct {
	code, message string
	page          bool          // as in StatusError
	retryAfter    time.Duration // Nova's retryAfter
}

// newStatusError reads an answer that is no success; the caller closes it.
func newStatusError(service, operation string, resp *http.Response, clean func(string) string) *StatusError {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // what is there is enough
	f := parseFault(body)
	if f.code == strconv.Itoa(resp.StatusCode) {
		f.code = "" // Keystone repeats the status
	}
	e := &StatusError{
		Status: resp.StatusCode, Service: service, Operation: operation,
		Code: cut(clean(f.code), 64), Message: cut(clean(f.message), 256), page: f.page,
		RequestID:  requestID(resp.Header),
		RetryAfter: f.retryAfter,
	}
	if after, ok := retryAfter(resp.Header, time.Now()); ok {
		e.RetryAfter = after
	}
	return e
}

var plainID = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`)

func requestID(h http.Header) string {
	for _, name := range [...]string{"X-Request-Id", "X-Iam-Trace-Id", "X-Openstack-Request-Id", "X-Compute-Request-Id"} {
		if id := h.Get(name); plainID.MatchString(id) {
			return id
		}
	}
	return ""
}

var htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// parseFault reads all shapes in which the services, the gateway and the
// proxies before them tell an error. What it does not know is kept as text.
func parseFault(body []byte) fault {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return fault{}
	}
	if body[0] == '<' {
		if m := htmlTitle.FindSubmatch(body); m != nil {
			return fault{message: "an HTML page: " + html.UnescapeString(string(m[1])), page: true}
		}
		return fault{message: "an HTML page", page: true}
	}
	if f, ok := parseJSONFault(body); ok {
		return f
	}
	if body[0] == '{' || body[0] == '[' {
		return fault{message: "JSON that tells no error"}
	}
	return fault{message: string(body)}
}

func parseJSONFault(body []byte) (fault, bool) {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fault{}, false
	}
	f, ok := faultIn(v, 4)
	if !ok {
		return fault{}, false
	}
	// The VPC API passes Neutron's whole answer on as the text of its own.
	if strings.HasPrefix(strings.TrimSpace(f.message), "{") {
		if inner, ok := parseJSONFault([]byte(f.message)); ok && inner.message != "" {
			f.message = inner.message
			f.code = firstOf(f.code, inner.code)
		}
	}
	// One service documents the two the wrong way round.
	if serviceCode.MatchString(f.message) && strings.Contains(f.code, " ") {
		f.code, f.message = f.message, f.code
	}
	return f, true
}

var serviceCode = regexp.MustCompile(`^[A-Za-z]+\.[0-9]{3,}$`)

// faultIn looks for a code and a message in an object, then in what it holds.
func faultIn(v any, depth int) (fault, bool) {
	if depth == 0 {
		return fault{}, false
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if f, ok := faultIn(item, depth-1); ok {
				return f, true
			}
		}
	case map[string]any:
		f := fault{
			code:    textOf(v, "error_code", "code", "type"),
			message: textOf(v, "error_msg", "message", "error_message", "title"),
		}
		if s, err := strconv.ParseFloat(textOf(v, "retryAfter"), 64); err == nil {
			f.retryAfter = seconds(s)
		}
		if f.message != "" || textOf(v, "error_code", "code") != "" {
			return f, true
		}
		return nestedFault(v, depth)
	}
	return fault{}, false
}

// nestedFault reads {"NeutronError":{…}}, {"itemNotFound":{…}} and their like;
// the key is the code where the object within has none of its own.
func nestedFault(v map[string]any, depth int) (fault, bool) {
	for _, key := range slices.Sorted(maps.Keys(v)) {
		if text, ok := v[key].(string); ok && strings.HasSuffix(key, "Error") {
			return fault{code: key, message: text}, true
		}
		f, ok := faultIn(v[key], depth-1)
		if !ok {
			continue
		}
		if _, err := strconv.Atoi(f.code); (err == nil || f.code == "") && key != "error" && key != "internalError" {
			f.code = key
		}
		return f, true
	}
	return fault{}, false
}

// textOf returns the first of the keys that holds a text or a number.
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

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
