//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"time"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
)

// world is what is simulated.
type world struct {
	Shape    string // neutron, vpc or workspace
	Narrow   bool   // Neutron honours fields=
	Ports    int
	Networks int
	Skew     float64
	PageSize int
	Latency  time.Duration
	Quota    int // requests for ports in five seconds; beyond them 429
}

// served is what the cloud process tells about itself.
type served struct {
	Config string // of the exporter
	Ports  string // URL of the listing's first page, as the exporter asks for it
	Token  string
}

// serveCloud serves the simulated cloud until the process is ended. Pages are
// encoded once and kept, so that serving them again costs next to nothing.
func serveCloud(w world) error {
	o := simulator.Options{
		Provider: simulator.OpenStack, Plain: true, CachePages: true, IgnoreFields: !w.Narrow, NoQuirkDuplicates: true,
		Ports: w.Ports, Subnets: w.Networks, Skew: w.Skew, Latency: w.Latency, TokenTTL: 24 * time.Hour,
	}
	if w.Shape != "neutron" {
		o.Provider = simulator.HuaweiCloud
	}
	cloud := simtest.New(o)
	if w.Quota > 0 {
		cloud.Fault(simtest.Fault{Path: "/ports$", Throttle: &simtest.Throttle{Limit: w.Quota, Window: 5 * time.Second, RetryAfter: "5"}})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	token, project, err := login(cloud, base)
	if err != nil {
		return err
	}
	s := served{Token: token, Config: "clouds:\n" + cloud.ConfigYAML(base, "password",
		"  apis: {ports: "+w.Shape+"}", "  collectors: ["+w.collectors()+"]",
		fmt.Sprintf("  limits: {requests_per_second: 0, concurrency: 8, page_size: %d}", w.PageSize))}
	s.Ports = base + w.firstPage(project)
	if err := json.NewEncoder(os.Stdout).Encode(s); err != nil {
		return err
	}
	return (&http.Server{Handler: cloud, ReadHeaderTimeout: time.Minute}).Serve(listener)
}

// collectors are those that the limits are compared with. On Huawei Cloud
// private_ips would list as many items again, which the limits do not.
func (w world) collectors() string {
	if w.Shape != "neutron" {
		return "subnets, ports"
	}
	return "subnets, ports, servers, address_groups, quotas"
}

func (w world) firstPage(project string) string {
	query := url.Values{"limit": {strconv.Itoa(w.PageSize)}}
	switch w.Shape {
	case "vpc":
		return "/vpc/v1/" + project + "/ports?" + query.Encode()
	case "workspace":
		return "/workspace/v2/" + project + "/ports?" + query.Encode()
	}
	query["fields"] = []string{"id", "network_id", "device_id", "device_owner", "status", "fixed_ips", "project_id"}
	return "/network/v2.0/ports?" + query.Encode()
}

// login gets a token without going over the network.
func login(cloud *simtest.Cloud, base string) (token, project string, err error) {
	id := cloud.Credentials(simulator.Exporter)
	body := fmt.Sprintf(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":%q,"password":%q,"domain":{"name":%q}}}},"scope":{"project":{"id":%q}}}}`,
		id.Username, id.Password, id.UserDomain, id.DefaultProjectID)
	req := httptest.NewRequest(http.MethodPost, cloud.IdentityURL(base)+"/auth/tokens", bytes.NewBufferString(body))
	req.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	cloud.ServeHTTP(answer, req)
	if answer.Code != http.StatusCreated {
		return "", "", fmt.Errorf("log in: status %d: %s", answer.Code, answer.Body)
	}
	return answer.Header().Get("X-Subject-Token"), id.DefaultProjectID, nil
}
