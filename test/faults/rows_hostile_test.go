package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/loopback"
)

// A cloud that lies, and files that are none.
func hostileRows() []row {
	return []row{{
		fault:   "ids that lead elsewhere: .., a/b, a?b, control characters, 100 kB",
		promise: "one skipped item",
		figure:  "servers, subnets and networks of 2 providers: success 1, skipped 1, 0 requests outside the API's paths",
		also:    []string{"cloudapi TestAnItemThatCannotBeAskedForIsOneItemLeftOut", "cloudapi TestWhatIsAskedAndReadIsThatInTheFile"},
		play:    oddIDs,
	}, {
		fault:   "endless catalogues and lists of projects",
		promise: "what cannot be asked is not kept; more than 10,000 projects are an error",
		figure:  "a catalogue of 7 MB of empty entries: memory ≤ 96 MiB; 10,001 projects: an error, 1 request",
		note:    "The catalogue may name any http or https host: it comes from the configured identity service, over the same TLS, and the token sent there is that service's own.",
		also:    []string{"cloudapi/auth TestOfACatalogueOnlyWhatCanBeAskedIsKept", "cloudapi/auth TestMoreProjectsThanCanBeWatchedAreAnError"},
		play:    endlessLogins,
	}, {
		fault:   "answers beyond their end",
		promise: "nothing unasked is repeated in the log",
		figure:  "a token behind the end of every answer: 0 hits on stderr",
		note:    "A request that the server provably did not process (a kept connection that ended, GOAWAY of HTTP/2) is sent again by net/http; it counts as one attempt.",
		play:    unasked,
	}, {
		fault:   "pipes, devices and huge files as clouds.yaml, secure.yaml or certificate",
		promise: "an error at start",
		figure:  "a pipe for each: exit 2, nothing waits",
		play:    noFiles,
	}, {
		fault:   "mutations on a cloud that lies",
		promise: "only what was asked for is released or claimed",
		figure:  "another id, another project: 0 DELETE; another address: told; a foreign file as journal: its bytes and mode stay, 0 POST",
		also: []string{"cloudapi TestWhatIsAskedAndReadIsThatInTheFile", "cloudapi TestNobodyReleasesWhatIsOfOtherProjects",
			"cli/privateip/journal TestAFileThatIsNoJournalStaysAsItIs", "cli TestAnAddressThatTheCloudReplacesIsTold"},
		play: lies,
	}, {
		fault:   "names made for terminals, spreadsheets and padding",
		promise: "inert, and bounded",
		figure:  "control characters, direction marks, 3 MB: 0 of them in tables, JSON and errors; a table of ≤ 256 kB; CSV cells that are formulas begin with an apostrophe",
		note:    "CSV that goes to a file keeps control characters: it is data.",
		also:    []string{"cli/table TestNoFormatLetsANameCommandTheTerminal", "cli/table TestCSVGuardsAgainstFormulas", "cli/table TestALongNameDoesNotWidenEveryLine"},
		play:    terminals,
	}}
}

// changing is a fault that edits the objects that a cloud answers with.
func changing(path string, change func(answer map[string]any)) simtest.Fault {
	return simtest.Fault{Path: path, MutateJSON: func(v any) any {
		if answer, ok := v.(map[string]any); ok {
			change(answer)
		}
		return v
	}}
}

// hijacked serves a cloud. send gets each connection with the whole answer, its head included,
// and may write less or more than that before the connection ends.
func hijacked(t *testing.T, c http.Handler, send func(conn net.Conn, whole []byte)) (base string) {
	t.Helper()
	return loopback.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		made, whole := httptest.NewRecorder(), bytes.Buffer{}
		c.ServeHTTP(made, r)
		answer := made.Result()
		answer.ContentLength = int64(made.Body.Len())
		_ = answer.Write(&whole)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		send(conn, whole.Bytes())
	}))
}

// itemsOf are the objects of a list in an answer.
func itemsOf(answer map[string]any, key string) (items []map[string]any) {
	list, _ := answer[key].([]any)
	for _, item := range list {
		if o, ok := item.(map[string]any); ok {
			items = append(items, o)
		}
	}
	return items
}

// rename gives the first item of a list another name, or id.
func rename(answer map[string]any, key, field, name string) {
	if items := itemsOf(answer, key); len(items) > 0 {
		items[0][field] = name
	}
}

