package inventory

import (
	"iter"
	"math/bits"
	"sort"
)

// filling is what a list has while it is filled.
type filling struct {
	own    portStore // the ports that are not shared, as they came
	recent kindCache

	last  []portRange // of an earlier list
	kept  []bitset    // of each range of last: which ports of its block came again, unchanged
	moved []bitset    // likewise, which came with something changed
	next  position
}

func newFilling(last []portRange) *filling {
	f := &filling{last: last, kept: make([]bitset, len(last)), moved: make([]bitset, len(last))}
	for i := range last {
		n := len(last[i].block.records)
		f.kept[i], f.moved[i] = newBitset(n), newBitset(n)
	}
	return f
}

// keep shares a port that is the same in a block of the earlier list. Once a port has
// come with a change, all that follow with its id are kept apart, so that the last wins.
func (ps *Ports) keep(r *portRecord, p *Port) bool {
	f := ps.filling
	if len(f.last) == 0 || !ps.seek(f.last, p.ID, &f.next) {
		return false
	}
	at, block, kept, moved := f.next.at, f.last[f.next.in].block, f.kept[f.next.in], f.moved[f.next.in]
	f.next.at++
	if !moved.has(at) && ps.same(r, p, block, &block.records[at]) {
		kept.set(at)
		return true
	}
	moved.set(at)
	kept.clear(at)
	return false
}

// same compares a packed port with one of an earlier list, whose numbers are valid here.
func (ps *Ports) same(r *portRecord, p *Port, from addressSource, old *portRecord) bool {
	if r.kind != old.kind || r.device != old.device {
		return false
	}
	if ps.kinds.values[r.kind].Form != manyAddresses {
		return r.addrOrOffset == old.addrOrOffset
	}
	i := 0
	for f := range ps.addresses(from, old) {
		if i == len(p.Fixed) || p.Fixed[i] != f {
			return false
		}
		i++
	}
	return i == len(p.Fixed)
}

// divide ends the filling: it puts what was kept, and the own ports, which are sorted,
// into ranges.
func (ps *Ports) divide() {
	f := ps.filling
	ps.filling = nil
	if len(f.last) == 0 {
		ps.addBlocks(f.own.n, f.own.take(0, f.own.n))
		return
	}
	own := 0
	for i := range f.last {
		end := f.own.n
		if i+1 < len(f.last) {
			begin := ps.id(&f.last[i+1].block.records[0])
			end = own + sort.Search(f.own.n-own, func(n int) bool { return ps.id(f.own.record(own+n)).Compare(begin) >= 0 })
		}
		ps.addRange(f.last[i].block, f.kept[i], end-own, f.own.take(own, end))
		own = end
	}
}

// addRange adds what is kept of a block, and n own records beside it. Where much has
// changed it makes new blocks of them: each block has its own measure, so that not all
// are made at once.
func (ps *Ports) addRange(block *portBlock, kept bitset, n int, own iter.Seq2[addressSource, *portRecord]) {
	size, nkept := len(block.records), 0
	for _, word := range kept {
		nkept += bits.OnesCount64(word)
	}
	r := portRange{block: block}
	if nkept < size {
		r.kept = kept
	}
	if n > 0 {
		r.own = ps.blocks(n, n, own)[0]
	}
	id := block.records[0].id
	if measure := size/16 + size*int(31*id[3]+id[7])/(16*256); max(size-nkept, n) > measure {
		ps.addBlocks(nkept+n, func(yield func(addressSource, *portRecord) bool) { ps.each(&r, yield) })
		return
	}
	ps.ranges, ps.n = append(ps.ranges, r), ps.n+nkept+n
}

// addBlocks adds n records in blocks of their own.
func (ps *Ports) addBlocks(n int, records iter.Seq2[addressSource, *portRecord]) {
	for _, block := range ps.blocks(n, recordsPerBlock, records) {
		ps.ranges, ps.n = append(ps.ranges, portRange{block: block}), ps.n+len(block.records)
	}
}
