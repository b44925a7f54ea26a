package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"go4.org/netipx"

	"cloudip_exporter/inventory"
)

// ErrNone says that there is no storage to read.
var ErrNone = errors.New("nothing is recorded here: no storage is open")

// Reader reads a file, also while the daemon writes it.
type Reader struct{ db *sql.DB }

// OpenReader opens a file for reading alone.
func OpenReader(path string) (*Reader, error) {
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read storage %s: no daemon has written it yet", path)
		}
		return nil, fmt.Errorf("read storage: %w", err)
	}
	at := "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=ro"
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		at += "&immutable=1" // nobody writes it, and its directory may be read-only
	}
	db, err := openDB(at, readersAtOnce)
	if err != nil {
		return nil, fmt.Errorf("read storage %s: %w", path, err)
	}
	var version int
	err = db.QueryRow(`PRAGMA user_version`).Scan(&version)
	if err == nil && version != schemaVersion {
		err = fmt.Errorf("another version of this program wrote it (schema %d, this one knows %d)", version, schemaVersion)
	}
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("read storage %s: %w", path, err)
	}
	return &Reader{db}, nil
}

// Close ends the reading.
func (r *Reader) Close() error { return r.db.Close() }

// Query narrows what History returns; the zero value is everything.
type Query struct {
	Cloud, Project string
	Addresses      netip.Prefix
	Subnet         inventory.ID
	Device         inventory.ID
	Since, Until   time.Time // what lasted at any time between these
	At             time.Time // what was seen before, and is not known to have ended by then
}

// Tenure says that something had an address from FirstSeen to LastSeen, by
// complete answers of the cloud.
type Tenure struct {
	Cloud, Project  string
	Kind            Kind
	Address         netip.Addr
	Item            inventory.ID // port, private IP, server, public IP or sub-interface
	Device          inventory.ID
	Port            inventory.ID // at which a public IP points
	Private         netip.Addr   // likewise
	Subnet, Network inventory.ID
	SubnetName      string // as it was then
	DeviceName      string // likewise, of a server
	Owner           string
	Holder          string
	Status          string
	BeganAfter      time.Time // the last answer without it; zero: none came before
	FirstSeen       time.Time
	LastSeen        time.Time
	EndedBefore     time.Time // the first answer without it; zero while it lasts
	IdleSince       time.Time // zero: it is, or was at last, in use
}

