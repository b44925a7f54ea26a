package collect

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/inventory"
)

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
	options := w.options()
	options.Storage = storage
	r, err := New(parse(t, "", `os: "*"`), options)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(t.Context())
	r.Start()
	if project := <-storage.asked; project != "alpha" {
		t.Errorf("the answers of %q are restored, nothing can have them", project)
	}
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
	if got := used(t, r, "alpha"); got != 7 {
		t.Errorf("%v used, stored are 7", got)
	}
	for _, cloud := range []string{`os: "*"`, "os: alpha"} {
		if err := r.Reload(parse(t, "", cloud)); err != nil {
			t.Fatal(err)
		}
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
		clouds []string
		want   map[string]string
	}{
		{[]string{"a: x"}, map[string]string{"a": ""}},
		{[]string{"renamed: x"}, map[string]string{"renamed": ""}},
		{[]string{"a: x", "b: x"}, map[string]string{"a": "", "b": "\x00b"}},
	} {
		options := newWorld().options()
		storage := keyStorage{keys: map[string]string{}}
		options.Storage = storage
		r, err := New(parse(t, "", c.clouds...), options)
		if err != nil {
			t.Fatal(err)
		}
		r.Close(t.Context())
		if !maps.Equal(storage.keys, c.want) {
			t.Errorf("%q have the keys %q, want %q", c.clouds, storage.keys, c.want)
		}
	}
}

func TestACloudThatComesTakesNoKeyOfOneThatStays(t *testing.T) {
	options := newWorld().options()
	storage := keyStorage{keys: map[string]string{}}
	options.Storage = storage
	r, err := New(parse(t, "", "a: x"), options)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(t.Context())
	if err := r.Reload(parse(t, "", "b: x", "a: x")); err != nil {
		t.Fatal(err)
	}
	if storage.keys["b"] == storage.keys["a"] {
		t.Errorf("both have the key %q", storage.keys["a"])
	}
}

func TestTagsThatAreAskedForTakeNoAnswerAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := start(t, w, parse(t, "", "one: alpha"))
		synctest.Wait()
		w.do(func() { w.behave = down })
		before := used(t, r, "alpha")
		reload(t, r, parse(t, "series: {tags: [team]}", "one: alpha"))
		if after := used(t, r, "alpha"); after != before {
			t.Errorf("%v used, before %v", after, before)
		}
	})
}
