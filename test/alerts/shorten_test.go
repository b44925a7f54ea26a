//go:build e2e

package alerts

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/test/check"
)

// The world runs factor times as fast, so every duration of the rules is
// divided by it. Windows of a day would still take 24 minutes to fill: they,
// and what compares with them, are divided by dayFactor.
const (
	factor    = 60
	dayFactor = 240
)

var (
	windows    = regexp.MustCompile(`\[(\d+[smhd])\]|\b(offset|for:|keep_firing_for:) (\d+[smhd])`)
	requests   = regexp.MustCompile(`(cloudip_(?:api_requests|auth_failures)_total(?:\{[^}]*\})?)\[1[05]m\]`)
	thresholds = regexp.MustCompile(`(threshold:\w+:seconds", expr: ")([0-9 *]+)"`)
)

// shorten is the rules for a world that runs factor times as fast.
func shorten(t *testing.T, rules string) string {
	t.Helper()
	// The exporter's pauses after a 429 and the demo's collections are no faster: the window must span several.
	rules = requests.ReplaceAllString(rules, "$1[40000ms]")
	rules = windows.ReplaceAllStringFunc(rules, func(found string) string {
		m := windows.FindStringSubmatch(found)
		if m[1] == "5m" { // how old a value may be: several scrapes, on a busy machine too
			return "[15s]"
		}
		if m[1] != "" {
			return "[" + divided(t, m[1]) + "]"
		}
		return m[2] + " " + divided(t, m[3])
	})
	return thresholds.ReplaceAllStringFunc(rules, func(found string) string {
		m := thresholds.FindStringSubmatch(found)
		seconds := 1
		for part := range strings.SplitSeq(m[2], "*") {
			n := check.Get(strconv.Atoi(strings.TrimSpace(part)))(t)
			seconds *= n
		}
		by := factor
		if strings.Contains(m[1], "predicted") {
			by = dayFactor
		}
		return fmt.Sprintf(`%s%d"`, m[1], seconds/by)
	})
}

func divided(t *testing.T, text string) string {
	t.Helper()
	unit := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[text[len(text)-1]]
	n := check.Get(strconv.Atoi(text[:len(text)-1]))(t)
	d, by := time.Duration(n)*unit, time.Duration(factor)
	switch {
	case d >= 7*24*time.Hour:
		by = 7 * dayFactor
	case d >= 24*time.Hour || text == "3h":
		by = dayFactor
	}
	return fmt.Sprintf("%dms", (d / by).Milliseconds())
}

func TestShortenDividesEveryDuration(t *testing.T) {
	got := shorten(t, `last_over_time(w[5m]) predict_linear(x[1h], 3) offset 6h and y[1d] z[7d] rate(cloudip_api_requests_total{code="429"}[15m])
        for: 5m
        keep_firing_for: 15m
      - {record: "threshold:cloudip_imminent_horizon_1h:seconds", expr: "4 * 3600"}
      - {record: "threshold:cloudip_predicted_horizon:seconds", expr: "4 * 86400"}`)
	want := `last_over_time(w[15s]) predict_linear(x[60000ms], 3) offset 360000ms and y[360000ms] z[360000ms] rate(cloudip_api_requests_total{code="429"}[40000ms])
        for: 5000ms
        keep_firing_for: 15000ms
      - {record: "threshold:cloudip_imminent_horizon_1h:seconds", expr: "240"}
      - {record: "threshold:cloudip_predicted_horizon:seconds", expr: "1440"}`
	check.Equal(t, "shorten:", want, got)
}
