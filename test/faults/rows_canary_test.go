package faults

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
)

// leaking are texts that hold a canary in any form.
func leaking(text string, canaries map[string]string) []string {
	var found []string
	lower := strings.ToLower(text)
	for name, c := range canaries {
		raw := []byte(c)
		for form, shape := range map[string]string{
			"plain": c, "base64": base64.StdEncoding.EncodeToString(raw)[:len(raw)], "base64, shifted": base64.StdEncoding.EncodeToString(raw[1:])[:len(raw)],
			"base64, shifted twice": base64.StdEncoding.EncodeToString(raw[2:])[:len(raw)], "hex": hex.EncodeToString(raw), "URL": url.QueryEscape(c),
			"quoted": strconv.Quote(c)[1 : len(strconv.Quote(c))-1], "HTML": html.EscapeString(c),
		} {
			if strings.Contains(lower, strings.ToLower(shape)) {
				found = append(found, name+" "+form)
			}
		}
	}
	return found
}

func canaries(t *testing.T, r *report) {
	c := simtest.New(simulator.Options{Provider: simulator.OTC})
	canary := map[string]string{
		"password": "Canary/Password+1%zz", "secret key": "CanarySecretKey/2+aa", "application credential": "CanaryAppSecret3!?x", "security token": "CanarySecurityToken4==",
		"proxy password": "CanaryProxyPw5", "basic-auth password": "CanaryBasicPw6",
	}
	c.SetPassword(simulator.Exporter, canary["password"])
	id := c.Credentials(simulator.Exporter)
	c.SetKey(simulator.Exporter, id.AccessKey, canary["secret key"])
	none := func(*http.Request) bool { return false }
	gateway := &echo{on: none, bodies: map[string]string{}, quoted: map[string]int{}}
	base := gateway.before(t, c)

	ca := newAuthority(t)
	_, certFile, keyFile := ca.issue("127.0.0.1", ca.cert.NotAfter)
	canary["TLS key"] = strings.Split(check.Read(t, keyFile), "\n")[1][:40]
	dir := t.TempDir()
	hash := "$2a$04$DlumM2viri.Sx33v4df3q.H04650gTvY3Nhnw41Ff1aVwwsdk8L0."
	webConfig := check.Write(t, filepath.Join(dir, "web.yml"), fmt.Sprintf("tls_server_config: {cert_file: %s, key_file: %s}\nbasic_auth_users: {prometheus: %s}\n", certFile, keyFile, hash))
	canary["basic-auth hash"] = hash[8:]

	slow := "  limits: {requests_per_second: 0, concurrency: 1}"
	password := c.ConfigYAML(base, "password", slow)
	accessKey := strings.Replace(c.ConfigYAML(base, "access_key", slow, "  projects: ["+id.DefaultProjectID+"]"), "sim-otc", "signed", 1)
	temporary := strings.Replace(accessKey, "signed", "temporary", 1)
	temporary = regexp.MustCompile(`(secret_key: .*)`).ReplaceAllString(temporary, "$1\n    security_token: "+canary["security token"])
	app := strings.Replace(c.ConfigYAML(base, "application_credential", slow, "  projects: []"), "sim-otc", "app", 1)
	app = strings.Replace(app, "  projects: []\n", "", 1)
	app = regexp.MustCompile(`application_credential_secret: .*`).ReplaceAllString(app, `application_credential_secret: "`+canary["application credential"]+`"`)
	proxied := strings.Replace(c.ConfigYAML(base, "password", slow, `  http: {proxy_url: "http://user:`+canary["proxy password"]+`@127.0.0.1:1"}`), "sim-otc", "proxied", 1)
	yaml := with("storage: {path: state/cloudip.db}\n", password, accessKey, temporary, app, proxied)
	file := check.Write(t, filepath.Join(dir, "config.yml"), yaml)

	d := serveFile(t, file)
	shown := strings.Builder{}
	look := func() {
		for _, path := range []string{"/metrics", "/", "/probe?cloud=app", "/probe?cloud=" + url.QueryEscape(canary["password"]), "/sd/targets", "/sd/servers", "/api/v1/subnets", "/api/v1/lookup?ip=10.0.0.1", "/-/ready", "/nothing"} {
			a, err := d.ask("GET", path, "X-Prometheus-Scrape-Timeout-Seconds", "20")
			if err == nil && !strings.Contains(path, "Canary") {
				fmt.Fprintln(&shown, a.header, a.body)
			}
		}
	}
	show := func(args ...string) (code int) {
		code, out, errs := command(t, append(args, "--config.file="+file, "--log.level=debug")...)
		shown.WriteString(out + errs)
		return code
	}
	look()
	scripts := 0
	for _, when := range []func(*http.Request) bool{resources, func(r *http.Request) bool { return !resources(r) }, func(*http.Request) bool { return true }} {
		gateway.set(when, 0)
		c.RevokeTokens()
		look()
		scripts++
	}
	journal := filepath.Join(dir, "journal.jsonl")
	bodies(t, gateway, c, journal, canary, look, show)
	scripts += 2 * len(echoes("", ""))
	canary["token"] = gateway.token
	for _, f := range []simtest.Fault{{Status: 500, Body: "<html>"}, {CutAtPercent: 40}, {Reset: true}, {Redirect: "http://" + canary["password"] + "@127.0.0.1:1/"}, {ReplaceBody: func([]byte) []byte { return []byte(`{"token":"` + canary["password"] + `"}`) }}, {Status: 401}} {
		end := c.Fault(f)
		c.RevokeTokens()
		look()
		end()
		scripts++
	}
	for from, to := range map[string]string{"clouds:\n": "clouds: oops:\n", "type: password": "type: passwort"} {
		check.Write(t, file, strings.ReplaceAll(yaml, from, to))
		a, _ := d.ask("POST", "/-/reload")
		shown.WriteString(a.body)
		show("check-config")
	}
	check.Write(t, file, yaml)
	for _, args := range [][]string{{"check-config"}, {"check-config", "--online"}, {"inventory", "--cloud=app"}, {"--help"}} {
		show(args...)
	}
	console(t, c, file, canary, &shown)
	shown.WriteString(check.Read(t, journal))
	withWeb := serveFile(t, file, "--web.config.file="+webConfig)
	shown.WriteString(withWeb.log.String())
	_ = d.run.Process.Signal(syscall.SIGQUIT) // prints all goroutines with what they hold
	<-d.run.Ended
	searched := map[string]string{"what is shown": shown.String(), "the log": d.log.String()}
	files, _ := filepath.Glob(filepath.Join(dir, "state", "*"))
	for _, file := range files {
		searched["storage"] += check.Read(t, file)
	}
	for name, text := range searched {
		if found := leaking(text, canary); len(found) > 0 {
			t.Errorf("%s holds %v", name, found)
			for line := range strings.Lines(text) {
				if len(leaking(line, canary)) > 0 {
					t.Errorf("%.1500s", line)
				}
			}
		}
		if len(text) < 10_000 {
			t.Errorf("%s has only %d bytes", name, len(text))
		}
	}
	if len(files) < 3 {
		t.Errorf("storage has only %q", files)
	}
	if len(leaking("x "+hex.EncodeToString([]byte(canary["password"])), canary)) == 0 || len(canary) < 12 {
		t.Errorf("the search finds nothing, or there are only %d canaries", len(canary))
	}
	r.say("%d canaries, %d scripts, %d kB searched", len(canary), scripts, (shown.Len()+d.log.Mark())/1024)
}

// console asks for a console; its address is the result on stdout and nowhere
// else.
func console(t *testing.T, c *simtest.Cloud, file string, canary map[string]string, shown *strings.Builder) {
	t.Helper()
	for _, s := range c.Truth().Servers {
		if s.Status != "ACTIVE" {
			continue
		}
		_, out, errs := command(t, "server", "console", s.ID, "--config.file="+file, "--cloud=sim-otc", "--log.level=debug")
		if _, token, ok := strings.Cut(strings.TrimSpace(out), "token="); ok {
			canary["console URL"] = token
			shown.WriteString(errs)
			return
		}
	}
	t.Error("no console")
}
