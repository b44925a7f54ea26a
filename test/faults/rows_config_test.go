package faults

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/simulator"
	"cloudip_exporter/test/check"
)

// Configuration and secrets.
func configRows() []row {
	return []row{{
		fault:   "reload of a broken configuration",
		promise: "the old one runs on, and it shows",
		figure:  "200 mutations under load: 0 answers lost, 0 series change while a mutation is refused, gauge 0; check-config says the same of 40 of them",
		note:    "No hash of the configuration is published: there is no such metric in the list of metrics.",
		also:    []string{"cli TestABadReloadChangesNothingAndAGoodOneCounts", "config FuzzParse"},
		play:    brokenConfigs,
	}, {
		fault:   "rotation of secrets",
		promise: "no restart",
		figure:  "passwords and keys, the cloud first and the file first, by rename and by symlink, under load: at most 1 failed collection each",
		note:    "4 requests at once here. A key that is changed in the middle of a collection is tried by as many requests as are under way (`limits.concurrency`), and clouds lock a key after 5 refusals; between collections one request tries it alone.",
		also:    []string{"cloudapi/auth TestAWrongKeyIsSeenByOneRequestOfACollection", "cloudapi/auth TestAKeyChangedBetweenCollectionsIsSeenByOneRequestOnly", "cloudapi/auth TestAChangedKeyFileCountsAtOnce", "config TestASwappedSymlinkCountsAtTheNextUse"},
		play:    rotation,
	}, {
		fault:   "secrets in what is shown",
		promise: "never",
		figure:  "12 canaries, bodies of requests among them, × all scripts at debug: 0 hits in logs, metrics, pages, JSON, errors, check-config, the journal, the storage, crash dumps of goroutines, plain, quoted, base64, hex, URL-encoded and in HTML",
		also:    []string{"config TestNoPrinterShowsASecret", "config FuzzNoFaultShowsASecret", "cloudapi/wire/apierr TestMessagesHoldNoCredential"},
		play:    canaries,
	}, {
		fault:   "secret files that others can read",
		promise: "a warning",
		figure:  "0644 is warned of, 0600 is not, for files of secrets and configurations with secrets in them; 0640 for files of secrets only",
		note:    "No gauge and no --strict-permissions: neither is among the flags and metrics.",
		also:    []string{"config TestWarnings"},
		play:    permissions,
	}, {
		fault:   "secrets on the command line",
		promise: "impossible",
		figure:  "0 flags take a secret; every secret of the configuration has a _file form",
		note:    "The environment is read with auth type env only.",
		also:    []string{"config TestWhatIsReadIsThatInTheFile"},
		play:    commandLine,
	}}
}

// mutate breaks a text in one of several ways.
func mutate(random *rand.Rand, text string) string {
	at := random.IntN(len(text))
	lines := strings.Split(text, "\n")
	line := random.IntN(len(lines))
	switch random.IntN(8) {
	case 0:
		return text[:at]
	case 1:
		return text[:at] + string(text[at]^byte(1<<random.IntN(7))) + text[at+1:]
	case 2:
		return text + fmt.Sprintf("unknown_key_%d: 1\n", at)
	case 3:
		return strings.Replace(text, "collection: {", "collection: {interval: -5x, ", 1)
	case 4:
		lines[line] = "  " + lines[line]
	case 5:
		lines[line] = ""
	case 6:
		lines[line] = strings.Replace(lines[line], ":", "", 1)
	case 7:
		return text[:at] + "\x00\xff{{" + text[at:]
	}
	return strings.Join(lines, "\n")
}

func brokenConfigs(t *testing.T, r *report) {
	c := otc(t)
	yaml := with("collection: {timeout: 1m}\n", c.byToken("  projects: [eu-de]"))
	d := serve(t, yaml)
	control := d.good()
	stop := d.load(full(3, 1))
	random := rand.New(rand.NewPCG(4, 2))
	refused, taken, compared := 0, 0, 0
	mutations := full(200, 30)
	for range mutations {
		broken := mutate(random, yaml)
		check.Write(t, d.config, broken)
		status := d.reload()
		l := d.scrape(30)
		switch status {
		case 200:
			taken++
			check.Write(t, d.config, yaml)
			if d.reload() != 200 {
				t.Fatal("the good configuration is refused")
			}
			d.good()
		case 500:
			refused++
			same(t, "after a refused reload", control, l)
			check.Equal(t, "the gauge says that the reload was a success", 0, l.sum("cloudip_config_last_reload_successful"))
		default:
			t.Errorf("a reload got %d", status)
		}
		if compared < mutations/5 {
			compared++
			file := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), broken)
			if code, out, _ := command(t, "check-config", "--config.file="+file); (code == 2) != (status == 500) {
				t.Errorf("check-config says %d, the daemon %d:\n%s", code, status, out)
			}
		}
	}
	scrapes, lost := stop()
	if lost > 0 || refused < mutations/2 {
		t.Errorf("%d answers lost, %d refused", lost, refused)
	}
	r.say("%d refused, %d were valid, %d scrapes meanwhile, %d lost", refused, taken, scrapes, lost)
}