func oddIDs(t *testing.T, r *report) {
	n := 0
	for _, fault := range []struct{ provider, path, key, field, collector string }{
		{simulator.OTC, "/servers/detail", "servers", "id", "servers"},
		{simulator.OpenStack, "/servers/detail", "servers", "id", "servers"},
		{simulator.OTC, "/subnets", "subnets", "neutron_network_id", "subnets"},
		{simulator.OTC, "/subnets", "subnets", "id", "subnets"},
	} {
		var now atomic.Pointer[string]
		c := simulate(t, simulator.Options{Provider: fault.provider})
		c.Fault(changing(fault.path, func(a map[string]any) { rename(a, fault.key, fault.field, *now.Load()) }))
		var d *daemon
		for _, id := range []string{".", "..", "a/b", "../../v3/users", "a?b", "\x1b[31m", strings.Repeat("x", 100_000)} {
			if now.Store(&id); d == nil {
				d = serve(t, with("", c.byToken("  servers: all")))
			}
			l := d.good()
			skipped := l.sum("cloudip_collector_skipped_items", "collector", fault.collector)
			check.Equal(t, fmt.Sprintf("%s %s %.20q", fault.provider, fault.field, id), 1, skipped)
			n++
		}
	}
	r.say("%d clouds, each with one item left out", n)
}

func endlessLogins(t *testing.T, r *report) {
	c := simulate(t, simulator.Options{Provider: simulator.OpenStack})
	size := 7 << 20
	if len(buildFlags) > 0 { // with the race detector memory is not judged
		size = 1 << 20
	}
	empty := []byte(`"catalog":[` + strings.Repeat("{},", size/len("{},")))
	c.Fault(simtest.Fault{Path: "/auth/tokens$", ReplaceBody: func(body []byte) []byte {
		return bytes.Replace(body, []byte(`"catalog":[`), empty, 1)
	}})
	d := serve(t, with("", c.byToken()), weighed)
	d.good()
	if got := d.memory(); got > 96 && len(buildFlags) == 0 {
		t.Errorf("%.0f MiB for a catalogue of nothing", got)
	}
	r.say("%.0f MiB", d.memory())
	c.Fault(changing("/auth/projects", func(a map[string]any) {
		many := make([]any, 10_001)
		for i := range many {
			many[i] = map[string]any{"id": fmt.Sprintf("%032x", i), "name": fmt.Sprint("p", i)}
		}
		a["projects"] = many
	}))
	config := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), with("", c.byToken(`  projects: ["*"]`)))
	code, _, stderr := command(t, "inventory", "subnets", "--config.file="+config)
	if lists := c.Calls("", "/auth/projects"); code != 1 || !strings.Contains(stderr, "more than 10000 projects") || lists != 1 {
		t.Errorf("10,001 projects: exit %d after %d lists: %.300s", code, lists, stderr)
	}
}

func unasked(t *testing.T, r *report) {
	const secret = "token-behind-the-end"
	c := simulate(t, simulator.Options{Provider: simulator.OpenStack})
	var answers atomic.Int32
	base := hijacked(t, c, func(conn net.Conn, whole []byte) {
		answers.Add(1)
		_, _ = conn.Write(append(whole, secret...))
	})
	config := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), with("", c.at(base)))
	for _, format := range []string{"logfmt", "json"} {
		_, stdout, stderr := command(t, "inventory", "subnets", "--config.file="+config, "--log.level=debug", "--log.format="+format)
		if strings.Contains(stdout+stderr, secret) || strings.Contains(stderr, "Unsolicited") {
			t.Errorf("what was sent unasked is repeated: %.500s", stderr)
		}
	}
	if answers.Load() < 4 {
		t.Errorf("%d answers: it was not played", answers.Load())
	}
	r.say("%d answers", answers.Load())
}

func noFiles(t *testing.T, r *report) {
	c := simulate(t, simulator.Options{Provider: simulator.OpenStack})
	for _, name := range []string{"clouds.yaml", "secure.yaml", "clouds-public.yaml"} {
		dir := t.TempDir()
		file := filepath.Join(dir, "clouds.yaml")
		if name != "clouds.yaml" {
			check.Write(t, file, profiled(c.CloudsYAML(simulator.Exporter, c.base), name))
		}
		check.OK(t, syscall.Mkfifo(filepath.Join(dir, name), 0o600))
		config := check.Write(t, filepath.Join(dir, "config.yml"), with("", c.item("clouds_yaml:"+file)))
		if code, _, stderr := command(t, "inventory", "subnets", "--config.file="+config); code != 2 || !strings.Contains(stderr, name) {
			t.Errorf("%s is a pipe: exit %d: %s", name, code, stderr)
		}
	}
	r.say("3 pipes")
}

