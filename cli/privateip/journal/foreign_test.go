package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		wantBroken(t, name, path)
		check.Equal(t, name+": the file is as it was", true, check.Read(t, path) == text)
		check.Equal(t, name+": mode", 0o644, check.Get(os.Stat(path))(t).Mode().Perm())
	}
}

func TestWhatACrashLeavesIsRemoved(t *testing.T) {
	for _, tail := range []string{"{", `{"time":"2026-`, `{"time":"2026-01-01T00:00:00Z","state":"inte`, "\x00\x00\x00", "{\"ti\x00\x00"} {
		j := open(t, check.Write(t, filepath.Join(t.TempDir(), "journal"), tail))
		check.Equal(t, tail, int64(len(tail)), j.Torn())
		appendTo(t, j, entry("i", Intent))
		check.Equal(t, tail+": entries", 1, len(j.Entries()))
	}
}

func TestAnEntryThatCouldNotBeReadAgainIsNotWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	long := Entry{State: Intent, Action: Release, Target: Target{PrivateIPID: strings.Repeat("x", maxLine)}}
	check.Fails(t, "an entry longer than a line may be", j.Append(t.Context(), long, nil), "")
	appendTo(t, j, entry("i", Intent))
	check.Equal(t, "entries read again", 1, len(open(t, path).Entries()))
}
