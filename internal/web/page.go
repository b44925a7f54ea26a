package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"cloudip_exporter/internal/inventory"
)

// The page loads nothing but its own style sheet and runs no script.
const contentSecurityPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed page.html style.css
var files embed.FS

// pageTarget is one row of the page.
type pageTarget struct {
	Cloud, Project, Provider string
	ProbeURL                 string
	Collectors               []pageCollector
}

type pageCollector struct {
	Name    string
	Success bool
	Age     string // of the data; "" without data
	Items   int
}

// page lists the targets with the age of their data. It asks no cloud.
func (s *server) page(w http.ResponseWriter, _ *http.Request) {
	now := time.Now()
	data := struct {
		Version, TelemetryPath string
		Ready                  bool
		Targets                []pageTarget
	}{Version: s.Version, TelemetryPath: s.TelemetryPath, Ready: s.Runner.Ready()}
	for _, snap := range s.Runner.Snapshots() {
		data.Targets = append(data.Targets, newPageTarget(snap, now))
	}
	var b bytes.Buffer
	if err := s.template.Execute(&b, data); err != nil {
		s.Logger.Error("writing the page failed", "err", err)
		http.Error(w, "the page could not be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes()) // the client has gone: nobody to tell
}

func newPageTarget(snap *inventory.Snapshot, now time.Time) pageTarget {
	t := pageTarget{
		Cloud: snap.Cloud, Project: snap.Project, Provider: snap.Provider,
		ProbeURL: "/probe?" + url.Values{"cloud": {snap.Cloud}, "project": {snap.Project}}.Encode(),
	}
	for _, st := range snap.States {
		c := pageCollector{Name: st.Collector, Success: st.Success}
		if st.Part != nil {
			c.Age = now.Sub(st.LastSuccess).Round(time.Second).String()
			c.Items = st.Part.Items
		}
		t.Collectors = append(t.Collectors, c)
	}
	return t
}

func (s *server) style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "style.css")
}

func parsePage() (*template.Template, error) {
	return template.ParseFS(files, "page.html")
}
