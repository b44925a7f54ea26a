package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cloudip_exporter/test/check"
)

func at() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }

func open(t *testing.T, path string) *Journal {
	t.Helper()
	j := check.Get(Open(t.Context(), path, at))(t)
	t.Cleanup(func() { j.Close() })
	return j
}

// wantBroken checks that a file is no whole journal.
func wantBroken(t *testing.T, what, path string) {
	t.Helper()
	j, err := Open(t.Context(), path, at)
	if err == nil {
		j.Close()
	}
	if !errors.Is(err, ErrBroken) {
		t.Errorf("%s: got %v, want ErrBroken", what, err)
	}
}

func appendTo(t *testing.T, j *Journal, entries ...Entry) {
	t.Helper()
	for _, e := range entries {
		check.OK(t, j.Append(t.Context(), e, nil))
	}
}

func entry(id string, s State) Entry {
	return Entry{
		State: s, Action: Assign, IntentID: id, User: "ann", Host: "h", Cloud: "otc", Project: "eu-de",
		Target: Target{SubnetID: "s1", Address: "10.0.0.9"},
	}
}

func TestAnEntryIsReadBackAsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "er", "journal.jsonl")
	want := entry("i1", Intent)
	want.Result = `odd ","hash":"x"} text` + "\n\x00"
	appendTo(t, open(t, path), want)
	got := open(t, path).Entries()
	want.Time, want.Prev, want.Hash = at(), genesis, got[0].Hash
	check.Equal(t, "entries", []Entry{want}, got)
}

func TestTheFileIsReadableByItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "journal.jsonl")
	open(t, path)
	for p, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		check.Equal(t, p+" has mode", want, check.Get(os.Stat(p))(t).Mode().Perm())
	}
}

// bytesApart is 1, so that each byte is tried; -short tries some.
func bytesApart() int {
	if testing.Short() {
		return 7
	}
	return 1
}

func TestAChangeOfAnyByteIsSeen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	appendTo(t, open(t, path), entry("i1", Intent), entry("i1", Done), entry("i2", Intent))
	whole := check.Read(t, path)
	for i := 0; i < len(whole)-1; i += bytesApart() {
		bad := []byte(whole)
		bad[i] ^= 1
		wantBroken(t, fmt.Sprintf("byte %d (%q) changed", i, whole[i]), check.Write(t, path, string(bad)))
	}
}

func TestRemovedMovedAndRepeatedLinesAreSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	appendTo(t, open(t, path), entry("i1", Intent), entry("i1", Done), entry("i2", Intent))
	l := strings.SplitAfter(check.Read(t, path), "\n")
	for name, text := range map[string]string{
		"first removed":  l[1] + l[2],
		"middle removed": l[0] + l[2],
		"swapped":        l[0] + l[2] + l[1],
		"repeated":       l[0] + l[1] + l[1] + l[2],
		"empty line":     l[0] + "\n" + l[1] + l[2],
		"foreign line":   l[0] + "{}\n",
	} {
		wantBroken(t, name, check.Write(t, path, text))
	}
}

func TestAFileThatBecomesShorterIsSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	j := open(t, path)
	appendTo(t, j, entry("i1", Intent))
	check.OK(t, os.Truncate(path, 0))
	check.Equal(t, "the journal is broken", true, errors.Is(j.Append(t.Context(), entry("i2", Intent), nil), ErrBroken))
}

func TestAReplacedFileIsSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	j := open(t, path)
	check.OK(t, os.Rename(path, path+".1"))
	check.Fails(t, "an entry for a file that was moved away", j.Append(t.Context(), entry("i1", Intent), nil), "")
	open(t, path)
	check.Fails(t, "an entry for a file that was replaced", j.Append(t.Context(), entry("i1", Intent), nil), "")
}

func TestALineTornAtAnyByteIsRemoved(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	appendTo(t, open(t, path), entry("i1", Intent))
	first := check.Read(t, path)
	appendTo(t, open(t, path), entry("i1", Done))
	whole := check.Read(t, path)
	for cut := len(first) + 1; cut < len(whole); cut += bytesApart() {
		j := open(t, check.Write(t, path, whole[:cut]))
		check.Equal(t, fmt.Sprintf("cut at %d: torn", cut), int64(cut-len(first)), j.Torn())
		check.Equal(t, fmt.Sprintf("cut at %d: the intent is open", cut), true, j.IsOpen("i1"))
		appendTo(t, j, entry("i2", Intent))
		states := ""
		for _, e := range open(t, path).Entries() {
			states += string(e.State) + " "
		}
		check.Equal(t, fmt.Sprintf("cut at %d: states", cut), "intent intent ", states)
	}
}

func TestIntentsStayOpenUntilTheyAreClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	j := open(t, path)
	appendTo(t, j,
		entry("done", Intent), entry("failed", Intent), entry("never", Intent), entry("lost", Intent), entry("alone", Intent),
		entry("done", Done), entry("failed", Failed), entry("lost", Unknown), entry("never", NotExecuted),
		entry("stray", Unknown), entry("", Done), entry("done", Unknown))
	got := ""
	for _, o := range open(t, path).OpenIntents() {
		got += o.IntentID + " "
	}
	check.Equal(t, "open", got, "lost alone ")
}

func TestNothingIsWrittenWhenTheCheckFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	j := open(t, path)
	check.Fails(t, "refused", j.Append(t.Context(), entry("i1", Intent), func(*Journal) error { return errors.New("another has it") }), "another has it")
	check.Equal(t, "entries", 0, len(open(t, path).Entries()))
}

func TestTheCheckSeesWhatOthersWroteMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	a, b := open(t, path), open(t, path)
	appendTo(t, a, entry("i1", Intent))
	saw := false
	check.OK(t, b.Append(t.Context(), entry("i2", Intent), func(j *Journal) error { saw = j.IsOpen("i1"); return nil }))
	check.Equal(t, "the check saw the other's intent", true, saw)
}

func TestManyWritersKeepOneChain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	const writers, each = 8, 12
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			j, err := Open(t.Context(), path, time.Now)
			if err != nil {
				t.Error(err)
				return
			}
			defer j.Close()
			for i := range each {
				err = errors.Join(err, j.Append(t.Context(), entry(fmt.Sprint(w, "-", i), Intent), nil))
			}
			check.Equal(t, "error", nil, err)
		})
	}
	wg.Wait()
	check.Equal(t, "intents", writers*each, len(open(t, path).OpenIntents()))
}

func TestALockHeldByAnotherEndsWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	a, b := open(t, path), open(t, path)
	err := a.locked(t.Context(), func() error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		return b.Append(ctx, entry("i1", Intent), nil)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestADirectoryOrDeviceIsRefused(t *testing.T) {
	for _, path := range []string{t.TempDir(), "/dev/null"} {
		_, err := Open(t.Context(), path, at)
		check.Fails(t, path, err, "")
	}
}

func FuzzDecode(f *testing.F) {
	line, _, err := encode(entry("i1", Intent))
	check.OK(f, err)
	f.Add(line[:len(line)-1])
	f.Add([]byte(`{"prev":"","hash":""}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if _, err := decode(line, genesis); err == nil && bytes.ContainsRune(line, '\n') {
			t.Errorf("a line with a newline was taken: %q", line)
		}
	})
}
