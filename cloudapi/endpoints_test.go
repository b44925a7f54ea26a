package cloudapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"cloudip_exporter/cloudapi/auth"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/provider"
	"cloudip_exporter/test/check"
)

func TestBaseURLsAreNormalised(t *testing.T) {
	for text, want := range map[string]string{
		"https://vpc.eu-de.otc.t-systems.com":               "https://vpc.eu-de.otc.t-systems.com",
		"https://vpc.eu-de.otc.t-systems.com/":              "https://vpc.eu-de.otc.t-systems.com",
		"https://vpc.example/v1/" + testProject:             "https://vpc.example",
		"https://ecs.example/v2.1/" + testProject + "/":     "https://ecs.example",
		"https://vpcep.example/v1/$(tenant_id)s":            "https://vpcep.example",
		"https://compute.example/v2.1/%(tenant_id)s":        "https://compute.example",
		"https://net.example/v2.0":                          "https://net.example",
		"https://net.example/v2.0/":                         "https://net.example",
		"http://cloud.example:8080/networking/v2.0/":        "http://cloud.example:8080/networking",
		"https://cloud.example/compute/v2.1/" + testProject: "https://cloud.example/compute",
		"https://cloud.example/prefix/":                     "https://cloud.example/prefix",
		"https://cloud.example/v1/vpc":                      "https://cloud.example/v1/vpc",
		"https://cloud.example/api/v3/x/":                   "https://cloud.example/api/v3/x",
		"https://swift.example/v1/AUTH_abc":                 "https://swift.example",
		"https://IAM.example:443/v3":                        "https://iam.example:443",
		"ftp://x":                                           "",
		"vpc.example":                                       "",
		"https://user:pass@vpc.example":                     "",
		"":                                                  "",
	} {
		got, err := wire.ParseBase("endpoints.vpc", text)
		if (err == nil) != (want != "") || err == nil && got.String() != want || err != nil && strings.Contains(err.Error(), "pass@") {
			t.Errorf("%q: got %v, %v, want %s", text, got, err, want)
		}
	}
}

const catalogueJSON = `{"catalog":[
 {"type":"network","name":"neutron","endpoints":[
  {"interface":"admin","region":"eu-de","region_id":"eu-de","url":"https://admin.test/"},
  {"interface":"public","region":"eu-nl","region_id":"eu-nl","url":"https://vpc.eu-nl.test/"},
  {"interface":"public","region":"eu-de","region_id":"eu-de","url":"https://network.test/prefix/"}]},
 {"type":"compute","endpoints":[{"interface":"public","region":"eu-de","region_id":null,"url":"https://compute.test/v2.1/$(tenant_id)s"}]},
 {"type":"workspace","endpoints":[]}],"links":{}}`

func TestTheCatalogueIsSearchedByRegionAndInterface(t *testing.T) {
	var answer struct {
		Catalog auth.Catalogue `json:"catalog"`
	}
	check.OK(t, json.Unmarshal([]byte(catalogueJSON), &answer))
	for _, test := range []struct{ service, region, iface, want string }{
		{"vpc", "eu-de", "", "https://network.test/prefix/"},
		{"vpc", "eu-nl", "publicURL", "https://vpc.eu-nl.test/"},
		{"vpc", "eu-de", "admin", "https://admin.test/"},
		{"vpc", "eu-fr", "", ""},
		{"compute", "eu-de", "", "https://compute.test/v2.1/$(tenant_id)s"},
		{"workspace", "eu-de", "", ""},
	} {
		check.Equal(t, fmt.Sprint(test), test.want, answer.Catalog.Find(provider.Named(config.OTC).Service(test.service).Types, test.region, strings.Fields(test.iface)).URL)
	}
}

