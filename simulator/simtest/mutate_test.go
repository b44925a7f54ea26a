package simtest

import (
	"fmt"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/test/check"
)

func TestPrivateIPsAreAssignedAndRefusedByCode(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OTC}).login(simulator.Exporter)
	subnets := byName(r.get("/vpc/v1/{pid}/subnets"), "subnets")
	id := func(name string) string { return subnets[name]["id"].(string) }
	for _, c := range []struct {
		name, subnet, address string
		status                int
		part                  string
	}{
		{"given", id("app-a"), "10.20.0.200", 200, `"ip_address":"10.20.0.200"`},
		{"taken", id("app-a"), "10.20.0.200", 500, "VPC.0701"},
		{"free", id("app-a"), "", 200, `"device_owner":""`},
		{"outside", id("app-a"), "10.99.0.1", 400, "VPC.0705"},
		{"reserved by the platform", id("app-a"), "10.20.0.255", 400, "VPC.0705"},
		{"no address", id("app-a"), "nonsense", 400, "VPC.0702"},
		{"full", id("db-full"), "", 409, "VPC.0703"},
		{"unknown subnet", "7a10c0de-0002-4000-8000-000000000010", "", 404, "VPC.0202"},
		{"the Neutron subnet's id", subnets["app-a"]["neutron_subnet_id"].(string), "", 404, "VPC.0202"},
	} {
		r.wants(c.status, c.part, "POST", "/vpc/v1/{pid}/privateips", fmt.Sprintf(`{"privateips":[{"subnet_id":%q,"ip_address":%q}]}`, c.subnet, c.address))
	}
	for _, p := range items(r.get("/vpc/v1/{pid}/subnets/"+id("app-a")+"/privateips"), "privateips") {
		want := 409
		if p["device_owner"] == "" {
			want = 204
		}
		one := "/vpc/v1/{pid}/privateips/" + p["id"].(string)
		check.Equal(t, "address of a private IP", p["ip_address"], r.get(one)["privateip"].(map[string]any)["ip_address"])
		r.wants(want, "", "DELETE", one, "")
	}
	r.wants(404, "VPC.0704", "GET", "/vpc/v1/{pid}/privateips/7a10c0de-0002-4000-8000-000000000010", "")
}

func TestOpenStackPortsAreMadeAndRefusedAsRecorded(t *testing.T) {
	r := newRig(t, simulator.Options{}).login(simulator.Exporter)
	nets := byName(r.get("/network/v2.0/networks"), "networks")
	for _, c := range []struct {
		name, network, fixed string
		status               int
		part                 string
	}{
		{"given", "net-26", `,"fixed_ips":[{"ip_address":"10.2.0.60"}]`, 201, `"ip_address":"10.2.0.60"`},
		{"taken", "net-26", `,"fixed_ips":[{"ip_address":"10.2.0.60"}]`, 409, "IpAddressAlreadyAllocated"},
		{"outside", "net-26", `,"fixed_ips":[{"ip_address":"10.99.0.2"}]`, 400, "InvalidIpForNetwork"},
		{"full", "net-28-full", "", 409, "IpAddressGenerationFailure"},
		{"unknown", "nope", "", 404, "NetworkNotFound"},
	} {
		network, _ := nets[c.network]["id"].(string)
		r.wants(c.status, c.part, "POST", "/network/v2.0/ports", fmt.Sprintf(`{"port":{"network_id":%q,"description":"intent-1"%s}}`, network, c.fixed))
	}
	mine := items(r.get("/network/v2.0/ports?description=intent-1"), "ports")
	if len(mine) != 1 {
		t.Fatalf("%d ports carry the intent", len(mine))
	}
	one := "/network/v2.0/ports/" + mine[0]["id"].(string)
	r.wants(204, "", "DELETE", one, "")
	r.wants(404, "", "GET", one, "")
}

func TestQuotasRefuseFurtherPorts(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.HuaweiCloud, PortQuota: 1}).login(simulator.Exporter)
	subnet := items(r.get("/vpc/v1/{pid}/subnets"), "subnets")[0]["id"].(string)
	r.wants(409, `\"OverQuota\"`, "POST", "/vpc/v1/{pid}/privateips", fmt.Sprintf(`{"privateips":[{"subnet_id":%q}]}`, subnet))
}

func TestTheEstateCanBeChangedDuringAListing(t *testing.T) {
	r := newRig(t, simulator.Options{}).login(simulator.Exporter)
	first := items(r.get("/network/v2.0/ports?limit=2&fields=id"), "ports")
	marker := first[1]["id"].(string)
	r.cloud.RemovePort(marker)
	r.wants(404, "PortNotFound", "GET", "/network/v2.0/ports?limit=2&marker="+marker, "")
	id := r.cloud.AddSubnet("new", "10.250.0.0/24")
	port := check.Get(r.cloud.AddPort(id, "10.250.0.9", "compute:nova", "x"))(t)
	if got := items(r.get("/network/v2.0/ports?network_id="+id), "ports"); len(got) != 1 || got[0]["id"] != port {
		t.Errorf("ports of the new network: %v", got)
	}
	r.cloud.RemoveSubnet(id)
	check.Equal(t, "ports of the removed network", 0, len(items(r.get("/network/v2.0/ports?network_id="+id), "ports")))
}
