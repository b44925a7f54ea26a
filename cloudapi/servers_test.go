package cloudapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cloudip_exporter/config"
)

func TestAServerWhoseAddressesAreNullHasNone(t *testing.T) {
	for body, good := range map[string]bool{`{"addresses":null}`: true, `{"addresses":{}}`: true, `{}`: false, `null`: false, `{"addresses":[]}`: false} {
		s := newSession(t, passwordConfig(), &world{Answer: func(int, *http.Request) fakeAnswer {
			return fakeAnswer{Status: http.StatusOK, Body: body}
		}})
		got, err := s.project.ServerAddresses(t.Context(), "server")
		if (err == nil) != good || len(got) > 0 {
			t.Errorf("%s: got %v, %v", body, got, err)
		}
	}
}

func TestAPageOfBareMetalServersThatComesTwiceIsAFailure(t *testing.T) {
	var servers []string
	for n := range 50 {
		servers = append(servers, fmt.Sprintf(`{"id":"s%d","name":"n","status":"ACTIVE"}`, n))
	}
	p, _ := startAPI(t, config.HuaweiCloud, "    apis: {servers: bms}", map[string]string{
		"GET /v1/" + aProject + "/baremetalservers/detail": `{"count":64,"servers":[` + strings.Join(servers, ",") + `]}`,
	})
	if all, _, err := collect(p.Servers(t.Context())); err == nil {
		t.Errorf("%d servers of 64 and no error", len(all))
	}
}
