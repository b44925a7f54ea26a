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
