package rows

import (
	"iter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// JSON is rows as an array of objects, whose keys stand in their order.
type JSON struct {
	Keys []string
	All  iter.Seq[Row]
}

// MarshalJSONTo writes one row after the other.
func (j JSON) MarshalJSONTo(out *jsontext.Encoder) error {
	if err := out.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	for row := range j.All {
		if err := j.writeObject(out, row); err != nil {
			return err
		}
	}
	return out.WriteToken(jsontext.EndArray)
}

func (j JSON) writeObject(out *jsontext.Encoder, row Row) error {
	if err := out.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for i, v := range row {
		if v == (Absent{}) {
			continue
		}
		if err := out.WriteToken(jsontext.String(j.Keys[i])); err != nil {
			return err
		}
		if err := writeValue(out, v); err != nil {
			return err
		}
	}
	return out.WriteToken(jsontext.EndObject)
}

func writeValue(out *jsontext.Encoder, v any) error {
	if s, ok := v.(string); ok { // nearly all are; this makes no garbage
		return out.WriteToken(jsontext.String(s))
	}
	return json.MarshalEncode(out, v, json.Deterministic(true))
}
