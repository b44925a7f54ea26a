//go:build e2e

package alerts

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/test/check"
)

// query is one query of one panel.
type query struct {
	board, panel, ref, expr string
	steps                   int // 0: asked for one moment, not over time
}

// mostSteps is how many steps a wide panel without a limit of its own asks for.
const mostSteps = 300

// empty are queries that may return nothing, with the reason.
var empty = map[string]string{}

// queries reads all queries of all dashboards, their variables filled in: all of each.
func queries(t *testing.T) []query {
	t.Helper()
	fill := strings.NewReplacer("$__rate_interval", "30s", "$__range", "10m", "$cloud", ".*", "$project", ".*", "$subnet", ".*", "$address", "",
		"offset 1d", "offset 5m") // the test ends after minutes
	var out []query
	for _, board := range check.Files(t, "../../dashboards/*.json") {
		var d struct {
			Panels []struct {
				Title         string
				MaxDataPoints int
				Targets       []struct {
					RefID, Expr string
					Range       bool
				}
			}
		}
		check.OK(t, json.Unmarshal([]byte(check.Read(t, board)), &d))
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				steps := 0
				if q.Range {
					steps = cmp.Or(p.MaxDataPoints, mostSteps)
				}
				out = append(out, query{strings.TrimSuffix(filepath.Base(board), ".json"), p.Title, q.RefID, fill.Replace(q.Expr), steps})
			}
		}
	}
	return out
}

// run runs an instant query and returns how many series it has and what it took.
func (q query) run(ctx context.Context, prometheus string) (series int, took time.Duration, err error) {
	var answer struct {
		Data struct {
			ResultType string
			Result     json.RawMessage
		}
	}
	began := time.Now()
	if err := getJSON(ctx, prometheus+"/api/v1/query?query="+url.QueryEscape(q.expr), &answer); err != nil {
		return 0, 0, err
	}
	took = time.Since(began)
	if answer.Data.ResultType == "scalar" {
		return 1, took, nil
	}
	var vector []json.RawMessage
	if err := json.Unmarshal(answer.Data.Result, &vector); err != nil {
		return 0, took, fmt.Errorf("read the result: %w", err)
	}
	return len(vector), took, nil
}

// checkDashboards runs every query of every dashboard: each must parse and return data.
func checkDashboards(t *testing.T, prometheus string) {
	t.Helper()
	var slowest time.Duration
	all, without := queries(t), 0
	for _, q := range all {
		series, took, err := q.run(t.Context(), prometheus)
		slowest = max(slowest, took)
		where := fmt.Sprintf("%s / %s / %s", q.board, q.panel, q.ref)
		switch {
		case err != nil:
			t.Errorf("%s: %v", where, err)
		case series == 0 && empty[q.board+"/"+q.panel] != "":
			t.Logf("%s: no data: %s", where, empty[q.board+"/"+q.panel])
			without++
		case series == 0:
			t.Errorf("%s returns nothing: %s", where, q.expr)
			without++
		}
	}
	t.Logf("%d queries of dashboards, %d without data, the slowest took %s", len(all), without, slowest)
}
