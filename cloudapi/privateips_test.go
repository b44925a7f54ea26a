package cloudapi

import (
	"errors"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/test/check"
)

func TestNobodyReleasesWhatIsOfOtherProjects(t *testing.T) {
	for _, tt := range []struct {
		projects []string
		role     string
		foreign  bool
	}{
		{[]string{"alpha"}, "admin", true},
		{[]string{"alpha"}, "", true}, // the owner of the network
		{nil, "", true},               // the same
		{nil, "admin", false},         // all of the cloud is watched
	} {
		for owner, foreign := range map[string]bool{strings.Repeat("9", 32): tt.foreign, testProject: false} {
			body := `{"port":{"id":"asked","project_id":"` + owner + `","fixed_ips":[{"subnet_id":"s","ip_address":"10.0.0.7"}]}}`
			s := newSession(t, ofProjects(passwordConfig(), tt.projects...), &world{Answer: inTurn(fakeAnswer{Status: 200, Body: body}), Role: tt.role})
			p := check.Get(s.cloud.Projects(t.Context()))(t)[0]
			if _, err := p.PrivateIP(t.Context(), "asked"); errors.Is(err, apierr.ErrForeign) != foreign || err != nil && !foreign {
				t.Errorf("%+v, of %s: error %v", tt, owner, err)
			}
		}
	}
}
