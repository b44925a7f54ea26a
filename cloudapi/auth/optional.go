package auth

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// optional decodes a T that a login can do without: a malformed value is left
// zero and does not fail the login.
type optional[T any] struct{ value T }

// UnmarshalJSONFrom reads the value, or skips it.
func (o *optional[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	var v T
	if json.Unmarshal(raw, &v, jsontext.AllowInvalidUTF8(true)) == nil {
		o.value = v
	}
	return nil
}
