package storage

import (
	"cmp"
	"encoding/hex"
	"net/netip"
	"slices"
)

// tenureWriter writes the tenures of one answer.
type tenureWriter struct {
	*file
	target int64
	kind   Kind
	*delta
	open   openTenures
	begins []newTenure // that are not written yet
}

type newTenure struct {
	identity
	hash   uint64
	number uint32 // of its attributes
	idle   bool
}

// atOnce tenures are written together: those that begin by address, which spares the
// index of addresses most of its changes of pages.
const atOnce = 1 << 14

// see notes what a sighting changes, and what it begins.
func (w *tenureWriter) see(s sighting) error {
	number, err := w.number(s.attributes)
	if err != nil {
		return err
	}
	hash := hashOf(w.seed, s.identity)
	o := w.open.find(hash)
	if o == nil {
		w.begins = append(w.begins, newTenure{s.identity, hash, number, s.idle})
		if len(w.begins) < atOnce {
			return nil
		}
		return w.begin()
	}
	o.now = number
	if _, wasIdle := w.old.idle[hash]; s.idle && !wasIdle {
		w.idle[hash] = w.at
	} else if !s.idle && wasIdle {
		w.idle[hash] = 0
	}
	return nil
}

// begin writes the tenures that begin.
func (w *tenureWriter) begin() error {
	slices.SortFunc(w.begins, func(a, b newTenure) int { return a.address.Compare(b.address) })
	before := orNull(w.at-w.old.at, w.old.at > 0)
	rows := make([]int64, 0, len(w.begins))
	for _, s := range w.begins {
		row, err := w.insert(`INSERT INTO tenures (target, kind, address, item, device, port, private, attributes, first, before, idle) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			w.target, w.kind, s.address.AsSlice(), idValue(s.item), idOrNull(s.device), idOrNull(s.port), s.private.AsSlice(), s.number, w.at, before, orNull(w.at, s.idle))
		if err != nil {
			return err
		}
		if s.idle {
			w.idle[s.hash] = w.at
		}
		rows = append(rows, row)
	}
	w.begins = w.begins[:0]
	return w.mark(w.target, w.kind, nil, rows)
}

// end ends the tenures that were not seen, and writes the attributes of those that
// have others now. What somebody has deleted from the file is left alone.
func (w *tenureWriter) end() error {
	var changed []*openTenure
	for i := range w.open {
		if o := &w.open[i]; o.now != o.attributes {
			changed = append(changed, o)
		}
	}
	if err := w.lookUp(changed); err != nil {
		return err
	}
	slices.SortFunc(changed, func(a, b *openTenure) int { return cmp.Compare(a.row, b.row) })
	var ended []int64
	for _, o := range changed {
		since, known := w.idle[o.hash]
		if !known {
			since = w.old.idle[o.hash]
		}
		switch {
		case o.row == 0:
		case o.now == 0:
			ended = append(ended, o.row)
			if since > 0 {
				w.idle[o.hash] = 0
			}
		default:
			if err := w.exec(`UPDATE tenures SET attributes = ?, idle = ? WHERE id = ?`, o.now, orNull(since, since > 0), o.row); err != nil {
				return err
			}
		}
	}
	for some := range slices.Chunk(ended, atOnce) {
		if err := w.exec(`INSERT INTO ends SELECT value, ?, ? FROM json_each(?)`, w.at, w.at-w.old.at, jsonOf(some)); err != nil {
			return err
		}
	}
	return w.mark(w.target, w.kind, ended, nil)
}

// lookUp reads which rows tenures have, in the order of addresses and each address once:
// thousands of networks may have the same ones, each with many tenures that have ended.
func (w *tenureWriter) lookUp(tenures []*openTenure) error {
	var addresses []string
	for _, o := range tenures {
		if o.row == 0 {
			addresses = append(addresses, hex.EncodeToString(netip.AddrFrom16(o.address).Unmap().AsSlice()))
		}
	}
	slices.Sort(addresses)
	query, err := w.statement(`SELECT t.id, t.address, t.item, t.device, t.port, t.private
		FROM json_each(?) a CROSS JOIN tenures o ON o.address = unhex(a.value) CROSS JOIN tenures t ON t.id = o.id
		WHERE NOT EXISTS (SELECT 1 FROM ends WHERE tenure = o.id) AND t.target = ? AND t.kind = ?`)
	if err != nil {
		return err
	}
	var row int64
	var item, device, port any
	var address, private []byte
	for some := range slices.Chunk(slices.Compact(addresses), atOnce) {
		rows, err := query.Query(jsonOf(some), w.target, w.kind)
		err = each(rows, err, func() {
			if o := w.open.find(hashOf(w.seed, identityOf(address, item, device, port, private))); o != nil {
				o.row = row
			}
		}, &row, &address, &item, &device, &port, &private)
		if err != nil {
			return err
		}
	}
	return nil
}
