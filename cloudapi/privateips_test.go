package cloudapi

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

func TestAPrivateIPIsTheOneThatWasAskedFor(t *testing.T) {
	for provider, answer := range map[string]string{
		config.OTC:       `{"privateip":{"id":"other","subnet_id":"n","ip_address":"10.0.0.7"}}`,
		config.OpenStack: `{"port":{"id":"other","fixed_ips":[{"subnet_id":"s","ip_address":"10.0.0.7"}]}}`,
	} {
		p, _ := startAPI(t, provider, "", map[string]string{
			"GET /v1/" + aProject + "/privateips/asked": answer, "GET /v2.0/ports/asked": answer,
		})
		if ip, err := p.PrivateIP(t.Context(), "asked"); err == nil || apierr.IsStatus(err, http.StatusNotFound) || !strings.Contains(err.Error(), `"other"`) {
			t.Errorf("%s: %v, error %v", provider, ip, err)
		}
	}
}

func aSubnet(id, network string) inventory.Subnet {
	return inventory.Subnet{ID: inventory.ParseID(id), NetworkID: inventory.ParseID(network)}
}

// portSession is a token for the project alpha, which the configuration names or
// does not.
func portSession(t *testing.T, named, admin bool, port string) *Project {
	t.Helper()
	cfg := passwordConfig()
	if !named {
		cfg.Projects = nil
	}
	w := &world{Answer: inTurn(fakeAnswer{Status: 200, Body: `{"port":` + port + `}`}), Role: map[bool]string{true: "admin"}[admin]}
	p := check.Get(newSession(t, cfg, w).cloud.Projects(t.Context()))(t)[0]
	w.Valid = func(string) bool { return true }
	return p
}

func TestNobodyReleasesWhatIsOfOtherProjects(t *testing.T) {
	port := `{"id":"asked","project_id":"` + strings.Repeat("9", 32) + `","fixed_ips":[{"subnet_id":"s","ip_address":"10.0.0.7"}]}`
	own := strings.Replace(port, strings.Repeat("9", 32), testProject, 1)
	for _, tt := range []struct {
		named, admin, foreign bool
	}{
		{named: true, admin: true, foreign: true},
		{named: true, foreign: true},  // the owner of the network
		{named: false, foreign: true}, // the same
		{admin: true},                 // all of the cloud is watched
	} {
		if ip, err := portSession(t, tt.named, tt.admin, port).PrivateIP(t.Context(), "asked"); errors.Is(err, ErrForeign) != tt.foreign || err != nil && !tt.foreign {
			t.Errorf("%+v: got %v, error %v", tt, ip, err)
		}
		if _, err := portSession(t, tt.named, tt.admin, own).PrivateIP(t.Context(), "asked"); err != nil {
			t.Errorf("%+v, of the own project: %v", tt, err)
		}
	}
}

func TestOfTheAddressesOfAPortTheOneAskedForIsAssigned(t *testing.T) {
	for fixed, want := range map[string]string{
		`{"subnet_id":"v6","ip_address":"fd00::1"},{"subnet_id":"s","ip_address":"10.0.0.7"}`:  "10.0.0.7",
		`{"subnet_id":"s","ip_address":"10.0.0.6"},{"subnet_id":"s","ip_address":"10.0.0.7"}`:  "10.0.0.7",
		`{"subnet_id":"v6","ip_address":"fd00::1"},{"subnet_id":"s","ip_address":"10.0.0.99"}`: "10.0.0.99",
		`{"subnet_id":"v6","ip_address":"fd00::1"}`:                                            "fd00::1",
	} {
		p, _ := startAPI(t, config.OpenStack, "", map[string]string{
			"POST /v2.0/ports": `201 {"port":{"id":"p","fixed_ips":[` + fixed + `]}}`,
		})
		ip, err := p.AssignPrivateIP(t.Context(), aSubnet("s", "n"), netip.MustParseAddr("10.0.0.7"), "intent")
		if err != nil || ip.Addr.String() != want {
			t.Errorf("%s: got %v, %v, want %s", fixed, ip, err, want)
		}
	}
}

func TestACopiedIntentIsNotTakenForOurs(t *testing.T) {
	const intent = "cloudip-x"
	port := func(id, description, addr string) string {
		return `{"id":"` + id + `","description":"` + description + `","fixed_ips":[{"subnet_id":"v6","ip_address":"fd00::1"},{"subnet_id":"s","ip_address":"` + addr + `"}]}`
	}
	for ports, want := range map[string]string{
		port("copy", intent, "10.0.0.66") + "," + port("ours", intent, "10.0.0.7"): "ours",
		port("copy", intent, "10.0.0.66"):                                          "error",
		port("x", "other", "10.0.0.7"):                                             "",
	} {
		p, _ := startAPI(t, config.OpenStack, "", map[string]string{"GET /v2.0/ports": `{"ports":[` + ports + `]}`})
		ip, found, err := p.PrivateIPByIntent(t.Context(), intent, netip.MustParseAddr("10.0.0.7"))
		if got := ip.ID.String(); got != strings.TrimPrefix(want, "error") || found != (want == "ours") || (err != nil) != (want == "error") {
			t.Errorf("%s: got %q, %v, %v", ports, got, found, err)
		}
	}
}
