package storage

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"

	"cloudip_exporter/filelock"
)

//go:embed schema.sql
var schema string

const (
	schemaVersion = 1
	damagedMax    = 3 // damaged files that are kept
	readersAtOnce = 4
	// Codes of SQLite for a file that is damaged or none of its own.
	codeCorrupt, codeNotADatabase = 11, 26
)

// errLocked says that another process writes the file.
var errLocked = errors.New("another process writes it: give each process a file of its own, or wait until that one ends")

// database is an open SQLite file, for its one writer.
type database struct {
	db         *sql.DB // readers
	writing    *sql.DB
	conn       *sql.Conn // of writing
	statements map[string]*sql.Stmt
	lock       *os.File // nil in memory
	made       os.FileInfo
}

// openDatabase opens the file, or makes it; without a path one in memory.
func openDatabase(path string) (*database, error) {
	f := &database{statements: map[string]*sql.Stmt{}}
	err := f.open(path)
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *database) open(path string) error {
	at := "file:/" + fmt.Sprintf("%p", f) + "?vfs=memdb"
	if path != "" {
		at = "file:" + (&url.URL{Path: path}).EscapedPath() + "?"
		if err := f.create(path); err != nil {
			return err
		}
	}
	// Every commit is synced to the disk: what is said to be there is there.
	var err error
	if f.writing, err = openDB(at, 1, "auto_vacuum(incremental)", "journal_mode(wal)", "synchronous(full)", "cache_size(-4000)", "journal_size_limit(16000000)"); err != nil {
		return err
	}
	if f.conn, err = f.writing.Conn(context.Background()); err != nil {
		return err
	}
	if err := f.migrate(); err != nil {
		return err
	}
	if path != "" {
		for _, name := range []string{path, path + "-wal", path + "-shm"} { // a copy may be readable by others
			_ = os.Chmod(name, 0o600)
		}
	}
	f.db, err = openDB(at, readersAtOnce, "query_only(1)")
	return err
}

func openDB(at string, conns int, pragmas ...string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", at+"&_pragma=busy_timeout(5000)&_pragma="+strings.Join(append(pragmas, "temp_store(memory)"), "&_pragma="))
	if err == nil {
		db.SetMaxOpenConns(conns)
	}
	return db, err
}

// create makes directory, lock and file, which SQLite would make readable by others.
func (f *database) create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	var err error
	if f.lock, err = os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return err
	}
	got, err := filelock.Try(f.lock)
	if err == nil && !got {
		err = errLocked
	}
	if err != nil {
		return err
	}
	made, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	f.made, err = made.Stat()
	return errors.Join(err, made.Close())
}

// lost reports whether somebody removed or replaced the file, so that what is written
// is nowhere after the end.
func (f *database) lost(path string) bool {
	if f.made == nil {
		return false
	}
	now, err := os.Stat(path)
	return err != nil || !os.SameFile(f.made, now)
}

// migrate makes the tables of a new file, and refuses those of a newer program.
func (f *database) migrate() error {
	var version int
	if err := f.row(`PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	switch {
	case version > schemaVersion:
		return fmt.Errorf("a newer version of this program wrote it (schema %d, this one knows %d): upgrade, or set another storage.path", version, schemaVersion)
	case version == schemaVersion:
		return f.exec(`SELECT count(*) FROM sqlite_schema`)
	}
	return f.transaction(func() error {
		_, err := f.conn.ExecContext(context.Background(), schema+fmt.Sprintf("PRAGMA user_version = %d;", schemaVersion))
		return err
	})
}

func (f *database) close() {
	for _, s := range f.statements {
		_ = s.Close() // nothing is left to be done about an error of any of these
	}
	if f.conn != nil {
		_ = f.conn.Close()
	}
	for _, db := range []*sql.DB{f.db, f.writing} {
		if db != nil {
			_ = db.Close()
		}
	}
	if f.lock != nil {
		_ = f.lock.Close()
	}
}

// transaction commits what do writes, or nothing of it.
func (f *database) transaction(do func() error) (err error) {
	if err := f.exec(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic, please report it: %v", p)
		}
		if err != nil {
			_ = f.exec(`ROLLBACK`) // SQLite did it already after some errors
		}
	}()
	if err := do(); err != nil {
		return err
	}
	return f.exec(`COMMIT`)
}

func (f *database) statement(text string) (*sql.Stmt, error) {
	if s, ok := f.statements[text]; ok {
		return s, nil
	}
	s, err := f.conn.PrepareContext(context.Background(), text)
	if err == nil {
		f.statements[text] = s
	}
	return s, err
}

func (f *database) exec(text string, args ...any) error {
	_, err := f.run(text, args...)
	return err
}

// insert returns the number of the new row.
func (f *database) insert(text string, args ...any) (int64, error) {
	r, err := f.run(text, args...)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

func (f *database) run(text string, args ...any) (sql.Result, error) {
	s, err := f.statement(text)
	if err != nil {
		return nil, err
	}
	return s.Exec(args...)
}

func (f *database) row(text string, args ...any) *sql.Row {
	if s, err := f.statement(text); err == nil {
		return s.QueryRow(args...)
	}
	return f.conn.QueryRowContext(context.Background(), text, args...)
}

func (f *database) query(text string, args ...any) (*sql.Rows, error) {
	return f.conn.QueryContext(context.Background(), text, args...)
}

// each reads the rows of a query into dest, one after the other, and calls do for each.
func each(rows *sql.Rows, err error, do func(), dest ...any) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		do()
	}
	return rows.Err()
}

// damaged reports whether an error says that the file is no good any more.
func damaged(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code()&0xff == codeCorrupt || e.Code() == codeNotADatabase)
}

// putAside renames a damaged file, and removes the oldest of those before it.
func putAside(path string, now time.Time) (renamed string, err error) {
	renamed = path + ".damaged-" + now.UTC().Format("20060102T150405.000")
	for _, part := range []string{"", "-wal", "-shm"} {
		if e := os.Rename(path+part, renamed+part); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	old, _ := filepath.Glob(escapeGlob(path) + ".damaged-*")
	old = slices.DeleteFunc(old, func(name string) bool { return strings.HasSuffix(name, "-wal") || strings.HasSuffix(name, "-shm") })
	slices.Sort(old)
	for len(old) > damagedMax {
		for _, part := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(old[0] + part)
		}
		old = old[1:]
	}
	return renamed, err
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
