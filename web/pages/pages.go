// Package pages shows people what was collected last: HTML without scripts, which loads
// nothing but its own style sheet. It asks no cloud.
package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"sync"

	"cloudip_exporter/inventory/rows"
)

// SecurityPolicy is what a browser may do with the pages: load their style sheet, and
// send their forms to this server.
const SecurityPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

//go:embed templates
var files embed.FS

// Pages serves the pages.
type Pages struct {
	options   Options
	templates *template.Template
}

// page is one path with its template, and the function that fills it in.
type page struct {
	path, template string
	show           func(*view) any
}

func pages() []page {
	return []page{
		{"/{$}", "overview", showOverview},
		{"/subnet", "subnet", showSubnet},
		{"/vpcs", "vpcs", showVPCs},
		{"/vpc", "vpc", showVPC},
		{"/address", "address", showAddress},
		{"/targets", "targets", showTargets},
	}
}

type menuItem struct{ Name, Title, Href string }

func menu() []menuItem {
	return []menuItem{{"overview", "Overview", "./"}, {"vpcs", "VPCs", "vpcs"}, {"targets", "Targets", "targets"}}
}

// parsed are the templates, which take longer to parse than to show.
var parsed = sync.OnceValues(func() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{"figure": figure, "text": visible, "plural": plural, "menu": menu, "unheld": unheld}).ParseFS(files, "templates/*.html")
})

// New returns the pages.
func New(o Options) (*Pages, error) {
	templates, err := parsed()
	if err != nil {
		return nil, fmt.Errorf("reading the pages: %w", err)
	}
	return &Pages{o, templates}, nil
}

// Routes are the handlers of all paths, which take GET.
func (p *Pages) Routes() map[string]http.HandlerFunc {
	routes := map[string]http.HandlerFunc{"/style.css": style}
	for _, one := range pages() {
		routes[one.path] = func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, one) }
	}
	return routes
}

func (p *Pages) serve(w http.ResponseWriter, r *http.Request, one page) {
	v := newView(&p.options, r)
	data := one.show(v)
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	if v.csv != nil && v.Error == "" {
		header.Set("Content-Type", "text/csv; charset=utf-8; header=present")
		header.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", v.csv.id+".csv"))
		_ = rows.WriteCSV(w, v.csv.Keys, v.csv.each, rows.CSVText) // an error means that the client has gone
		return
	}
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, one.template+".html", data); err != nil {
		p.options.Logger.Error("writing a page failed", "page", one.template, "err", err)
		http.Error(w, "the page could not be written", http.StatusInternalServerError)
		return
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	if v.Refreshes {
		header.Set("Refresh", "60")
	}
	w.WriteHeader(v.code)
	_, _ = w.Write(b.Bytes()) // an error means that the client has gone
}

// style serves the style sheet, which changes with the version alone.
func style(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=3600")
	http.ServeFileFS(w, r, files, "templates/style.css")
}
