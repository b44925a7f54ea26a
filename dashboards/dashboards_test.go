// Package dashboards holds no code: its tests keep the Grafana dashboards beside them in order.
package dashboards

import (
	"encoding/json"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

type dashboard struct {
	UID        string `json:"uid"`
	Title      string `json:"title"`
	Links      []struct{ Tags []string }
	Tags       []string
	Templating struct {
		List []struct{ Name, Type string }
	} `json:"templating"`
	Panels []panel `json:"panels"`
}

type panel struct {
	ID          int    `json:"id"`
	Type        string `json:"type"`
	Title       string `json:"title"`
	Description string `json:"description"`
	GridPos     struct{ H, W, X, Y int }
	Datasource  struct{ UID string } `json:"datasource"`
	FieldConfig struct{ Defaults struct{ NoValue string } }
	Targets     []struct{ RefID, Expr string }
}

func load(t *testing.T) map[string]dashboard {
	t.Helper()
	all := map[string]dashboard{}
	for _, file := range check.Files(t, "*.json") {
		var d dashboard
		check.OK(t, json.Unmarshal([]byte(check.Read(t, file)), &d))
		all[file] = d
	}
	return all
}

func TestEveryDashboardIsFoundByItsFileNameAndLeadsToTheOthers(t *testing.T) {
	for file, d := range load(t) {
		if d.UID+".json" != file || d.Title == "" {
			t.Errorf("%s: uid %q, title %q", file, d.UID, d.Title)
		}
		have := map[string]string{}
		for _, v := range d.Templating.List {
			have[v.Name] = v.Type
		}
		if have["datasource"] != "datasource" || have["cloud"] != "query" || have["project"] != "query" {
			t.Errorf("%s: variables %v", file, have)
		}
		if len(d.Links) != 1 || len(d.Tags) != 1 || d.Tags[0] != d.Links[0].Tags[0] {
			t.Errorf("%s does not link to the other dashboards", file)
		}
		first := d.Panels[0]
		if first.GridPos.Y != 0 || len(first.Targets) == 0 || !strings.Contains(first.Targets[0].Expr, "collector:cloudip_data_age_seconds:min") {
			t.Errorf("%s: the first panel is %q, not the age of the data", file, first.Title)
		}
	}
}

func TestEveryPanelIsOneOfAKind(t *testing.T) {
	for file, d := range load(t) {
		ids, panels := map[int]bool{}, 0
		taken := map[[2]int]string{}
		for _, p := range d.Panels {
			if ids[p.ID] || p.ID == 0 {
				t.Errorf("%s: panel id %d is not unique", file, p.ID)
			}
			ids[p.ID] = true
			if p.Type != "row" {
				panels++
			}
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
					if other := taken[[2]int{x, y}]; other != "" {
						t.Fatalf("%s: %q lies on %q", file, p.Title, other)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
		if panels > 25 {
			t.Errorf("%s: %d panels; a dashboard answers one question", file, panels)
		}
	}
}

func TestEveryPanelAsksTheChosenDataSource(t *testing.T) {
	for file, d := range load(t) {
		for _, p := range d.Panels {
			if p.Type == "row" || p.Type == "text" {
				continue
			}
			if p.Title == "" || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
				t.Errorf("%s: panel %q asks %q with %d queries", file, p.Title, p.Datasource.UID, len(p.Targets))
			}
			for _, target := range p.Targets {
				if target.Expr == "" || target.RefID == "" {
					t.Errorf("%s: panel %q has a query without text or name", file, p.Title)
				}
			}
		}
	}
}

// A zero beside a forecast that is not known yet would look like good news.
func TestAPanelOfForecastsSaysUntilWhenItKnowsNone(t *testing.T) {
	forecasts := 0
	for file, d := range load(t) {
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				if !strings.Contains(target.Expr, "time_to_exhaustion") || !strings.Contains(target.Expr, "* 0") || p.Type != "stat" {
					continue
				}
				forecasts++
				if !strings.Contains(target.Expr, "offset 1h) * 0") || p.FieldConfig.Defaults.NoValue != "needs an hour of data" {
					t.Errorf("%s: %q shows 0 in its first hour", file, p.Title)
				}
			}
		}
	}
	if forecasts == 0 {
		t.Error("no panel counts what is soon full")
	}
}
