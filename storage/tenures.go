package storage

import (
	"database/sql"
	"errors"
	"iter"

	"cloudip_exporter/inventory"
)

// changes is what the writing of one observation changes in memory, once it is
// committed.
type changes struct {
	answers []*delta
	names   map[named]string
}

// writeTenures writes what the new answers of a snapshot begin, change and end. An
// answer that does not count yet, or that was written, changes nothing.
func (f *file) writeTenures(t *target, snap *inventory.Snapshot, maxStale int64) (changes, error) {
	c := changes{}
	var at int64
	for kind := range Kind(kinds) {
		st, old := kind.answer(snap), &t.watched[kind]
		if st == nil || st.Part == old.part {
			continue
		}
		if err := f.load(t, kind); err != nil {
			return c, err
		}
		d := &delta{old: old, at: max(millis(st.LastSuccess), old.at), part: st.Part, snap: snap, idle: map[uint64]int64{}}
		at = max(at, d.at)
		c.answers = append(c.answers, d)
		if err := f.writeKind(t, kind, d, maxStale); err != nil {
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

func (f *file) writeKind(t *target, kind Kind, d *delta, maxStale int64) error {
	came, went := differences(kind, d.old.snap, d.snap)
	open, err := f.lasting(t.id, kind, d.old.snap != nil, went)
	if err != nil {
		return err
	}
	w := tenureWriter{file: f, target: t.id, kind: kind, delta: d, open: open}
	for s := range came {
		if err := w.see(s); err != nil {
			return err
		}
	}
	if err := w.begin(); err != nil {
		return err
	}
	if err := w.end(); err != nil {
		return err
	}
	if since := d.old.at; since > 0 && d.at-since > maxStale && kind != SubInterface { // that gap is the ports'
		if err := w.exec(`INSERT OR REPLACE INTO gaps VALUES (?, ?, ?, ?)`, t.id, kind, since, d.at); err != nil {
			return err
		}
	}
	return w.exec(`INSERT OR REPLACE INTO sights VALUES (?, ?, ?)`, t.id, kind, d.at)
}

// lasting returns the tenures that may not last: of what the old answer showed, or, where
// the file alone knows that, all that last in it.
func (f *file) lasting(target int64, kind Kind, shown bool, went iter.Seq[sighting]) (openTenures, error) {
	var list []openTenure
	if shown {
		for s := range went {
			number, err := f.number(s.attributes)
			if err != nil {
				return nil, err
			}
			list = append(list, openTenure{hash: hashOf(f.seed, s.identity), address: s.address.As16(), attributes: number})
		}
		return openOf(list), nil
	}
	var o openTenure
	var address, private []byte
	var item, device, port any
	err := eachLasting(f.query, target, kind, `t.id, t.address, t.item, t.device, t.port, t.private, t.attributes`, ``, func() {
		o.hash = hashOf(f.seed, identityOf(address, item, device, port, private))
		list = append(list, o)
	}, &o.row, &address, &item, &device, &port, &private, &o.attributes)
	return openOf(list), err
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

// load reads since when tenures of a kind are idle, once after the file was opened.
func (f *file) load(t *target, kind Kind) error {
	w := &t.watched[kind]
	if w.loaded {
		return nil
	}
	var at, since int64
	err := f.row(`SELECT at FROM sights WHERE target = ? AND kind = ?`, t.id, kind).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	idle := map[uint64]int64{}
	var address, private []byte
	var item, device, port any
	err = eachLasting(f.query, t.id, kind, `t.address, t.item, t.device, t.port, t.private, t.idle`, `WHERE t.idle IS NOT NULL`, func() {
		idle[hashOf(f.seed, identityOf(address, item, device, port, private))] = since
	}, &address, &item, &device, &port, &private, &since)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	*w = watched{loaded: true, at: at, idle: idle}
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
	for _, d := range c.answers {
		d.apply()
	}
	if c.names != nil {
		t.names = c.names
	}
}