// profiled makes a clouds.yaml ask for what another file should hold.
func profiled(yaml, file string) string {
	if file != "clouds-public.yaml" {
		return yaml
	}
	return strings.Replace(yaml, "    auth:", "    profile: p\n    auth:", 1)
}

func lies(t *testing.T, r *report) {
	c := simulate(t, simulator.Options{Provider: simulator.OpenStack})
	dir := t.TempDir()
	config := check.Write(t, filepath.Join(dir, "config.yml"), with("", c.byToken("  projects: [admin]")))
	for what, port := range map[string]string{
		"another id":      `"id":"other"`,
		"another project": `"id":"asked","project_id":"` + strings.Repeat("9", 32) + `"`,
	} {
		end := c.Fault(simtest.Fault{Path: "/v2.0/ports/", Status: 200, Body: `{"port":{"device_owner":"","fixed_ips":[{"subnet_id":"s","ip_address":"10.0.0.9"}],` + port + `}}`})
		code, _, stderr := command(t, "private-ip", "release", "asked", "--yes", "--config.file="+config, "--journal.file="+filepath.Join(dir, "journal"))
		end()
		if deleted := c.Calls(http.MethodDelete, ""); code == 0 || deleted > 0 {
			t.Errorf("%s: exit %d, %d DELETE: %s", what, code, deleted, stderr)
		}
	}
	foreignJournals(t, r)
}

func foreignJournals(t *testing.T, r *report) {
	c := simulate(t, simulator.Options{Provider: simulator.OpenStack})
	dir := t.TempDir()
	config := check.Write(t, filepath.Join(dir, "config.yml"), with("", c.byToken()))
	code, out, _ := command(t, "inventory", "subnets", "--config.file="+config, "--output=json", "--filter=ip_version=4", "--filter=free!=0")
	var subnets []map[string]any
	if err := json.Unmarshal([]byte(out), &subnets); code != 0 || err != nil || len(subnets) == 0 {
		t.Fatalf("exit %d, %v: %s", code, err, out)
	}
	texts := []string{`{"precious":"data"}`, "precious", "precious\n", strings.Repeat("\x00", 1<<20)}
	for _, text := range texts {
		file := check.Write(t, filepath.Join(dir, "precious"), text)
		check.OK(t, os.Chmod(file, 0o644))
		code, _, stderr := command(t, "private-ip", "assign", fmt.Sprint("--subnet=", subnets[0]["subnet_id"]), "--yes", "--config.file="+config, "--journal.file="+file)
		have := check.Read(t, file)
		info := check.Get(os.Stat(file))(t)
		if code == 0 || have != text || info.Mode().Perm() != 0o644 || c.Calls(http.MethodPost, "/ports$") > 0 {
			t.Errorf("%.20q as journal: exit %d, mode %v, %d bytes of %d: %s", text, code, info.Mode(), len(have), len(text), stderr)
		}
	}
	r.say("%d foreign files, 2 lies about a port", len(texts))
}

func terminals(t *testing.T, r *report) {
	evil := "=cmd\x1b[31m\x1b]0;x\a\u202e\u2028\u0085\r\n"
	for _, name := range []string{evil, strings.Repeat("W", 3<<20)} {
		c := simulate(t, simulator.Options{Provider: simulator.OpenStack})
		c.Fault(changing("/subnets", func(a map[string]any) { rename(a, "subnets", "name", name) }))
		config := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), with("", c.byToken()))
		for _, format := range []string{"table", "json"} {
			code, out, stderr := command(t, "inventory", "subnets", "--config.file="+config, "--output="+format)
			if code != 0 || strings.ContainsAny(out+stderr, "\x1b\a\r\u202e\u2028\u0085") {
				t.Errorf("%s of %.20q: exit %d: %.300q", format, name, code, out+stderr)
			}
			if format == "json" && !json.Valid([]byte(out)) || format == "table" && len(out) > 256<<10 {
				t.Errorf("%s of %.20q: %d bytes", format, name, len(out))
			}
		}
		_, out, _ := command(t, "inventory", "subnets", "--config.file="+config, "--output=csv")
		if strings.Contains(out, ",=") || strings.Contains(out, `"=`) {
			t.Errorf("a formula in CSV: %.300q", out)
		}
	}
	config := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), "clouds: []\n")
	if _, _, stderr := command(t, "lookup", "\x1b[31m\u202e", "--config.file="+config+"\x1b[31m"); strings.ContainsAny(stderr, "\x1b\u202e") {
		t.Errorf("an error commands the terminal: %q", stderr)
	}
	r.say("2 names, 3 formats")
}
