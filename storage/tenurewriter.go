package storage

import (
	"iter"
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

// newTenure is a tenure that begins.
type newTenure struct {
	identity
	hash   uint64
	number uint32 // of its attributes
	idle   bool
}

// beginAtOnce tenures are written together, by address, which spares the index of
// addresses most of its changes of pages.
const beginAtOnce = 1 << 14

// see writes what a sighting changes, and keeps what it begins.
func (w *tenureWriter) see(s sighting) error {
	number, err := w.number(s.attributes)
	if err != nil {
		return err
	}
	hash := hashOf(w.seed, s.identity)
	o := w.open.find(hash)
	if o == nil {
		w.begins = append(w.begins, newTenure{s.identity, hash, number, s.idle})
		if len(w.begins) < beginAtOnce {
			return nil
		}
		return w.begin()
	}
	o.seen = true
	if o.attributes == number {
		return nil
	}
	since, wasIdle := w.old.idle[hash]
	switch {
	case s.idle && !wasIdle:
		since = w.at
		w.idle[hash] = since
	case !s.idle && wasIdle:
		w.idle[hash] = 0
	}
	if err := w.lookUp(o, s.identity); err != nil {
		return err
	}
	return w.exec(`UPDATE tenures SET attributes = ?, idle = ? WHERE id = ?`, number, orNull(since, s.idle), o.row)
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

// end ends the tenures that were not seen.
func (w *tenureWriter) end(went iter.Seq[sighting]) error {
	if !slices.ContainsFunc(w.open, func(o openTenure) bool { return !o.seen }) {
		return nil
	}
	for s := range went {
		if o := w.open.find(hashOf(w.seed, s.identity)); !o.seen {
			if err := w.lookUp(o, s.identity); err != nil {
				return err
			}
		}
	}
	var ended []int64
	for _, o := range w.open {
		if o.seen {
			continue
		}
		ended = append(ended, o.row)
		if _, wasIdle := w.old.idle[o.hash]; wasIdle {
			w.idle[o.hash] = 0
		}
	}
	slices.Sort(ended)
	for _, id := range ended {
		if err := w.exec(`INSERT INTO ends VALUES (?, ?, ?)`, id, w.at, w.at-w.old.at); err != nil {
			return err
		}
	}
	return w.mark(w.target, w.kind, ended, nil)
}

// lookUp reads which row a tenure that lasts has: the latest of its identity.
func (w *tenureWriter) lookUp(o *openTenure, id identity) error {
	if o.row != 0 {
		return nil
	}
	query, err := w.statement(`SELECT id FROM tenures WHERE address = ? AND target = ? AND kind = ? AND item = ? AND device IS ? AND port IS ? AND private IS ? ORDER BY first DESC, id DESC LIMIT 1`)
	if err != nil {
		return err
	}
	return query.QueryRow(id.address.AsSlice(), w.target, w.kind, idValue(id.item), idOrNull(id.device), idOrNull(id.port), id.private.AsSlice()).Scan(&o.row)
}
