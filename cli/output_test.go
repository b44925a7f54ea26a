package cli

import (
	"errors"
	"strings"
	"testing"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/config"
)

func TestColourIsForTerminalsThatWantIt(t *testing.T) {
	for name, tt := range map[string]struct {
		terminal bool
		env      map[string]string
		want     bool
	}{
		"terminal": {true, nil, true},
		"pipe":     {false, nil, false},
		"NO_COLOR": {true, map[string]string{"NO_COLOR": "1"}, false},
		"dumb":     {true, map[string]string{"TERM": "dumb"}, false},
	} {
		w := newFakeEnv(t)
		w.StdoutTerminal, w.Getenv = tt.terminal, func(k string) string { return tt.env[k] }
		_ = w.Print(&table.Table{Columns: []table.Column{{Key: "name"}}, Rows: [][]any{{"a"}}}, table.Output{})
		if got := strings.Contains(w.out.String(), "\x1b["); got != tt.want {
			t.Errorf("%s: coloured %t, want %t", name, got, tt.want)
		}
	}
}

func TestSubnetsThatRunOutAreColoured(t *testing.T) {
	for free, want := range map[float64]table.Style{0: table.Red, 5: table.Red, 6: table.Yellow, 10: table.Yellow, 11: table.Plain} {
		if got := urgency(100.0, free); got != want {
			t.Errorf("%v of 100 left: %q, want %q", free, got, want)
		}
	}
	if got := urgency(nil, nil); got != table.Plain {
		t.Errorf("unknown: %q", got)
	}
}

// What a name from the cloud may hold.
const hostile = "a\x1b[31m\r\n\x00\u009b\u202eb\xff\x7f\u2028"

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAResultThatCannotBeWrittenIsAFailure(t *testing.T) {
	for _, format := range []string{"json", "csv", "table"} {
		w := newFakeEnv(t, newFake(config.OTC))
		w.Stdout = failing{}
		wantExit(t, runInventory(t.Context(), w.Env, inventoryOptions{Output: table.Output{Format: format}}), exit.Failure)
	}
}
