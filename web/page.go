package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/web/query"
)

// The page loads nothing but its own style sheet, runs no script, and its forms
// ask this server alone.
const contentSecurityPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

//go:embed page
var files embed.FS

// inventoryPage is what the templates show.
type inventoryPage struct {
	Version, TelemetryPath string
	Made                   time.Time
	Ready                  bool
	Health                 health
	Lookup                 pageLookup
	Filter                 filter
	IPv4, IPv6             listing
	Servers, Groups        listing
	Targets                []pageTarget
}

// page shows the inventory as it was collected last. It asks no cloud.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	data := newInventoryPage(r, s.Runner.Snapshots(), time.Now())
	data.Version, data.TelemetryPath, data.Ready = s.Version, s.TelemetryPath, s.Runner.Ready()
	var b bytes.Buffer
	if err := s.template.Execute(&b, data); err != nil {
		s.Logger.Error("writing the page failed", "err", err)
		http.Error(w, "the page could not be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(data.status())
	_, _ = w.Write(b.Bytes()) // an error means that the client has gone
}

// newInventoryPage fills in what the query asks for. Where the query makes no
// sense the page says so, and shows what it can.
func newInventoryPage(r *http.Request, snaps []*inventory.Snapshot, now time.Time) *inventoryPage {
	asked, malformed := query.Parse(r)
	p := &inventoryPage{Made: now.UTC(), Health: healthOf(snaps, now)}
	var chosen []*inventory.Snapshot
	p.Filter, chosen = newFilter(asked, snaps)
	if malformed != nil {
		p.Filter.Error = malformed.Error()
	}
	if asked.Has("ip") {
		p.Lookup = newPageLookup(asked, snaps, now)
	}
	p.IPv4, p.IPv6 = subnetTable("4").show(chosen, &p.Filter, now), subnetTable("6").show(chosen, &p.Filter, now)
	p.Servers, p.Groups = serverTable().show(chosen, &p.Filter, now), groupTable().show(chosen, &p.Filter, now)
	for _, snap := range snaps {
		p.Targets = append(p.Targets, newPageTarget(snap, now))
	}
	return p
}

// status is that of the answer: 400 for a query that makes no sense.
func (p *inventoryPage) status() int {
	if p.Filter.Error != "" || p.Lookup.Error != "" {
		return http.StatusBadRequest
	}
	return http.StatusOK
}

func (s *server) style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "page/style.css")
}

func parsePage() (*template.Template, error) {
	page := template.New("page.html").Funcs(template.FuncMap{"figure": figure, "text": visible, "reason": reason})
	return page.ParseFS(files, "page/*.html")
}
