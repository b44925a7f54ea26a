//go:build e2e

package alerts

import (
	"cmp"
	"context"
	"encoding/json"
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

// at is where the query is asked for one moment.
func (q query) at(prometheus string) string {
	return prometheus + "/api/v1/query?query=" + url.QueryEscape(q.expr)
}

// ask asks at an address and returns how many series the answer has and what it took.
func ask(ctx context.Context, address string) (series int, took time.Duration, err error) {
	var answer struct {
		Data struct {
			Result []json.RawMessage // of a scalar its time and value
		}
	}
	began := time.Now()
	err = getJSON(ctx, address, &answer)
	return len(answer.Data.Result), time.Since(began), err
}

// checkDashboards runs every query of every dashboard: each must parse and return data.
func checkDashboards(t *testing.T, prometheus string) {
	t.Helper()
	var slowest time.Duration
	all, without := queries(t), 0
	for _, q := range all {
		series, took, err := ask(t.Context(), q.at(prometheus))
		slowest = max(slowest, took)
		if err != nil || series == 0 {
			t.Errorf("%s / %s / %s returns nothing: %s: %v", q.board, q.panel, q.ref, q.expr, err)
			without++
		}
	}
	t.Logf("%d queries of dashboards, %d without data, the slowest took %s", len(all), without, slowest)
}
