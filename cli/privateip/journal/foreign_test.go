package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/test/check"
)

func TestAFileThatIsNoJournalStaysAsItIs(t *testing.T) {
	for name, text := range map[string]string{
		"JSON without end of line":  `{"precious":"data"}`,
		"text without end of line":  "precious",
		"lines":                     "root:x:0:0\nuser:x:1:1\n",
		"zeros beyond any entry":    strings.Repeat("\x00", maxLine+1),
		"a beginning without end":   `{"time":"` + strings.Repeat("x", maxLine),
		"a line longer than any":    `{"time":"` + strings.Repeat("x", maxLine) + "\n",
		"a beginning of other JSON": `{"time":5`,
	} {
		path := filepath.Join(t.TempDir(), "file")
		check.OK(t, os.WriteFile(path, []byte(text), 0o644))
		if j, err := Open(t.Context(), path, time.Now); !errors.Is(err, ErrBroken) {
			j.Close()
			t.Errorf("%s: error %v, want ErrBroken", name, err)
		}
		have, err := os.ReadFile(path)
		check.OK(t, err)
		info, err := os.Stat(path)
		check.OK(t, err)
		if !bytes.Equal(have, []byte(text)) || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: the file was changed to %.60q, mode %v", name, have, info.Mode())
		}
	}
}

func TestWhatACrashLeavesIsRemoved(t *testing.T) {
	for _, tail := range []string{"{", `{"time":"2026-`, `{"time":"2026-01-01T00:00:00Z","state":"inte`, "\x00\x00\x00", "{\"ti\x00\x00"} {
		path := filepath.Join(t.TempDir(), "journal")
		check.OK(t, os.WriteFile(path, []byte(tail), 0o600))
		j, err := Open(t.Context(), path, time.Now)
		if err != nil {
			t.Errorf("%q: %v", tail, err)
			continue
		}
		check.Equal(t, tail, int64(len(tail)), j.Torn())
		if err := j.Append(t.Context(), Entry{State: Intent, Action: Assign, IntentID: "i"}, nil); err != nil || len(j.Entries()) != 1 {
			t.Errorf("%q: %v, entries %v", tail, err, j.Entries())
		}
		j.Close()
	}
}

func TestAnEntryThatCouldNotBeReadAgainIsNotWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j, err := Open(t.Context(), path, time.Now)
	check.OK(t, err)
	defer j.Close()
	long := Entry{State: Intent, Action: Release, Target: Target{PrivateIPID: strings.Repeat("x", maxLine)}}
	check.Fails(t, "an entry longer than a line may be", j.Append(t.Context(), long, nil), "")
	if err := j.Append(t.Context(), Entry{State: Intent, Action: Assign, IntentID: "i"}, nil); err != nil {
		t.Error(err)
	}
	if again, err := Open(t.Context(), path, time.Now); err != nil || len(again.Entries()) != 1 {
		t.Errorf("read again: %v", err)
	} else {
		again.Close()
	}
}
