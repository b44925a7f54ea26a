package storage

import (
	"database/sql"
	"errors"
	"iter"
	"slices"

	"cloudip_exporter/inventory"
)

// changes is what the writing of one observation changes in memory, once it is
// committed.
type changes struct {
	sets  []*delta
	names map[named]string
}

// writeTenures writes what the new answers of a snapshot begin, change and end. An
// answer that does not count yet, or that was written, changes nothing.
func (f *file) writeTenures(t *target, snap *inventory.Snapshot, maxStale int64) (changes, error) {
	c := changes{}
	var at int64
	for kind := range Kind(kinds) {
		st, set := kind.answer(snap), &t.sets[kind]
		if st == nil || st.Part == set.part {
			continue
		}
		if err := f.load(t, kind); err != nil {
			return c, err
		}
		d := set.begin(max(millis(st.LastSuccess), set.sight), snap, st.Part)
		at = max(at, d.at)
		c.sets = append(c.sets, d)
		if err := f.writeSet(t, kind, d, maxStale); err != nil {
			return c, err
		}
	}
	if at == 0 {
		return c, nil
	}
	var err error
	c.names, err = f.writeNames(t, snap, at)
	return c, err
}

func (f *file) writeSet(t *target, kind Kind, d *delta, maxStale int64) error {
	set := d.set
	came, went, part := sightings(kind, d.last), iter.Seq[sighting](nil), false
	if kind == Port && set.last != nil {
		var ports, gone iter.Seq[inventory.Port]
		if ports, gone, part = inventory.PortChanges(set.last, d.last); part {
			came, went = onPorts(d.last, ports), onPorts(set.last, gone)
		}
	}
	if kind != Port && kind != PublicIP && set.last != nil && inventory.SameAddresses(set.last, d.last) {
		came, went, part = none, none, true
	}
	if kind == Port && len(set.list) == 0 { // all begin: there need not be an old and a larger list at once
		n := 0
		for range came {
			n++
		}
		d.begun = make([]openTenure, 0, n+n/16)
	}
	w := tenureWriter{file: f, target: t.id, kind: kind, delta: d}
	for s := range came {
		if err := w.see(s); err != nil {
			return err
		}
	}
	if err := w.begin(); err != nil {
		return err
	}
	if err := w.end(went, part); err != nil {
		return err
	}
	if set.sight > 0 && d.at-set.sight > maxStale && kind != SubInterface { // that gap is the ports'
		if err := w.exec(`INSERT OR REPLACE INTO gaps VALUES (?, ?, ?, ?)`, t.id, kind, set.sight, d.at); err != nil {
			return err
		}
	}
	return w.exec(`INSERT OR REPLACE INTO sights VALUES (?, ?, ?)`, t.id, kind, d.at)
}

func none(func(sighting) bool) {}

// tenureWriter writes the tenures of one answer.
type tenureWriter struct {
	*file
	target int64
	kind   Kind
	*delta
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
	at, found := w.set.find(hash)
	if !found {
		w.begins = append(w.begins, newTenure{s.identity, hash, number, s.idle})
		if len(w.begins) < beginAtOnce {
			return nil
		}
		return w.begin()
	}
	put(w.seen, at)
	old := w.set.list[at]
	if old.attributes == number {
		return nil
	}
	since, wasIdle := w.set.idle[hash]
	switch {
	case s.idle && !wasIdle:
		since = w.at
		w.idle[hash] = since
	case !s.idle && wasIdle:
		w.idle[hash] = 0
	}
	w.changed = append(w.changed, openTenure{hash, old.row, number})
	return w.exec(`UPDATE tenures SET attributes = ?, idle = ? WHERE id = ?`, number, orNull(since, s.idle), old.row)
}

