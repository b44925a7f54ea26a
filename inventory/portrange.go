package inventory

import (
	"iter"
	"slices"
	"sort"
)

// portBlock has ports in order of id, at most recordsPerBlock. It does not change, so
// that lists share it.
type portBlock struct {
	records []portRecord
	fixed   []fixedRecord
}

// addressSource has the addresses of records of form manyAddresses.
type addressSource interface{ fixedAt(i uint32) *fixedRecord }

func (b *portBlock) fixedAt(i uint32) *fixedRecord { return &b.fixed[i] }

// fixedOf goes over the addresses of a record of form manyAddresses. It is inlined, and
// so allocates nothing.
func fixedOf(from addressSource, r *portRecord) iter.Seq[*fixedRecord] {
	return func(yield func(*fixedRecord) bool) {
		for i := r.addrOrOffset; ; i++ {
			if f := from.fixedAt(i); !yield(f) || f.last {
				return
			}
		}
	}
}

// portRange is the ports of a list that are in a range of ids. It begins at the first id
// of its block, the first range of a list at the least id.
type portRange struct {
	block *portBlock
	kept  bitset     // which of block's ports are in the list; nil: all
	own   *portBlock // those beside them; nil: none
}

func (r *portRange) has(at int) bool { return r.kept == nil || r.kept.has(at) }

// each goes over the records of a range in order of id.
func (ps *Ports) each(r *portRange, yield func(addressSource, *portRecord) bool) bool {
	own := 0
	for at := 0; at < len(r.block.records); at++ {
		if at%64 == 0 && r.kept != nil && r.kept[at/64] == 0 {
			at += 63
			continue
		}
		if !r.has(at) {
			continue
		}
		record := &r.block.records[at]
		for ; r.own != nil && own < len(r.own.records) && ps.compare(&r.own.records[own], record) < 0; own++ {
			if !yield(r.own, &r.own.records[own]) {
				return false
			}
		}
		if !yield(r.block, record) {
			return false
		}
	}
	for ; r.own != nil && own < len(r.own.records); own++ {
		if !yield(r.own, &r.own.records[own]) {
			return false
		}
	}
	return true
}

// blocks makes blocks of n records, of most records at most and of about the same size.
func (ps *Ports) blocks(n, most int, records iter.Seq2[addressSource, *portRecord]) (made []*portBlock) {
	var b *portBlock
	var fixed []fixedRecord // of b
	for from, r := range records {
		if b == nil {
			pieces := (n + most - 1) / most
			b = &portBlock{records: make([]portRecord, 0, (n+pieces-1)/pieces)}
			made, n = append(made, b), n-cap(b.records)
		}
		record := *r
		if ps.kinds.values[r.kind].Form == manyAddresses {
			record.addrOrOffset = uint32(len(fixed))
			for i := r.addrOrOffset; ; i++ {
				f := from.fixedAt(i)
				if fixed = append(fixed, *f); f.last {
					break
				}
			}
		}
		if b.records = append(b.records, record); len(b.records) == cap(b.records) {
			b.fixed = slices.Clone(fixed)
			b, fixed = nil, fixed[:0]
		}
	}
	return made
}

// position is a place in ranges: where the next port is likely to be, as listings
// come in order.
type position struct{ in, at int }

// seek looks for an id in the blocks of ranges. Where it is not, p is where it would be.
func (ps *Ports) seek(ranges []portRange, id ID, p *position) (found bool) {
	if block := ranges[p.in].block.records; p.at < len(block) && ps.id(&block[p.at]) == id {
		return true
	}
	begins := func(i int) int { return id.Compare(ps.id(&ranges[i].block.records[0])) }
	next := p.in + 1
	switch {
	case next < len(ranges) && begins(next) >= 0 && (next+1 == len(ranges) || begins(next+1) < 0):
		*p = position{in: next}
	case p.in > 0 && begins(p.in) < 0, next < len(ranges) && begins(next) >= 0:
		*p = position{in: sort.Search(len(ranges)-1, func(i int) bool { return begins(i+1) < 0 })}
	}
	p.at, found = ps.find(ranges[p.in].block.records, id, p.at)
	return found
}

// at returns the record of a port in a frozen list, nil for none.
func (ps *Ports) at(id ID, p *position) (addressSource, *portRecord) {
	if ps == nil || len(ps.ranges) == 0 {
		return nil, nil
	}
	found := ps.seek(ps.ranges, id, p)
	r := &ps.ranges[p.in]
	if found && r.has(p.at) {
		return r.block, &r.block.records[p.at]
	}
	if r.own != nil {
		if at, found := ps.find(r.own.records, id, 0); found {
			return r.own, &r.own.records[at]
		}
	}
	return nil, nil
}

// find returns the index of a port in records, or the index where it would be. It
// looks near hint first.
func (ps *Ports) find(records []portRecord, id ID, hint int) (at int, found bool) {
	low, high := 0, len(records)
	for step := 1; hint < high; hint, step = hint+step, 2*step {
		c := ps.id(&records[hint]).Compare(id)
		if c == 0 {
			return hint, true
		}
		if c > 0 {
			high = hint
			break
		}
		low = hint + 1
	}
	at, found = sort.Find(high-low, func(i int) int { return id.Compare(ps.id(&records[low+i])) })
	return low + at, found
}
