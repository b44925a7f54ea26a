package cli

import (
	"errors"
	"testing"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/config"
)

// What a name from the cloud may hold.
const hostile = "a\x1b[31m\r\n\x00\u009b\u202eb\xff\x7f\u2028"

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAResultThatCannotBeWrittenIsAFailure(t *testing.T) {
	for _, format := range []string{"json", "csv", "table"} {
		w := newFakeEnv(t, newFake(config.OTC))
		w.Stdout = failing{}
		wantExit(t, runInventory(t.Context(), w.Env, inventoryOptions{Resource: "subnets", Output: table.Output{Format: format}}), exit.Failure)
	}
}
