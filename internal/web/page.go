package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"time"

	"cloudip_exporter/internal/inventory"
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
	Standing               standing
	Lookup                 pageLookup
	Filter                 filter
	IPv4, IPv6             listing[subnetRow]
	Servers                listing[serverRow]
	Groups                 listing[groupRow]
	Targets                []pageTarget
}

// page shows the inventory as it was collected last. It asks no cloud.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	snaps, now := s.Runner.Snapshots(), time.Now()
	data := inventoryPage{
		Version: s.Version, TelemetryPath: s.TelemetryPath, Made: now.UTC(), Ready: s.Runner.Ready(),
		Standing: standingOf(snaps, now),
	}
	status := http.StatusOK
	if !data.ask(r, snaps, now) {
		status = http.StatusBadRequest
	}
	for _, snap := range snaps {
		data.Targets = append(data.Targets, newPageTarget(snap, now))
	}
	var b bytes.Buffer
	if err := s.template.Execute(&b, &data); err != nil {
		s.Logger.Error("writing the page failed", "err", err)
		http.Error(w, "the page could not be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client has gone: nobody to tell
}

// ask fills in what the query asks for. It reports false when the query makes
// no sense; the page then says so, and shows what it can.
func (p *inventoryPage) ask(r *http.Request, snaps []*inventory.Snapshot, now time.Time) bool {
	query, malformed := parseQuery(r)
	var chosen []*inventory.Snapshot
	p.Filter, chosen = newFilter(query, snaps)
	if malformed != nil {
		p.Filter.Error = malformed.Error()
	}
	if query.Has("ip") {
		p.Lookup = newPageLookup(query, snaps, now)
	}
	p.IPv4, p.IPv6 = subnetListings(chosen, &p.Filter, now)
	p.Servers = serverListing(chosen, &p.Filter, now)
	p.Groups = groupListing(chosen, &p.Filter, now)
	return p.Filter.Error == "" && p.Lookup.Error == ""
}

func (s *server) style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "page/style.css")
}

func parsePage() (*template.Template, error) {
	page := template.New("page.html").Funcs(template.FuncMap{"figure": figure, "text": visible, "reason": reason})
	return page.ParseFS(files, "page/*.html")
}