func TestAnEndpointOfAllRegionsServesWhereNoneIsOfTheRegion(t *testing.T) {
	const everywhere, here, there = `{"interface":"public","region":"*","url":"https://all.test"}`,
		`{"region":"R1","url":"https://r1.test"}`, `{"interface":"public","region":"R2","url":"https://r2.test"}`
	for text, want := range map[string]string{
		everywhere:                             "https://all.test",
		everywhere + "," + here:                "https://r1.test",
		there + "," + everywhere:               "https://all.test",
		`{"url":"https://bare.test"}`:          "https://bare.test",
		there:                                  "",
		`{"interface":"admin","url":"http:a"}`: "",
	} {
		var catalogue auth.Catalogue
		check.OK(t, json.Unmarshal([]byte(`[{"type":"network","endpoints":[`+text+`]}]`), &catalogue))
		found := catalogue.Find([]string{"vpc", "network"}, "R1", nil)
		got, others := found.URL, found.Regions
		if got != want || want == "" && text == there && (len(others) != 1 || others[0] != "R2") {
			t.Errorf("%s: got %q, others %v, want %q", text, got, others, want)
		}
	}
}

func TestEndpointsComeFromTheConfigurationTheCatalogueOrThePattern(t *testing.T) {
	cfg := keyConfig()
	cfg.Provider, cfg.Region, cfg.Endpoints = config.OTC, "eu-de", map[string]string{"bms": "http://127.0.0.1:1/bms"}
	var asked int
	s := newSession(t, cfg, &world{IAM: func(req *http.Request) (fakeAnswer, bool) {
		asked++
		return fakeAnswer{Status: 200, Body: catalogueJSON}, req.URL.Path == "/v3/auth/catalog"
	}})
	for service, want := range map[string]string{
		"bms": "http://127.0.0.1:1/bms", "vpc": "https://network.test/prefix", "compute": "https://compute.test",
	} {
		check.Equal(t, service, want, check.Get(s.project.service(t.Context(), service))(t).Base.String())
	}
	_, err := s.project.service(t.Context(), "workspace")
	check.Fails(t, "workspace", err, "set endpoints.workspace")
	check.Equal(t, "requests for the catalogue", 1, asked)
}

func TestWithoutCatalogueThePatternServes(t *testing.T) {
	for _, code := range []int{403, 404} {
		cfg := keyConfig()
		cfg.Endpoints, cfg.Auth.URL = nil, "https://iam.cn-north-4.myhuaweicloud.com/v3"
		s := newSession(t, cfg, &world{IAM: func(*http.Request) (fakeAnswer, bool) { return status(code), true }})
		c, err := s.project.service(t.Context(), "vpc")
		if err != nil || c.Base.String() != "https://vpc.cn-north-4.myhuaweicloud.com" {
			t.Errorf("%d: got %v, %v", code, c, err)
		}
	}
}

// The hosts of the public cloud must not get requests, and with them the security
// token, of another installation.
func TestAForeignIdentityServiceKeepsTheHostsOfTheProviderFromBeingAsked(t *testing.T) {
	for _, url := range []string{"https://iam.test/v3", "https://iam.eu-de.otc.t-systems.com/v3", "https://iam.myhuaweicloud.com.evil.test/v3", "http://127.0.0.1:5000/v3"} {
		cfg := keyConfig()
		cfg.Endpoints, cfg.Auth.URL = nil, url
		s := newSession(t, cfg, &world{IAM: func(*http.Request) (fakeAnswer, bool) { return status(404), true }})
		_, err := s.project.service(t.Context(), "vpc")
		check.Fails(t, url, err, "set endpoints.vpc")
	}
}

