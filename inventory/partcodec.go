package inventory

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
)

// dataTypes has a value of each type of Data, for DecodePart.
func dataTypes() []Data {
	return []Data{SubnetData{}, PortData{}, ServerData{}, AddressGroupData{}, PrivateIPData{}, PublicIPData{}, QuotaData{}}
}

// packedPart is a part but for its ports, which follow it.
type packedPart struct {
	Items   int
	Missing int    `json:",omitempty"`
	First   string `json:",omitempty"` // of Missing
	Data    json.RawMessage
	Ports   *portTables `json:",omitempty"`
}

// listOf returns the list in the data of a part that is packed apart.
func listOf(d Data) *Ports {
	switch d := d.(type) {
	case PortData:
		return d.Ports
	case PrivateIPData:
		return d.IPs.list()
	}
	return nil
}

// EncodePart goes over a part in chunks of at most 1 MiB, the same for the same part.
// Each is good until the next step.
func EncodePart(p *Part) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		list := listOf(p.Data)
		packed := packedPart{Items: p.Items, Missing: p.Missing.N}
		if list != nil {
			packed.Ports = &portTables{list.kinds.values, list.subnets.values, list.texts.values, list.pairNetworks.values, list.numbers, list.OwnersUnknown}
		}
		if p.Missing.First != nil {
			packed.First = p.Missing.First.Error()
		}
		var err error
		if packed.Data, err = json.Marshal(p.Data); err != nil {
			yield(nil, fmt.Errorf("encode %s: %w", p.Data.Collector(), err))
			return
		}
		head, err := json.Marshal(packed)
		if err != nil {
			yield(nil, err)
			return
		}
		for chunk := range slices.Chunk(head, chunkMax) {
			if !yield(chunk, nil) {
				return
			}
		}
		if list == nil || !yield(nil, nil) { // an empty one ends the head
			return
		}
		for chunk := range list.packed() {
			if !yield(chunk, nil) {
				return
			}
		}
	}
}

// DecodePart makes the part of a collector that EncodePart took apart.
func DecodePart(collector string, chunks iter.Seq2[[]byte, error]) (*Part, error) {
	at := slices.IndexFunc(dataTypes(), func(d Data) bool { return d.Collector() == collector })
	if at < 0 {
		return nil, fmt.Errorf("there is no collector %q", collector)
	}
	next, stop := iter.Pull2(chunks)
	defer stop()
	var head []byte
	for {
		chunk, err, ok := next()
		if err != nil {
			return nil, err
		}
		if !ok || len(chunk) == 0 {
			break
		}
		head = append(head, chunk...)
	}
	var packed packedPart
	if err := json.Unmarshal(head, &packed); err != nil {
		return nil, err
	}
	data := reflect.New(reflect.TypeOf(dataTypes()[at]))
	if err := json.Unmarshal(packed.Data, data.Interface()); err != nil {
		return nil, err
	}
	part := &Part{Items: packed.Items, Missing: Missing{N: packed.Missing}, Data: data.Elem().Interface().(Data)}
	if packed.First != "" {
		part.Missing.First = errors.New(packed.First)
	}
	if packed.Ports == nil {
		return part, nil
	}
	list, err := unpackPorts(packed.Ports, func(yield func([]byte, error) bool) {
		for chunk, err, ok := next(); ok && yield(chunk, err); chunk, err, ok = next() {
		}
	})
	switch d := part.Data.(type) {
	case PortData:
		d.Ports = list
		part.Data = d
	case PrivateIPData:
		d.IPs = &PrivateIPs{ports: list}
		part.Data = d
	}
	return part, err
}
