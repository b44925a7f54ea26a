package web

import (
	"fmt"
	"net/http"

	"cloudip_exporter/web/pages"
)

const (
	// Scrapes that wait for the same collection are cheap, so many may.
	scrapesAtOnce = 200
	queriesAtOnce = 50
)

// gate bounds how many requests are answered at the same time.
type gate chan struct{}

func newGate(n int) gate { return make(gate, n) }

// limit answers by 503 what comes when the gate is full.
func (g gate) limit(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case g <- struct{}{}:
			defer func() { <-g }()
			h(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			http.Error(w, fmt.Sprintf("more than %d requests at the same time, try again later", cap(g)), http.StatusServiceUnavailable)
		}
	})
}

// protect sets the headers that keep a browser from doing anything with an
// answer but show it.
func protect(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", pages.SecurityPolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "no-referrer")
		h.ServeHTTP(w, r)
	})
}
