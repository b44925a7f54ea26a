package cloudapi

import (
	"net/http"
	"testing"
)

func TestAServerWhoseAddressesAreNullHasNone(t *testing.T) {
	for body, good := range map[string]bool{`{"addresses":null}`: true, `{"addresses":{}}`: true, `{}`: false, `null`: false, `{"addresses":[]}`: false} {
		s := newSession(t, passwordConfig(), &world{answer: func(int, *http.Request) fakeAnswer {
			return fakeAnswer{status: http.StatusOK, body: body}
		}})
		got, err := s.project.ServerAddresses(t.Context(), "server")
		if (err == nil) != good || len(got) > 0 {
			t.Errorf("%s: got %v, %v", body, got, err)
		}
	}
}