// History goes over the tenures that q asks for, by address, then by FirstSeen.
func (r *Reader) History(ctx context.Context, q Query) iter.Seq2[Tenure, error] {
	return func(yield func(Tenure, error) bool) {
		where, args, index, err := r.where(ctx, q)
		if err != nil {
			yield(Tenure{}, err)
			return
		}
		lastSeen := "coalesce(e.ended - e.unseen, s.at)"
		then := lastSeen
		if !q.At.IsZero() {
			then = fmt.Sprintf("min(%d, %s)", millis(q.At), lastSeen)
		}
		rows, err := r.db.QueryContext(ctx, `SELECT g.cloud, g.project, t.kind, t.address, t.item, t.device, t.port, t.private, a.subnet, a.network, a.owner, a.holder, a.status,
			t.before, t.first, e.ended, t.idle, `+lastSeen+`, `+nameAt("a.subnet", then)+`, `+nameAt("t.device", then)+`
			FROM tenures t INDEXED BY `+index+` LEFT JOIN ends e ON e.tenure = t.id CROSS JOIN targets g ON g.id = t.target CROSS JOIN attributes a ON a.id = t.attributes
			CROSS JOIN sights s ON s.target = t.target AND s.kind = t.kind`+where+` ORDER BY t.address, t.first, t.id`, args...)
		if err != nil {
			yield(Tenure{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			var t Tenure
			if err := t.scan(rows); !yield(t, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Tenure{}, err)
		}
	}
}

// nameAt is the name that a subnet or a server had at a time, else the first known one.
func nameAt(item, at string) string {
	name := `(SELECT name FROM names WHERE target = t.target AND item = ` + item
	return `coalesce(` + name + ` AND since <= ` + at + ` ORDER BY since DESC, cidr DESC LIMIT 1), ` + name + ` ORDER BY since, cidr LIMIT 1), '')`
}

// where returns the condition of a query, and the index that serves it.
func (r *Reader) where(ctx context.Context, q Query) (where string, args []any, index string, err error) {
	index = "tenures_address"
	var all []string
	add := func(condition string, values ...any) {
		all, args = append(all, condition), append(args, values...)
	}
	if q.Addresses.IsValid() {
		add(inRange(q.Addresses, &args))
	}
	if !q.Subnet.IsZero() {
		ranges, err := r.rangesOf(ctx, q.Subnet)
		if err != nil {
			return "", nil, "", err
		}
		var any []string
		for _, p := range ranges {
			any = append(any, inRange(p, &args))
		}
		if len(any) > 0 {
			add("(" + strings.Join(any, " OR ") + ")")
		}
		add("t.attributes IN (SELECT id FROM attributes WHERE subnet = ?)", idValue(q.Subnet))
	}
	if !q.Device.IsZero() {
		index = "tenures_device"
		add("substr(t.device, 1, 6) = substr(?, 1, 6) AND t.device = ?", idValue(q.Device), idValue(q.Device))
	}
	if q.Cloud != "" {
		add("g.cloud = ?", q.Cloud)
	}
	if q.Project != "" {
		add("g.project = ?", q.Project)
	}
	if !q.Since.IsZero() {
		add("(e.ended IS NULL OR e.ended > ?)", millis(q.Since))
	}
	if !q.Until.IsZero() {
		add("t.first <= ?", millis(q.Until))
	}
	if !q.At.IsZero() {
		add("t.first <= ? AND (e.ended IS NULL OR e.ended > ?)", millis(q.At), millis(q.At))
	}
	if len(all) > 0 {
		where = " WHERE " + strings.Join(all, " AND ")
	}
	return where, args, index, nil
}

// inRange is the condition that an address is in a prefix.
func inRange(p netip.Prefix, args *[]any) string {
	r := netipx.RangeOfPrefix(p.Masked())
	*args = append(*args, r.From().AsSlice(), r.To().AsSlice(), r.From().BitLen()/8)
	return "(t.address BETWEEN ? AND ? AND length(t.address) = ?)"
}

// rangesOf returns the prefixes that a subnet had.
func (r *Reader) rangesOf(ctx context.Context, subnet inventory.ID) ([]netip.Prefix, error) {
	rows, err := r.db.QueryContext(ctx, `SELECT DISTINCT cidr FROM names WHERE target IN (SELECT id FROM targets) AND item = ? AND cidr <> ''`, idValue(subnet))
	var all []netip.Prefix
	var cidr string
	err = each(rows, err, func() {
		if p, err := netip.ParsePrefix(cidr); err == nil {
			all = append(all, p)
		}
	}, &cidr)
	return all, err
}

func (t *Tenure) scan(rows *sql.Rows) error {
	var address, private []byte
	var item, device, port, subnet, network any
	var before, ended, idle sql.NullInt64
	var first, last int64
	err := rows.Scan(&t.Cloud, &t.Project, &t.Kind, &address, &item, &device, &port, &private, &subnet, &network, &t.Owner, &t.Holder, &t.Status,
		&before, &first, &ended, &idle, &last, &t.SubnetName, &t.DeviceName)
	t.Address, t.Item, t.Device, t.Subnet, t.Network = addressOf(address), idOf(item), idOf(device), idOf(subnet), idOf(network)
	t.Port, t.Private, t.FirstSeen, t.LastSeen = idOf(port), addressOf(private), timeOf(first), timeOf(last)
	if before.Valid {
		t.BeganAfter = timeOf(first - before.Int64)
	}
	if ended.Valid {
		t.EndedBefore = timeOf(ended.Int64)
	}
	if idle.Valid {
		t.IdleSince = timeOf(idle.Int64)
	}
	return err
}

// LastHoldersOf says, by cloud and project, who held an address of those whose tenures
// have ended last.
func (r *Reader) LastHoldersOf(ctx context.Context, address netip.Addr) (map[[2]string]string, error) {
	last, said := map[[2]string]Tenure{}, map[[2]string]string{}
	for t, err := range r.History(ctx, Query{Addresses: netip.PrefixFrom(address, address.BitLen())}) {
		if err != nil {
			return nil, err
		}
		of := [2]string{t.Cloud, t.Project}
		if before, is := last[of]; !t.EndedBefore.IsZero() && (!is || !t.LastSeen.Before(before.LastSeen)) {
			last[of], said[of] = t, t.String()
		}
	}
	return said, nil
}
