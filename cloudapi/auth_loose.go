package cloudapi

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// loose is a part of an answer that does no harm when it is absent: of any
// other shape than it should have, it is.
type loose[T any] struct{ value T }

// UnmarshalJSONFrom reads the value, or skips it.
func (l *loose[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	var v T
	if json.Unmarshal(raw, &v, jsontext.AllowInvalidUTF8(true)) == nil {
		l.value = v
	}
	return nil
}

// role is a role of a token: an object with its name, or the name alone.
type role struct{ name string }

// UnmarshalJSONFrom reads either.
func (r *role) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == jsontext.KindString {
		return json.UnmarshalDecode(dec, &r.name)
	}
	var object struct {
		Name string `json:"name"`
	}
	err := json.UnmarshalDecode(dec, &object)
	r.name = object.Name
	return err
}