func TestAServiceThatIsElsewhereIsAnErrorThatSaysWhere(t *testing.T) {
	const one, two = `{"region":"R1","url":"https://r1.test"}`, `{"region":"R2","url":"https://r2.test"}`
	for _, test := range []struct{ region, endpoints, want, cause string }{
		{"", one + "," + two, "several regions (R1, R2)", "region"},
		{"R3", one + "," + two, "has it in region R1, R2, not in R3: correct region, or set endpoints.", "region"},
		{"R2", one, "has it in region R1, not in R2", "region"},
		{"eu-nl", one, "has it in region R1, not in eu-nl: correct region", "region"},
		{"", `{"region":"R1","interface":"internal","url":"https://r1.test"}`, "on the interface internal only", "interface"},
		{"", one + `,{"region":"R1","url":"https://again.test"}`, "", ""},
		{"", one + `,{"region":"R2","interface":"admin","url":"https://r2.test"}`, "", ""},
		{"", `{"region":"*","url":"https://all.test"},` + one, "", ""},
	} {
		cfg := passwordConfig()
		cfg.Region, cfg.Endpoints = test.region, nil
		services := []string{"network", "compute"} // one cause for all
		if test.region == "eu-nl" {
			cfg.Provider, services[0] = config.OTC, "vpc" // auth.url is none of OTC's
		}
		s := newSession(t, cfg, &world{Token: tokenWith(test.endpoints)})
		for _, service := range services {
			_, err := s.project.service(t.Context(), service)
			if (err == nil) != (test.want == "") || err != nil && (!strings.Contains(err.Error(), test.want) || apierr.CauseOf(err) != test.cause) {
				t.Errorf("%s of %+v: got %v", service, test, err)
			}
		}
	}
}

// The token must not travel in the clear because a catalogue says so.
func TestAnUnencryptedAddressOfTheCatalogueIsNotAskedAfterAnEncryptedLogin(t *testing.T) {
	for address, refused := range map[string]bool{
		"http://10.0.0.1": true, "http://cloud.example": true, "https://cloud.example": false,
		"http://127.0.0.1:5000": false, "http://[::1]:5000": false, "http://localhost": false,
	} {
		for _, scheme := range []string{"https", "http"} {
			cfg := passwordConfig()
			cfg.Endpoints, cfg.Auth.URL = nil, scheme+"://iam.test/v3"
			s := newSession(t, cfg, &world{Token: tokenWith(`{"region":"RegionOne","url":"` + address + `"}`)})
			c, err := s.project.service(t.Context(), "network")
			if want := refused && scheme == "https"; (err != nil) != want || want && !strings.Contains(err.Error(), "in the clear: set endpoints.network") {
				t.Errorf("login by %s, %s: got %v, %v", scheme, address, c, err)
			}
		}
	}
}

// tokenWith is the answer to a login, with the endpoints of each service.
func tokenWith(endpoints string) string {
	return `{"token":{"expires_at":"2099-01-01T00:00:00Z","project":{"id":"` + testProject + `","name":"alpha"},"catalog":[` +
		`{"type":"network","endpoints":[` + endpoints + `]},{"type":"compute","endpoints":[` + endpoints + `]}]}}`
}

func TestAMovedServiceIsFoundWithTheNextLogin(t *testing.T) {
	cfg := passwordConfig()
	cfg.Endpoints = nil
	world := &world{Token: tokenWith(`{"region":"RegionOne","url":"https://old.test"}`)}
	bubble(cfg, world, func(t *testing.T, s *session) {
		for _, host := range []string{"old.test", "new.test"} {
			check.Equal(t, "host", host, check.Get(s.project.service(t.Context(), "network"))(t).Base.Host)
			world.Token = tokenWith(`{"region":"RegionOne","url":"https://new.test"}`)
			time.Sleep(100 * 365 * 24 * time.Hour) // the token's life
		}
	})(t)
}

func TestARefusedCatalogueIsAskedForAgainAfterAnHour(t *testing.T) {
	cfg, refused := keyConfig(), true
	cfg.Endpoints, cfg.Provider, cfg.Region = nil, config.OTC, "eu-de"
	w := &world{IAM: func(req *http.Request) (fakeAnswer, bool) {
		if refused {
			return status(403), true
		}
		return fakeAnswer{Status: 200, Body: catalogueJSON}, true
	}}
	bubble(cfg, w, func(t *testing.T, s *session) {
		_, err := s.project.service(t.Context(), "vpc")
		check.Fails(t, "vpc", err, "set endpoints.vpc")
		refused = false
		time.Sleep(time.Hour)
		check.Get(s.project.service(t.Context(), "vpc"))(t)
	})(t)
}
