package cloudapi

import (
	"fmt"
	"strings"
	"testing"

	"cloudip_exporter/config"
)

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
