package cli

import (
	"errors"
	"strings"
	"testing"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

const consoleURL = "https://console.example:8003/?token=3f1c0de-canary"

func TestServerIPsPrintsTheAddressesOfOneServer(t *testing.T) {
	w := newFakeEnv(t, newFake(config.OTC))
	wantExit(t, runServerIPs(t.Context(), w.Env, serverOptions{Server: serverDB, Output: table.Output{Format: "csv"}}), exit.OK)
	want := "cloud,project,server_id,address,ip_version,network\nprod,eu-de," + serverDB + ",10.20.0.3,4,vpc-1\n"
	if got := w.out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	wantExit(t, runServerIPs(t.Context(), w.Env, serverOptions{Server: "nope"}), exit.NotFound)
}

func TestTheConsoleAddressGoesToStdoutAndNowhereElse(t *testing.T) {
	for _, url := range []string{consoleURL, "ws://10.0.0.1:6083/?token=canary"} {
		p := newFake(config.OTC)
		p.console = url
		w := newFakeEnv(t, p)
		wantExit(t, runServerConsole(t.Context(), w.Env, serverOptions{Server: serverDB}), exit.OK)
		if w.out.String() != url+"\n" || w.err.Len() > 0 {
			t.Errorf("stdout %q, stderr %q, want the URL %q and nothing else", w.out, w.err, url)
		}
	}
}

func TestAHostileConsoleAddressIsNeitherPrintedNorTold(t *testing.T) {
	for _, url := range []string{"", "canary", "https://c.example/\x1b]0;canary", "https://c.example/\ncanary", "https://c.example/\u202ecanary", "%zz:canary"} {
		p := newFake(config.OTC)
		p.console = url
		w := newFakeEnv(t, p)
		err := runServerConsole(t.Context(), w.Env, serverOptions{Server: serverDB})
		wantExit(t, err, exit.Failure)
		if w.out.Len() > 0 || strings.Contains(err.Error()+w.err.String(), "canary") {
			t.Errorf("%q: stdout %q, stderr %q, error %v", url, w.out, w.err, err)
		}
	}
}

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
			p := newFake(config.OTC)
			p.fail["console"] = tt.err
			w := newFakeEnv(t, p)
			err := runServerConsole(t.Context(), w.Env, serverOptions{Server: serverDB})
			wantExit(t, err, tt.want)
			wantText(t, "error", errText(err), tt.says)
			if w.out.Len() > 0 {
				t.Errorf("stdout %q", w.out)
			}
		})
	}
}