// placing is a way to put a new text at a path.
var placings = map[string]func(t *testing.T, path, text string){
	"rename": func(t *testing.T, path, text string) {
		check.OK(t, os.Rename(check.Write(t, path+".new", text), path))
	},
	"symlink": func(t *testing.T, path, text string) { // as Kubernetes does
		dir := fmt.Sprintf("%s..%d", path, time.Now().UnixNano())
		check.OK(t, os.Mkdir(dir, 0o700))
		check.Write(t, filepath.Join(dir, "secret"), text)
		check.OK(t, os.Symlink(dir, path+".link"))
		check.OK(t, os.Rename(path+".link", path+".data"))
		if _, err := os.Lstat(path); err != nil {
			check.OK(t, os.Symlink(filepath.Join(filepath.Base(path)+".data", "secret"), path))
		}
	},
}

func rotation(t *testing.T, r *report) {
	worst := 0
	for _, auth := range []string{"password", "access_key"} {
		for way, place := range placings {
			c := otc(t)
			id := c.Credentials(simulator.Exporter)
			file := filepath.Join(t.TempDir(), "secret")
			key, old := "password", id.Password
			if auth == "access_key" {
				key, old = "secret_key", id.SecretKey
			}
			place(t, file, old)
			item := regexp.MustCompile(key+`: ".*"`).ReplaceAllString(c.item(auth, "  projects: ["+id.DefaultProjectID+"]", "  limits: {requests_per_second: 0, concurrency: 4}", "  collectors: [quotas]"), key+"_file: "+file)
			d := serve(t, with("", item))
			d.good()
			change := func(secret string) {
				if auth == "access_key" {
					c.SetKey(simulator.Exporter, id.AccessKey, secret)
				} else {
					c.SetPassword(simulator.Exporter, secret)
				}
			}
			for i, order := range []string{"file first", "cloud first"} {
				secret := fmt.Sprintf("rotated-secret-%d-%s", i, way)
				mark, stop := d.log.Mark(), d.load(2)
				if order == "file first" {
					if auth == "access_key" {
						stop()
						continue // a signature needs both at once
					}
					place(t, file, secret)
					d.scrape(30)
					change(secret)
				} else {
					letGo := c.hold(t, "") // no collection ends in between
					change(secret)
					place(t, file, secret)
					letGo()
				}
				d.scrape(30)
				d.scrape(30)
				stop()
				failed := strings.Count(d.log.Since(mark), "collection failed") // of quotas alone
				if worst = max(worst, failed); failed > 1 {
					t.Errorf("%s, %s, %s: %d failed collections:\n%s", auth, way, order, failed, d.log.Since(mark))
				}
				d.good()
			}
			change("another-" + way) // now the cloud, and a collection before the file
			if got := d.scrape(30); len(got.failed()) == 0 {
				t.Errorf("%s, %s: a changed secret goes unnoticed", auth, way)
			}
			place(t, file, "another-"+way)
			eventually(t, 15*time.Second, "the new secret is used", func() bool { return len(d.scrape(30).failed()) == 0 })
		}
	}
	r.say("at most %d failed collections", worst)
}

func permissions(t *testing.T, r *report) {
	c := otc(t)
	id := c.Credentials(simulator.Exporter)
	for mode, warned := range map[os.FileMode]map[string]bool{0o600: {}, 0o400: {}, 0o644: {"secret": true, "configuration": true}, 0o640: {"secret": true}} {
		for _, name := range []string{"secret", "configuration"} {
			dir, yaml := t.TempDir(), with("", c.byToken())
			secret := check.Write(t, filepath.Join(dir, "secret"), id.Password)
			if name == "secret" {
				yaml = regexp.MustCompile(`password: ".*"`).ReplaceAllString(yaml, "password_file: "+secret)
			}
			config := check.Write(t, filepath.Join(dir, "configuration"), yaml)
			check.OK(t, os.Chmod(filepath.Join(dir, name), mode))
			d := serveFile(t, config)
			d.good()
			const warning = "others can read|read by others"
			if warned[name] {
				d.awaitLog(0, warning)
			}
			d.awaitLog(0, "msg=collected")
			check.Equal(t, fmt.Sprintf("%s with %04o: warned", name, mode), warned[name], regexp.MustCompile(warning).MatchString(d.log.String()))
		}
	}
	r.say("4 modes × 2 files")
}

func commandLine(t *testing.T, r *report) {
	code, help, _ := command(t, "--help-long")
	flags := regexp.MustCompile(`--[a-z][\w.-]*`).FindAllString(help, -1)
	if code != 0 || len(flags) < 10 {
		t.Fatalf("exit code %d, %d flags", code, len(flags))
	}
	for _, f := range flags {
		if f != "--token-ttl" && regexp.MustCompile(`(?i)pass|secret|token|key|credential`).MatchString(f) { // that is a duration
			t.Errorf("the flag %s", f)
		}
	}
	for _, key := range []string{"secret_key", "password", "application_credential_secret", "security_token", "proxy_url"} {
		check.Has(t, "docs/configuration.md", check.Read(t, "../../docs/configuration.md"), key+"_file")
	}
	r.say("%d flags", len(flags))
}
