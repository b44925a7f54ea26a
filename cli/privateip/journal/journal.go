// Package journal keeps the record of every mutation: a file of JSON lines that
// is written and synced before a cloud is asked to change anything and again
// when the outcome is known. Lines are chained by hash, so that a change or a
// loss in the middle is seen; the file is shared by any number of processes.
// It holds names, addresses and ids, never a secret.
package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// ErrBroken says that the journal was changed or damaged before its last line.
var ErrBroken = errors.New("journal is broken")

// Journal is an open journal file. It is not safe for concurrent use; open one
// for each goroutine. Other processes may write the same file.
type Journal struct {
	file    *os.File
	now     func() time.Time
	size    int64 // of the whole lines read and verified
	last    string
	torn    int64 // bytes of an unfinished last line
	entries []Entry
}

// Open opens or creates the journal at path (directories 0700, file 0600) and
// verifies all of it. now gives the time of new entries.
func Open(ctx context.Context, path string, now func() time.Time) (*Journal, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &Journal{file: f, now: now, last: genesis}
	if err := j.locked(ctx, j.read); err != nil {
		f.Close()
		return nil, fmt.Errorf("open journal %s: %w", path, err)
	}
	return j, nil
}

// openFile opens path for reading and appending. Syncing its directory makes a file
// that is created durable: an intent must survive a power cut.
func openFile(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }

// Torn is the number of bytes of an unfinished last line, left by a crash in
// the middle of writing. The next Append removes them.
func (j *Journal) Torn() int64 { return j.torn }

// Entries are the entries read so far, oldest first.
func (j *Journal) Entries() []Entry { return slices.Clone(j.entries) }

// Append adds e, with the time and the chain filled in, and returns once it is
// on disk. check, if not nil, sees the journal as it is at that very moment,
// with all other writers locked out; an error of it is returned and nothing is written.
func (j *Journal) Append(ctx context.Context, e Entry, check func(*Journal) error) error {
	return j.locked(ctx, func() error {
		if err := j.sameFile(); err != nil {
			return err
		}
		if err := j.read(); err != nil {
			return err
		}
		if check != nil {
			if err := check(j); err != nil {
				return err
			}
		}
		if j.torn > 0 { // it was never acknowledged, so nothing was done in its name
			if err := j.file.Truncate(j.size); err != nil {
				return fmt.Errorf("remove torn journal line: %w", err)
			}
			j.torn = 0
		}
		return j.write(e)
	})
}

// sameFile makes sure that the path still names this file: an entry in a file
// that was deleted or rotated away would be lost.
func (j *Journal) sameFile() error {
	ours, err := j.file.Stat()
	if err != nil {
		return err
	}
	named, err := os.Stat(j.file.Name())
	if err != nil {
		return fmt.Errorf("find journal again: %w", err)
	}
	if !os.SameFile(ours, named) {
		return fmt.Errorf("journal %s was replaced while it was open; try again", j.file.Name())
	}
	return nil
}

func (j *Journal) write(e Entry) error {
	e.Time, e.Prev = j.now().UTC(), j.last
	line, hash, err := encode(e)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(line); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("sync journal: %w", err)
	}
	j.size, j.last = j.size+int64(len(line)), hash
	e.Hash = hash
	j.entries = append(j.entries, e)
	return nil
}

func (j *Journal) read() error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < j.size {
		return fmt.Errorf("%w: it became shorter; keep the file aside and look at it before you go on", ErrBroken)
	}
	in := bufio.NewReaderSize(io.NewSectionReader(j.file, j.size, info.Size()-j.size), maxLine)
	for {
		line, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return j.broken(errTooLong)
		case errors.Is(err, io.EOF):
			if !isBeginning(line) {
				return j.broken(errForeign)
			}
			j.torn = int64(len(line))
			return nil
		case err != nil:
			return fmt.Errorf("read journal: %w", err)
		}
		e, err := decode(line[:len(line)-1], j.last)
		if err != nil {
			return j.broken(err)
		}
		j.entries = append(j.entries, e)
		j.size, j.last = j.size+int64(len(line)), e.Hash
	}
}

func (j *Journal) broken(why error) error {
	return fmt.Errorf("%w: line %d: %w; keep the file aside and look at it before you go on", ErrBroken, len(j.entries)+1, why)
}

// OpenIntents returns the intents that nothing has closed, oldest first.
func (j *Journal) OpenIntents() []Entry {
	closed := map[string]bool{}
	for _, e := range j.entries {
		if e.State == Done || e.State == Failed || e.State == NotExecuted {
			closed[e.IntentID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(j.entries), func(e Entry) bool { return e.State != Intent || closed[e.IntentID] })
}

// IsOpen reports whether the intent with this id is open.
func (j *Journal) IsOpen(intentID string) bool {
	return slices.ContainsFunc(j.OpenIntents(), func(e Entry) bool { return e.IntentID == intentID })
}
