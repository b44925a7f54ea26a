package cli

import (
	"errors"
	"testing"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
)

const consoleURL = "https://console.example:8003/?token=3f1c0de-canary"

func TestAConsoleThatCannotBeHadSaysWhy(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want int
		says string
	}{
		"windows or unknown": {&apierr.StatusError{Status: 404, Operation: "get_serial_console"}, exit.NotFound, "Windows"},
		"windows":            {&apierr.StatusError{Status: 400, Operation: "get_serial_console"}, exit.Failure, "Windows"},
		"not running":        {&apierr.StatusError{Status: 409, Operation: "get_serial_console"}, exit.Conflict, "ACTIVE"},
		"switched off":       {&apierr.StatusError{Status: 501, Operation: "get_serial_console"}, exit.Failure, "switched off"},
		"not allowed":        {&apierr.StatusError{Status: 403, Operation: "get_serial_console"}, exit.Permission, "permission"},
		"not there":          {&apierr.StatusError{Status: 404, Code: "APIGW.0101", Operation: "get_serial_console"}, exit.Failure, "endpoints"},
		"none":               {errors.ErrUnsupported, exit.Failure, "console"},
	} {
		t.Run(name, func(t *testing.T) {
			p, w := faked(t, config.OTC)
			p.fail["console"] = tt.err
			wantExit(t, runServerConsole(t.Context(), w.Env, serverOptions{Server: serverDB}), tt.want, tt.says)
			check.Equal(t, "stdout", "", w.out.String())
		})
	}
}
