package cli

import (
	"context"
	"errors"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

const consoleURL = "https://console.example:8003/?token=3f1c0de-canary"

func TestServerIPsPrintsTheAddressesOfOneServer(t *testing.T) {
	w := newWorld(t, newFake(config.OTC))
	wantExit(t, w.ServerIPs(t.Context(), ServerIPsOptions{Server: serverDB, Output: Output{Format: "csv"}}), ExitOK)
	want := "cloud,project,server_id,address,ip_version,network\nprod,eu-de," + serverDB + ",10.20.0.3,4,vpc-1\n"
	if got := w.out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	wantExit(t, w.ServerIPs(t.Context(), ServerIPsOptions{Server: "nope"}), ExitNotFound)
	wantExit(t, w.ServerIPs(t.Context(), ServerIPsOptions{Server: serverDB, Output: Output{Format: "xml"}}), ExitUsage)
}

func TestTheConsoleAddressGoesToStdoutAndNowhereElse(t *testing.T) {
	p := newFake(config.OTC)
	p.console = consoleURL
	w := newWorld(t, p)
	wantExit(t, w.ServerConsole(t.Context(), ServerConsoleOptions{Server: serverDB}), ExitOK)
	if got := w.out.String(); got != consoleURL+"\n" {
		t.Errorf("stdout %q", got)
	}
	if w.err.Len() > 0 {
		t.Errorf("stderr %q", w.err)
	}
}

func TestTheConsoleAsJSONIsMarkedSecret(t *testing.T) {
	p := newFake(config.OTC)
	p.console = consoleURL + "&a=b"
	w := newWorld(t, p)
	wantExit(t, w.ServerConsole(t.Context(), ServerConsoleOptions{Server: serverDB, JSON: true}), ExitOK)
	want := `{"server_id":"` + serverDB + `","type":"serial","url":"` + consoleURL + `&a=b","secret":true}` + "\n"
	if got := w.out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnUnencryptedConsoleIsWarnedOfWithoutItsAddress(t *testing.T) {
	for url, warned := range map[string]bool{
		"ws://10.0.0.1:6083/?token=canary": true, "http://c.example/?token=canary": true,
		"wss://c.example/?token=canary": false, "https://c.example/?token=canary": false,
	} {
		p := newFake(config.OpenStack)
		p.console = url
		w := newWorld(t, p)
		wantExit(t, w.ServerConsole(t.Context(), ServerConsoleOptions{Server: serverDB}), ExitOK)
		if got := strings.Contains(w.err.String(), "not encrypted"); got != warned {
			t.Errorf("%s: warned %t, want %t", url, got, warned)
		}
		if strings.Contains(w.err.String(), "canary") || w.out.String() != url+"\n" {
			t.Errorf("%s: stdout %q, stderr %q", url, w.out, w.err)
		}
	}
}

func TestAHostileConsoleAddressIsNeitherPrintedNorTold(t *testing.T) {
	for _, url := range []string{"", "canary", "https://c.example/\x1b]0;canary", "https://c.example/\ncanary", "https://c.example/\u202ecanary", "%zz:canary"} {
		p := newFake(config.OTC)
		p.console = url
		w := newWorld(t, p)
		err := w.ServerConsole(t.Context(), ServerConsoleOptions{Server: serverDB})
		wantExit(t, err, ExitFailure)
		if w.out.Len() > 0 || strings.Contains(err.Error()+w.err.String(), "canary") {
			t.Errorf("%q: stdout %q, stderr %q, error %v", url, w.out, w.err, err)
		}
	}
}

func TestTheBrowserIsOpenedOnRequest(t *testing.T) {
	for url, want := range map[string]int{consoleURL: ExitOK, "wss://c.example/?token=canary": ExitFailure} {
		p := newFake(config.OTC)
		p.console = url
		w := newWorld(t, p)
		opened := ""
		w.OpenBrowser = func(_ context.Context, url string) error { opened = url; return nil }
		err := w.ServerConsole(t.Context(), ServerConsoleOptions{Server: serverDB, Open: true})
		wantExit(t, err, want)
		if (opened == url) != (want == ExitOK) || w.out.String() != url+"\n" || strings.Contains(w.err.String(), "token") {
			t.Errorf("opened %q, stdout %q, stderr %q", opened, w.out, w.err)
		}
	}
}

func TestAConsoleThatCannotBeHadSaysWhy(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want int
		says string
	}{
		"windows or unknown": {&apierr.StatusError{Status: 404, Operation: "get_serial_console"}, ExitNotFound, "Windows"},
		"windows":            {&apierr.StatusError{Status: 400, Operation: "get_serial_console"}, ExitFailure, "Windows"},
		"not running":        {&apierr.StatusError{Status: 409, Operation: "get_serial_console"}, ExitConflict, "ACTIVE"},
		"switched off":       {&apierr.StatusError{Status: 501, Operation: "get_serial_console"}, ExitFailure, "switched off"},
		"not allowed":        {&apierr.StatusError{Status: 403, Operation: "get_serial_console"}, ExitPermission, "permission"},
		"not there":          {&apierr.StatusError{Status: 404, Code: "APIGW.0101", Operation: "get_serial_console"}, ExitFailure, "endpoints"},
		"none":               {errors.ErrUnsupported, ExitFailure, "console"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newFake(config.OTC)
			p.fail["console"] = tt.err
			w := newWorld(t, p)
			err := w.ServerConsole(t.Context(), ServerConsoleOptions{Server: serverDB})
			wantExit(t, err, tt.want)
			wantText(t, "error", errText(err), tt.says)
			if w.out.Len() > 0 {
				t.Errorf("stdout %q", w.out)
			}
		})
	}
}
