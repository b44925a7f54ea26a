package web

import (
	"io"
	"net/http"
)

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // an error means that the client has gone
}

// healthy answers that the process serves; it does not depend on any cloud.
func (s *server) healthy(w http.ResponseWriter, _ *http.Request) {
	plain(w, http.StatusOK, "cloudip_exporter is healthy.")
}

// ready is 503 until the first collection has ended, well or badly.
func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	if !s.Runner.Ready() {
		plain(w, http.StatusServiceUnavailable, "The first collection has not ended yet.")
		return
	}
	plain(w, http.StatusOK, "cloudip_exporter is ready.")
}

func (s *server) reload(w http.ResponseWriter, _ *http.Request) {
	if !s.EnableLifecycle {
		plain(w, http.StatusForbidden, "Reloading over HTTP is off: start with --web.enable-lifecycle, or send SIGHUP.")
		return
	}
	if err := s.Reload(); err != nil {
		plain(w, http.StatusInternalServerError, "The old configuration stays in force: "+err.Error())
		return
	}
	plain(w, http.StatusOK, "The configuration was read again.")
}
