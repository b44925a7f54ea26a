package inventory

import (
	"encoding/binary"
	"errors"
	"iter"
)

// portTables are what the packed ports of a list refer to by number.
type portTables struct {
	Kinds        []portKind
	Subnets      []ID
	Texts        []string
	PairNetworks []ID
	Unowned      bool `json:",omitempty"` // OwnersUnknown
}

const (
	chunkPorts = 8192    // about so many go into one chunk
	chunkMax   = 1 << 20 // bytes
)

var errPacked = errors.New("the packed ports are damaged")

func (ps *Ports) tables() *portTables {
	if ps == nil {
		return nil
	}
	return &portTables{ps.kinds.values, ps.subnets.values, ps.texts.values, ps.pairNetworks.values, ps.OwnersUnknown}
}

// packed goes over the ports in chunks of at most chunkMax bytes, then over their
// pairs. A chunk ends where the id of a port says so: a port that came or went
// changes its own chunk alone. Each chunk is good until the next step.
func (ps *Ports) packed() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var chunk []byte
		for from, r := range ps.records() {
			chunk = ps.appendRecord(chunk, from, r)
			if ends := (31*binary.BigEndian.Uint32(r.id[:])+binary.BigEndian.Uint32(r.id[4:]))%chunkPorts == 0; ends || len(chunk) > chunkMax-chunkMax/8 {
				if !yield(chunk) {
					return
				}
				chunk = chunk[:0]
			}
		}
		if !yield(chunk) || !yield(nil) { // an empty one parts ports and pairs
			return
		}
		chunk = chunk[:0]
		for i := range ps.pairs {
			p := &ps.pairs[i]
			chunk = append(append(chunk, p.addr[:]...), p.port[:]...)
			chunk = append(binary.BigEndian.AppendUint32(chunk, p.network), p.bits, flags(p.is4, p.portIsText, p.used))
			if len(chunk) > chunkMax-64 {
				if !yield(chunk) {
					return
				}
				chunk = chunk[:0]
			}
		}
		if len(chunk) > 0 {
			yield(chunk)
		}
	}
}

func flags(all ...bool) (b byte) {
	for i, on := range all {
		if on {
			b |= 1 << i
		}
	}
	return b
}

func (ps *Ports) appendRecord(b []byte, from *portStore, r *portRecord) []byte {
	b = binary.AppendUvarint(b, uint64(r.kind))
	b = append(append(b, r.id[:]...), r.device[:]...)
	switch ps.kinds.values[r.kind].Form {
	case oneIPv4:
		b = binary.BigEndian.AppendUint32(b, r.addrOrOffset)
	case manyAddresses:
		for f := range from.fixedOf(r) {
			b = binary.AppendUvarint(b, uint64(f.subnet))
			b = append(append(b, f.addr[:]...), flags(f.is4, f.last))
		}
	}
	return b
}

// unpackPorts reads what packed wrote. It trusts no number in it.
func unpackPorts(t *portTables, chunks iter.Seq2[[]byte, error]) (*Ports, error) {
	ps := &Ports{OwnersUnknown: t.Unowned}
	ps.kinds.values, ps.subnets.values, ps.texts.values, ps.pairNetworks.values = t.Kinds, t.Subnets, t.Texts, t.PairNetworks
	read := ps.readRecord
	for chunk, err := range chunks {
		if err != nil {
			return nil, err
		}
		if len(chunk) == 0 {
			read = ps.readPair
		}
		for in := (&packedReader{rest: chunk}); len(in.rest) > 0; {
			if read(in); in.bad {
				return nil, errPacked
			}
		}
	}
	return ps, nil
}

// packedReader reads numbers and bytes until the first that is not there.
type packedReader struct {
	rest []byte
	bad  bool
}

func (in *packedReader) number(below int) uint32 {
	v, n := binary.Uvarint(in.rest)
	if n <= 0 || v >= uint64(below) {
		in.rest, in.bad = nil, true
		return 0
	}
	in.rest = in.rest[n:]
	return uint32(v)
}

func (in *packedReader) bytes(n int) []byte {
	if len(in.rest) < n {
		in.rest, in.bad = nil, true
		return make([]byte, n)
	}
	b := in.rest[:n]
	in.rest = in.rest[n:]
	return b
}

func (ps *Ports) readRecord(in *packedReader) {
	r := portRecord{kind: in.number(len(ps.kinds.values))}
	if in.bad {
		return
	}
	k := &ps.kinds.values[r.kind]
	r.id, r.device = [16]byte(in.bytes(16)), [16]byte(in.bytes(16))
	in.bad = in.bad || !ps.knownText(r.id, k.TextID) || !ps.knownText(r.device, k.TextDevice) || k.Form > manyAddresses
	switch k.Form {
	case oneIPv4:
		r.addrOrOffset = binary.BigEndian.Uint32(in.bytes(4))
	case manyAddresses:
		r.addrOrOffset = uint32(ps.own.nfixed)
		for last := false; !last && !in.bad; {
			f := fixedRecord{subnet: in.number(len(ps.subnets.values)), addr: [16]byte(in.bytes(16))}
			is := in.bytes(1)[0]
			f.is4, f.last = is&1 != 0, is&2 != 0
			push(&ps.own.fixed, f)
			ps.own.nfixed++
			last = f.last
		}
	}
	if in.bad || ps.own.n > 0 && ps.compare(ps.own.record(ps.own.n-1), &r) >= 0 {
		in.bad = true
		return
	}
	push(&ps.own.blocks, r)
	ps.own.n++
}

func (ps *Ports) knownText(packed [16]byte, isText bool) bool {
	return !isText || int64(binary.BigEndian.Uint32(packed[:])) < int64(len(ps.texts.values))
}

func (ps *Ports) readPair(in *packedReader) {
	b := in.bytes(38)
	p := pairRecord{addr: [16]byte(b), port: [16]byte(b[16:]), network: binary.BigEndian.Uint32(b[32:]), bits: b[36], is4: b[37]&1 != 0, portIsText: b[37]&2 != 0, used: b[37]&4 != 0}
	if in.bad = in.bad || int64(p.network) >= int64(len(ps.pairNetworks.values)) || !ps.knownText(p.port, p.portIsText); !in.bad {
		ps.pairs = append(ps.pairs, p)
	}
}
