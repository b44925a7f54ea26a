package cloudapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// spaced serves the answers of a cloud with blanks and line breaks between the tokens,
// as real clouds write them.
func spaced(cloud http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding")
		answer := httptest.NewRecorder()
		cloud.ServeHTTP(answer, r)
		var body bytes.Buffer
		if json.Indent(&body, answer.Body.Bytes(), " ", "\t") != nil {
			body = *answer.Body
		}
		for name, values := range answer.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body.Bytes())
	})
}

func TestConformanceBlanksBetweenTokensChangeNothing(t *testing.T) {
	conform(t, func(t *testing.T, c *conformance) {
		server := httptest.NewServer(spaced(c.Cloud))
		defer server.Close()
		compact := c.project(t)
		c.url = server.URL
		wide := c.project(t)
		ctx := t.Context()
		same(t, "subnets", whole(t, compact.Subnets(ctx)), whole(t, wide.Subnets(ctx)))
		same(t, "ports", whole(t, compact.Ports(ctx)), whole(t, wide.Ports(ctx)))
		same(t, "servers", whole(t, compact.Servers(ctx)), whole(t, wide.Servers(ctx)))
		same(t, "quotas", whole(t, compact.Quotas(ctx)), whole(t, wide.Quotas(ctx)))
		same(t, "public IPs", whole(t, compact.PublicIPs(ctx)), whole(t, wide.PublicIPs(ctx)))
		if c.provider.NetworkIsSubnet {
			same(t, "VPCs", whole(t, compact.VPCs(ctx)), whole(t, wide.VPCs(ctx)))
			return
		}
		same(t, "networks", whole(t, compact.Networks(ctx)), whole(t, wide.Networks(ctx)))
		same(t, "subnet pools", whole(t, compact.SubnetPools(ctx)), whole(t, wide.SubnetPools(ctx)))
	})
}
