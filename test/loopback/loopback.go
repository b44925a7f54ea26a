// Package loopback serves HTTP to tests. It stands apart from package check, so that
// the tests of what knows no network link none.
package loopback

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Serve serves on a loopback port until the test ends, and returns the address. What
// still waits for an answer then is cut off.
func Serve(t testing.TB, h http.Handler) (base string) {
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}
