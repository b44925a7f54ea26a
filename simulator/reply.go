package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// reply is an answer before faults had their way with it.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// field and object are JSON objects that keep the order of their keys.
type field struct {
	key   string
	value any
}

type object []field

// MarshalJSON writes the fields in order.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, f := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, f.key), ':')
		b = appendValue(b, f.value)
	}
	return append(b, '}'), nil
}

// appendValue writes a value as JSON: what answers are full of by itself, the rest by encoding/json.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendString(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case bool:
		return strconv.AppendBool(b, v)
	case object:
		own, _ := v.MarshalJSON()
		return append(b, own...)
	case []object:
		if v == nil {
			return append(b, "null"...)
		}
		b = append(b, '[')
		for i, o := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, o)
		}
		return append(b, ']')
	}
	return append(b, encode(v)...)
}

// only keeps the named fields; no name keeps all. Neutron ignores names it does not know.
func (o object) only(names []string) object {
	if len(names) == 0 {
		return o
	}
	var kept object
	for _, f := range o {
		for _, n := range names {
			if f.key == n {
				kept = append(kept, f)
				break
			}
		}
	}
	return kept
}

// encode writes JSON with <, > and & as they are, as the real clouds do.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("simulator: own data cannot be encoded: " + err.Error())
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// appendString writes a JSON string.
func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] == '"' || s[i] == '\\' || s[i] >= 0x7f {
			return append(b, encode(s)...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// ok is 200 with v as JSON.
func ok(v any) reply { return jsonReply(http.StatusOK, v) }

func jsonReply(status int, v any) reply {
	return reply{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: appendValue(nil, v)}
}

func (r reply) with(key, value string) reply {
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(key, value)
	return r
}

// write sends the whole reply.
func (r reply) write(w http.ResponseWriter) {
	for k, v := range r.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body)
}
