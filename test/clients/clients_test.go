package clients

import (
	"net"
	"net/http/httptest"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
)

// served is a simulated cloud at the root of a port of its own: some clients
// drop the path of an endpoint.
type served struct {
	*simtest.Cloud
	url    string
	region string
}

func serve(t *testing.T, provider, region string) served {
	t.Helper()
	cloud := simtest.New(simulator.Options{Provider: provider, Region: region, Subnets: 24, Ports: 400, Servers: 40, AddressGroups: 25, PageMax: 30})
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	return served{cloud, server.URL, region}
}

// TestClients lets every client read and write the clouds that it is made for.
func TestClients(t *testing.T) {
	onlyLoopback(t)
	openstack := serve(t, simulator.OpenStack, "RegionOne")
	otc := serve(t, simulator.OTC, "eu-de")
	huawei := serve(t, simulator.HuaweiCloud, "cn-north-4")
	// The vendor's SDK asks 169.254.169.254 for temporary keys: by this proxy.
	t.Setenv("HTTP_PROXY", huawei.url)
	m := &matrix{}
	t.Cleanup(func() { t.Log("\n" + m.String()) })
	t.Run("gophercloud", func(t *testing.T) { testGophercloud(t, m, openstack, otc) })
	t.Run("huaweicloud-sdk-go-v3", func(t *testing.T) { testVendorSDK(t, m, huawei, otc) })
	t.Run("openstacksdk", func(t *testing.T) { testOpenstackSDK(t, m, openstack, otc) })
	t.Run("openstackclient", func(t *testing.T) { testOpenstackClient(t, m, openstack, otc) })
}

// onlyLoopback fails where a client could reach another machine: clients follow
// the links of answers.
func onlyLoopback(t *testing.T) {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Flags&net.FlagUp != 0 && i.Flags&net.FlagLoopback == 0 {
			t.Fatalf("the interface %s is up: these clients follow links, so they must run where only lo is up. Run make e2e-clients", i.Name)
		}
	}
}
