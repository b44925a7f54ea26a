package inventory

import (
	"encoding/binary"
	"errors"
	"iter"
	"math/bits"
	"slices"
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
	pairBytes  = 38
)

var errPacked = errors.New("the packed ports are damaged")

func (ps *Ports) tables() *portTables {
	if ps == nil {
		return nil
	}
	return &portTables{ps.kinds.values, ps.subnets.values, ps.texts.values, ps.pairNetworks.values, ps.OwnersUnknown}
}

// packed goes over the sections of a list, each in chunks of at most chunkMax bytes and
// an empty chunk between two: the ports of its base, or its own where it has none; which
// of base it keeps; its own ports on top of base; its pairs. So a list that differs
// little from the one before differs in few chunks. Each is good until the next step.
func (ps *Ports) packed() iter.Seq[[]byte] {
	first, second := &ps.own, &portStore{}
	if ps.base != nil {
		first, second = &ps.base.own, &ps.own
	}
	return func(yield func([]byte) bool) {
		for i, section := range []iter.Seq[[]byte]{ps.packedRecords(first), ps.packedKept(), ps.packedRecords(second), ps.packedPairs()} {
			if i > 0 && !yield(nil) {
				return
			}
			for chunk := range section {
				if len(chunk) > 0 && !yield(chunk) {
					return
				}
			}
		}
	}
}

// packedRecords ends a chunk where the id of a port says so: a port that came or went
// changes its own chunk alone.
func (ps *Ports) packedRecords(from *portStore) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var chunk []byte
		for i := range from.n {
			r := from.record(i)
			chunk = ps.appendRecord(chunk, from, r)
			if ends := (31*binary.BigEndian.Uint32(r.id[:])+binary.BigEndian.Uint32(r.id[4:]))%chunkPorts == 0; ends || len(chunk) > chunkMax-chunkMax/8 {
				if !yield(chunk) {
					return
				}
				chunk = chunk[:0]
			}
		}
		yield(chunk)
	}
}

func (ps *Ports) packedKept() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for words := range slices.Chunk(ps.kept, chunkMax/8) {
			var chunk []byte
			for _, w := range words {
				chunk = binary.BigEndian.AppendUint64(chunk, w)
			}
			if !yield(chunk) {
				return
			}
		}
	}
}

func (ps *Ports) packedPairs() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for pairs := range slices.Chunk(ps.pairs, chunkMax/pairBytes) {
			var chunk []byte
			for i := range pairs {
				p := &pairs[i]
				chunk = append(append(chunk, p.addr[:]...), p.port[:]...)
				chunk = append(binary.BigEndian.AppendUint32(chunk, p.network), p.bits, flags(p.is4, p.portIsText, p.used))
			}
			if !yield(chunk) {
				return
			}
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
	empty := func() *Ports {
		ps := &Ports{OwnersUnknown: t.Unowned}
		ps.kinds.values, ps.subnets.values, ps.texts.values, ps.pairNetworks.values = t.Kinds, t.Subnets, t.Texts, t.PairNetworks
		return ps
	}
	list := empty()
	list.base = empty()
	sections := []func(*packedReader){list.base.readRecord, list.readKept, list.readRecord, list.readPair}
	for chunk, err := range chunks {
		if err != nil {
			return nil, err
		}
		if len(chunk) == 0 {
			if sections = sections[1:]; len(sections) == 0 {
				return nil, errPacked
			}
		}
		for in := (&packedReader{rest: chunk}); len(in.rest) > 0; {
			if sections[0](in); in.bad {
				return nil, errPacked
			}
		}
	}
	if len(list.kept) == 0 {
		list.base.pairs = list.pairs
		list = list.base
	} else if n := list.base.own.n; len(list.kept) != len(newBitset(n)) || n%64 > 0 && list.kept[n/64]>>(n%64) != 0 {
		return nil, errPacked
	}
	return list, nil
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

func (ps *Ports) readKept(in *packedReader) {
	word := binary.BigEndian.Uint64(in.bytes(8))
	ps.kept = append(ps.kept, word)
	ps.nkept += bits.OnesCount64(word)
}

func (ps *Ports) knownText(packed [16]byte, isText bool) bool {
	return !isText || int64(binary.BigEndian.Uint32(packed[:])) < int64(len(ps.texts.values))
}

func (ps *Ports) readPair(in *packedReader) {
	b := in.bytes(pairBytes)
	p := pairRecord{addr: [16]byte(b), port: [16]byte(b[16:]), network: binary.BigEndian.Uint32(b[32:]), bits: b[36], is4: b[37]&1 != 0, portIsText: b[37]&2 != 0, used: b[37]&4 != 0}
	if in.bad = in.bad || int64(p.network) >= int64(len(ps.pairNetworks.values)) || !ps.knownText(p.port, p.portIsText); !in.bad {
		ps.pairs = append(ps.pairs, p)
	}
}
