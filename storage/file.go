package storage

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"hash/maphash"
	"sync"
	"time"

	"cloudip_exporter/inventory"
)

// file is an open database with what its writer knows of it.
type file struct {
	*database
	seed       maphash.Seed
	attributes map[attributes]uint32

	mu       sync.RWMutex // held to write the next two, what is idle and the latest
	targets  map[targetKey]*target
	labelled map[[2]string]*target // by cloud and project
}

type targetKey struct{ identity, project string }

// keyOf keeps names of logins out of the file.
func keyOf(identity, project string) targetKey {
	sum := sha256.Sum256([]byte(identity))
	return targetKey{string(sum[:16]), project}
}

// target is what the writer knows of one target without asking the file.
type target struct {
	id      int64
	cloud   string // its name in the file
	watched [kinds]watched
	names   map[named]string
	saved   map[string]savedAnswer // by collector
	latest  *inventory.Snapshot    // whose tenures are written; its answers may not be due
}

// named is what has a name: a subnet with its CIDR, or a server.
type named struct {
	item inventory.ID
	cidr string
}

// savedAnswer is what the file has of the last answer of a collector.
type savedAnswer struct {
	at     time.Time // it came
	when   time.Time // it was written
	hashes []uint64  // of its chunks
}

func openFile(path string) (*file, error) {
	db, err := openDatabase(path)
	return &file{database: db, seed: maphash.MakeSeed(), attributes: map[attributes]uint32{}, targets: map[targetKey]*target{}, labelled: map[[2]string]*target{}}, err
}

// transaction commits what do writes, or nothing of it.
func (f *file) transaction(do func() error) error {
	err := f.database.transaction(do)
	if err != nil {
		f.attributes = map[attributes]uint32{} // some of these were never written
	}
	return err
}

// target returns the target with a key, as that of its labels from now on.
func (f *file) target(key targetKey, cloud string) (*target, error) {
	t := f.targets[key]
	if t == nil {
		t = &target{saved: map[string]savedAnswer{}}
		err := f.row(`SELECT id, cloud FROM targets WHERE identity = ? AND project = ?`, []byte(key.identity), key.project).Scan(&t.id, &t.cloud)
		if errors.Is(err, sql.ErrNoRows) {
			t.cloud = cloud
			t.id, err = f.insert(`INSERT INTO targets (identity, project, cloud) VALUES (?, ?, ?)`, []byte(key.identity), key.project, cloud)
		}
		if err != nil {
			return nil, err
		}
	}
	if t.cloud != cloud {
		if err := f.exec(`UPDATE targets SET cloud = ? WHERE id = ?`, cloud, t.id); err != nil {
			return nil, err
		}
		t.cloud = cloud
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.targets[key], f.labelled[[2]string{cloud, key.project}] = t, t
	return t, nil
}

// latest returns the last snapshot of a target, an empty one where there is none.
func (f *file) latest(key targetKey) *inventory.Snapshot {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if t := f.targets[key]; t != nil && t.latest != nil {
		return t.latest
	}
	return &inventory.Snapshot{}
}
