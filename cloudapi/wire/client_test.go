package wire

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
)

// stranger is a credential and a connection that must not be used.
type stranger struct{ t *testing.T }

func (s stranger) Send(*http.Request, http.RoundTripper) (*http.Response, error) {
	s.t.Error("the credential is put on a request to another origin")
	return nil, errors.New("sent")
}

func TestCredentialsStayWithTheirOrigin(t *testing.T) {
	base := check.Get(url.Parse("https://network.test"))(t)
	limiter := (&Limiters{}).Join("", config.Limits{})
	c := &Client{Base: base, HTTP: NewTransport(http.DefaultTransport, 0, limiter, nil).With(stranger{t})}
	for _, target := range []string{"https://stranger.test/v2.0/ports", "http://network.test/v2.0/ports", "https://network.test:8443/v2.0/ports"} {
		req := check.Get(c.request(t.Context(), Call{Operation: "list_ports", Path: "/v2.0/ports"}))(t)
		req.URL = check.Get(req.URL.Parse(target))(t)
		if resp, err := c.HTTP.Do(req); err == nil {
			resp.Body.Close()
			t.Errorf("%s: got no error", target)
		}
	}
}

func TestIDsInPathsLeadNowhereElse(t *testing.T) {
	base := check.Get(url.Parse("https://network.test/prefix"))(t)
	c := &Client{Service: "vpc", Base: base}
	for path, want := range map[string]string{
		"/v1/p/subnets":          "https://network.test/prefix/v1/p/subnets",
		"/v1/p/subnets/a%2Fb":    "https://network.test/prefix/v1/p/subnets/a%2Fb",
		"/v1/p/../../other":      "",
		"/v1/p/subnets?x=1":      "",
		"/v1/p/subnets#x":        "",
		"@evil.example/v1":       "",
		"//evil.example/v1":      "https://network.test/prefix//evil.example/v1",
		"/v1/p/\\evil.example/x": "",
	} {
		got, err := c.url(Call{Path: path})
		if (err == nil) != (want != "") || err == nil && (got.String() != want || got.Host != base.Host) {
			t.Errorf("%q: got %v, %v, want %s", path, got, err, want)
		}
	}
}

func TestABodyThatIsTooLargeIsNamed(t *testing.T) {
	c := &Client{Service: "vpc", Clean: func(s string) string { return s }}
	err := c.brokenBody("list_ports", &http.MaxBytesError{Limit: maxBody})
	if !errors.Is(err, apierr.ErrTooLarge) || apierr.ClassOf(err) != apierr.ClassBody {
		t.Errorf("got %v of class %s", err, apierr.ClassOf(err))
	}
}
