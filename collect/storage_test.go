package collect

import (
	"fmt"
	"testing"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

// nothing is a Storage that remembers nothing.
type nothing struct{}

func (nothing) Restore(string, string, string) []inventory.State { return nil }
func (nothing) Projects(string) []string                         { return nil }
func (nothing) IdleSince(string, string) inventory.IdleSince     { return nil }
func (nothing) Record(string, *inventory.Snapshot)               {}

// slowStorage has an answer of each project, once it may be read.
type slowStorage struct {
	nothing
	asked chan string // gets each project
	read  chan struct{}
}

func (s *slowStorage) Restore(_, _, project string) []inventory.State {
	s.asked <- project
	<-s.read
	return []inventory.State{{Collector: "quotas", LastSuccess: time.Now(), Part: &inventory.Part{Data: inventory.QuotaData{{Used: 7}}}}}
}

func TestNobodyWaitsWhileTheStorageIsReadForANewProject(t *testing.T) {
	w, storage := newWorld(), &slowStorage{asked: make(chan string, 9), read: make(chan struct{})}
	w.projects["os"] = []string{"alpha"}
	w.behave = hang
	w.change = func(o *Options) { o.Storage = storage }
	r := check.Get(New(parse(t, "", `os: "*"`), w.options()))(t)
	defer r.Close(t.Context())
	r.Start()
	check.Equal(t, "the project whose answers are restored", "alpha", <-storage.asked)
	shown := make(chan []*inventory.Snapshot)
	go func() { shown <- r.Snapshots() }()
	select {
	case <-shown:
		close(storage.read)
	case <-time.After(10 * time.Second):
		close(storage.read)
		t.Fatal("a scrape waits for the storage")
	}
	for deadline := time.Now().Add(10 * time.Second); r.Targets()[0].Project != "alpha"; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the project never came")
		}
	}
	wantUsed(t, r, "alpha", 7, "as stored")
	for _, cloud := range []string{`os: "*"`, "os: alpha"} {
		check.OK(t, r.Reload(parse(t, "", cloud)))
	}
	if len(storage.asked) > 0 {
		t.Errorf("the storage is read for %q, which has its answers", <-storage.asked)
	}
}

// keyStorage notes by which key a cloud is known.
type keyStorage struct {
	nothing
	keys map[string]string
}

func (s keyStorage) Restore(identity, cloud, _ string) []inventory.State {
	s.keys[cloud] = identity
	return nil
}

func TestARenamedCloudKeepsItsKeyAndNoTwoHaveOne(t *testing.T) {
	for _, c := range []struct {
		clouds, reloaded []string
		want             map[string]string
	}{
		{[]string{"a: x"}, nil, map[string]string{"a": ""}},
		{[]string{"renamed: x"}, nil, map[string]string{"renamed": ""}},
		{[]string{"a: x", "b: x"}, nil, map[string]string{"a": "", "b": "\x00b"}},
		{[]string{"a: x"}, []string{"b: x", "a: x"}, map[string]string{"a": "", "b": "\x00b"}}, // a stays
	} {
		w, storage := newWorld(), keyStorage{keys: map[string]string{}}
		w.change = func(o *Options) { o.Storage = storage }
		r := check.Get(New(parse(t, "", c.clouds...), w.options()))(t)
		if c.reloaded != nil {
			check.OK(t, r.Reload(parse(t, "", c.reloaded...)))
		}
		check.OK(t, r.Close(t.Context()))
		check.Equal(t, fmt.Sprintf("keys of %q", c.clouds), c.want, storage.keys)
	}
}
