package cli

import (
	"bytes"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"cloudip_exporter/config"
	"cloudip_exporter/simulator"
)

// checkingAll is check-config of all simulated clouds on a terminal of so many
// columns; 0 is none.
func checkingAll(t *testing.T, columns int, o CheckConfigOptions) string {
	t.Helper()
	clouds := simulator.NewAll(simulator.Options{})
	clouds.HuaweiCloud.Deny(simulator.Exporter, "vpc:networks:get")
	server := httptest.NewServer(clouds)
	defer server.Close()
	cfg, err := config.Parse("config.yml", []byte(clouds.ConfigYAML(server.URL)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	e := NewEnv(nil, &out, &out, nil)
	e.StdoutTerminal, e.Width = columns > 0, func() int { return columns }
	e.Getenv = func(string) string { return "" }
	e.ConfigFile = "config.yml"
	e.Clouds = sessions(t, cfg)
	o.Warnings = []string{"config.yml:8: clouds[0].auth.secret_key: a secret in a configuration file that others can read (mode 0644): chmod 600"}
	_ = e.CheckConfig(t.Context(), o) // its exit code is another test's
	return out.String()
}

// titles are those of the columns that become headings.
var titles = regexp.MustCompile(`CLOUD +PROJECT +PROVIDER`)

func TestCheckConfigFitsTheTerminalAndCutsNothing(t *testing.T) {
	for _, columns := range []int{80, 120} {
		for _, online := range []bool{false, true} {
			text := checkingAll(t, columns, CheckConfigOptions{Online: online})
			var words []string
			for line := range strings.Lines(plainText(text)) {
				if line = strings.TrimSuffix(line, "\n"); uniseg.StringWidth(line) > columns {
					t.Errorf("%d columns, online %v: %q", columns, online, line)
				}
				words = append(words, strings.Fields(line)...)
			}
			whole := checkingAll(t, 0, CheckConfigOptions{Online: online})
			for _, word := range strings.Fields(titles.ReplaceAllString(whole, "")) {
				if word = strings.Trim(word, "()"); !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, word) }) {
					t.Errorf("%d columns, online %v: %q is missing in\n%s", columns, online, word, text)
				}
			}
			most := map[bool]int{false: 1, true: 2}[online] // over the costs, over the trials
			for _, heading := range []string{"sim-huaweicloud / cn-north-4 (huaweicloud)", "sim-otc / eu-de (otc)"} {
				if n := strings.Count(text, heading); n < 1 || n > most || strings.Contains(whole, heading) {
					t.Errorf("%d columns, online %v: %q is there %d times, want 1 to %d, in\n%s", columns, online, heading, n, most, text)
				}
			}
		}
	}
}

func plainText(s string) string {
	return strings.NewReplacer(string(bold), "", reset, "").Replace(s)
}

func TestCheckConfigIsATableWhereThatFitsOrIsAskedFor(t *testing.T) {
	for columns, o := range map[int]Output{200: {}, 80: {Wide: true}, 0: {}} {
		if text := plainText(checkingAll(t, columns, CheckConfigOptions{Output: o})); !strings.Contains(text, "\nCLOUD  ") || !strings.Contains(text, "\nsim-otc  ") {
			t.Errorf("%d columns, %+v:\n%s", columns, o, text)
		}
	}
}

func TestWrappedTextLosesNothing(t *testing.T) {
	for _, text := range []string{"", "one", "one two three", "a-word-without-any-blank-in-it", "漢字漢字漢字 漢字", "x " + strings.Repeat("y", 50)} {
		for width := 2; width < 20; width++ {
			lines := wrap(text, width)
			for _, line := range lines {
				if uniseg.StringWidth(line) > width {
					t.Errorf("%q in %d columns: %q", text, width, line)
				}
			}
			if got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.ReplaceAll(text, " ", ""); got != want {
				t.Errorf("%q in %d columns became %q", text, width, lines)
			}
		}
	}
}