// begin writes the tenures that begin.
func (w *tenureWriter) begin() error {
	slices.SortFunc(w.begins, func(a, b newTenure) int { return a.address.Compare(b.address) })
	before := orNull(w.at-w.set.sight, w.set.sight > 0)
	for _, s := range w.begins {
		row, err := w.insert(`INSERT INTO tenures (target, kind, address, item, device, port, private, attributes, first, before, idle) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			w.target, w.kind, s.address.AsSlice(), idValue(s.item), idOrNull(s.device), idOrNull(s.port), s.private.AsSlice(), s.number, w.at, before, orNull(w.at, s.idle))
		if err != nil {
			return err
		}
		if s.idle {
			w.idle[s.hash] = w.at
		}
		w.begun = append(w.begun, openTenure{s.hash, row, s.number})
	}
	w.begins = w.begins[:0]
	return nil
}

// end ends the tenures that were not seen: of those that went, or, where the answer
// was read as a whole, of all.
func (w *tenureWriter) end(went iter.Seq[sighting], part bool) error {
	if part {
		for s := range went {
			if at, found := w.set.find(hashOf(w.seed, s.identity)); found && !has(w.seen, at) {
				put(w.ended, at)
			}
		}
	} else {
		for i := range w.set.list {
			if !has(w.seen, i) {
				put(w.ended, i)
			}
		}
	}
	var ended []int64
	for i, t := range w.set.list {
		if has(w.ended, i) {
			ended = append(ended, t.row)
		}
	}
	slices.Sort(ended)
	for _, id := range ended {
		if err := w.exec(`INSERT INTO ends VALUES (?, ?, ?)`, id, w.at, w.at-w.set.sight); err != nil {
			return err
		}
	}
	return w.mark(w.target, w.kind, ended, func(yield func(int64) bool) {
		for _, t := range w.begun {
			if !yield(t.row) {
				return
			}
		}
	})
}

// number returns the number of attributes, as the file knows them.
func (f *file) number(a attributes) (uint32, error) {
	if n, ok := f.attributes[a]; ok {
		return n, nil
	}
	values := []any{idValue(a.subnet), idValue(a.network), a.owner, a.holder, a.status, a.idle}
	var n int64
	err := f.row(`SELECT id FROM attributes WHERE subnet = ? AND network = ? AND owner = ? AND holder = ? AND status = ? AND idle = ?`, values...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		n, err = f.insert(`INSERT INTO attributes (subnet, network, owner, holder, status, idle) VALUES (?, ?, ?, ?, ?, ?)`, values...)
	}
	if err == nil {
		f.attributes[a] = uint32(n)
	}
	return uint32(n), err
}

// load reads the open tenures of a kind, once after the file was opened.
func (f *file) load(t *target, kind Kind) error {
	set := &t.sets[kind]
	if set.loaded {
		return nil
	}
	var sight int64
	err := f.row(`SELECT at FROM sights WHERE target = ? AND kind = ?`, t.id, kind).Scan(&sight)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var list []openTenure
	idleSince := map[uint64]int64{}
	var o openTenure
	var address, private []byte
	var item, device, port any
	var idle sql.NullInt64
	err = eachLasting(f.query, t.id, kind, `t.id, t.address, t.item, t.device, t.port, t.private, t.attributes, t.idle`, ``, func() {
		o.hash = hashOf(f.seed, identity{addressOf(address), idOf(item), idOf(device), idOf(port), addressOf(private)})
		if idle.Valid {
			idleSince[o.hash] = idle.Int64
		}
		list = append(list, o)
	}, &o.row, &address, &item, &device, &port, &private, &o.attributes, &idle)
	if err != nil {
		return err
	}
	slices.SortFunc(list, byHash)
	f.mu.Lock()
	defer f.mu.Unlock()
	set.loaded, set.sight, set.list, set.idle = true, sight, list, idleSince
	return nil
}

// writeNames writes the names of subnets and servers that are new.
func (f *file) writeNames(t *target, snap *inventory.Snapshot, at int64) (map[named]string, error) {
	current := make(map[named]string, len(t.names))
	for key, name := range namesIn(snap) {
		old, known := t.names[key]
		current[key] = name
		if known && old == name {
			continue
		}
		if !known { // since the file was opened
			err := f.row(`SELECT name FROM names WHERE target = ? AND item = ? AND cidr = ? ORDER BY since DESC LIMIT 1`, t.id, idValue(key.item), key.cidr).Scan(&old)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return nil, err
			}
			if err == nil && old == name {
				continue
			}
		}
		if err := f.exec(`INSERT OR REPLACE INTO names VALUES (?, ?, ?, ?, ?)`, t.id, idValue(key.item), at, name, key.cidr); err != nil {
			return nil, err
		}
	}
	return current, nil
}

func namesIn(snap *inventory.Snapshot) iter.Seq2[named, string] {
	return func(yield func(named, string) bool) {
		for _, s := range snap.KnownSubnets() {
			if !yield(named{s.ID, s.Prefix.String()}, s.Name) {
				return
			}
		}
		for _, s := range inventory.Of[inventory.ServerData](snap) {
			if !yield(named{s.ID, ""}, s.Name) {
				return
			}
		}
	}
}

// apply takes over what was committed.
func (t *target) apply(c changes) {
	for _, d := range c.sets {
		d.apply()
	}
	if c.names != nil {
		t.names = c.names
	}
}
