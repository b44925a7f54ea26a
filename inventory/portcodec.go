package inventory

import (
	"encoding/binary"
	"errors"
	"iter"
	"slices"
)

// portTables are what the packed ports of a list refer to by number.
type portTables struct {
	Kinds        []portKind
	Subnets      []ID
	Texts        []string
	PairNetworks []ID
	Numbers      int  `json:",omitempty"` // how many there were when these were begun
	Unowned      bool `json:",omitempty"` // OwnersUnknown
}

const (
	chunkPorts = 8192    // about so many go into one chunk
	chunkMax   = 1 << 20 // bytes
	pairBytes  = 38
)

var errPacked = errors.New("the packed ports are damaged")

// packed goes over the sections of a list, each in chunks of at most chunkMax bytes and
// an empty chunk between two: the ports of its blocks; which of them it keeps, nothing
// for all; its own ports beside them; its pairs. So a list that differs little from the
// one before differs in few chunks. Each is good until the next step.
func (ps *Ports) packed() iter.Seq[[]byte] {
	blocks := func(r *portRange) *portBlock { return r.block }
	own := func(r *portRange) *portBlock { return r.own }
	return func(yield func([]byte) bool) {
		for i, section := range []iter.Seq[[]byte]{ps.packedRecords(blocks), ps.packedKept(), ps.packedRecords(own), ps.packedPairs()} {
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
func (ps *Ports) packedRecords(of func(*portRange) *portBlock) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var chunk []byte
		for i := range ps.ranges {
			block := of(&ps.ranges[i])
			for at := 0; block != nil && at < len(block.records); at++ {
				r := &block.records[at]
				chunk = ps.appendRecord(chunk, block, r)
				if ends := (31*binary.BigEndian.Uint32(r.id[:])+binary.BigEndian.Uint32(r.id[4:]))%chunkPorts == 0; ends || len(chunk) > chunkMax-chunkMax/8 {
					if !yield(chunk) {
						return
					}
					chunk = chunk[:0]
				}
			}
		}
		yield(chunk)
	}
}

func (ps *Ports) packedKept() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if !slices.ContainsFunc(ps.ranges, func(r portRange) bool { return r.kept != nil || r.own != nil }) {
			return
		}
		var chunk []byte
		n := 0
		for i := range ps.ranges {
			for at := range ps.ranges[i].block.records {
				if n%8 == 0 {
					chunk = append(chunk, 0)
				}
				if ps.ranges[i].has(at) {
					chunk[n/8] |= 1 << (n % 8)
				}
				n++
			}
		}
		for piece := range slices.Chunk(chunk, chunkMax) {
			if !yield(piece) {
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

func (ps *Ports) appendRecord(b []byte, from addressSource, r *portRecord) []byte {
	b = binary.AppendUvarint(b, uint64(r.kind))
	b = append(append(b, r.id[:]...), r.device[:]...)
	switch ps.kinds.values[r.kind].Form {
	case oneIPv4:
		b = binary.BigEndian.AppendUint32(b, r.addrOrOffset)
	case manyAddresses:
		for f := range fixedOf(from, r) {
			b = binary.AppendUvarint(b, uint64(f.subnet))
			b = append(append(b, f.addr[:]...), flags(f.is4, f.last))
		}
	}
	return b
}

// unpackPorts reads what packed wrote. It trusts no number in it.
func unpackPorts(t *portTables, chunks iter.Seq2[[]byte, error]) (*Ports, error) {
	ps := &Ports{OwnersUnknown: t.Unowned, numbers: t.Numbers}
	ps.kinds.values, ps.subnets.values, ps.texts.values, ps.pairNetworks.values = t.Kinds, t.Subnets, t.Texts, t.PairNetworks
	var base, own portStore
	var kept []byte
	sections := []func(*packedReader){
		func(in *packedReader) { ps.readRecord(in, &base) },
		func(in *packedReader) { kept = append(kept, in.bytes(len(in.rest))...) },
		func(in *packedReader) { ps.readRecord(in, &own) },
		ps.readPair,
	}
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
	n := base.n
	if len(kept) == 0 && own.n > 0 || len(kept) > 0 && len(kept) != (n+7)/8 {
		return nil, errPacked
	}
	ps.addBlocks(n, base.take(0, n))
	if len(kept) > 0 {
		ps.filling = newFilling(ps.ranges)
		ps.filling.own, ps.ranges, ps.n = own, nil, 0
		at := 0
		for i, r := range ps.filling.last {
			for j := range r.block.records {
				if kept[at/8]>>(at%8)&1 != 0 {
					ps.filling.kept[i].set(j)
				}
				at++
			}
		}
	}
	ps.Freeze()
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

func (ps *Ports) readRecord(in *packedReader, to *portStore) {
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
		r.addrOrOffset = uint32(to.nfixed)
		for last := false; !last && !in.bad; {
			f := fixedRecord{subnet: in.number(len(ps.subnets.values)), addr: [16]byte(in.bytes(16))}
			is := in.bytes(1)[0]
			f.is4, f.last = is&1 != 0, is&2 != 0
			push(&to.fixed, f)
			to.nfixed++
			last = f.last
		}
	}
	if in.bad || to.n > 0 && ps.compare(to.record(to.n-1), &r) >= 0 {
		in.bad = true
		return
	}
	push(&to.pieces, r)
	to.n++
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
