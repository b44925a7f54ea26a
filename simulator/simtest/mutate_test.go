package simtest

import (
	"cloudip_exporter/simulator"
	"fmt"
	"strings"
	"testing"
)

func TestPrivateIPsAreAssignedAndRefusedByCode(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OTC}).login(simulator.Exporter)
	subnets := map[string]map[string]any{}
	for _, s := range items(r.get("/vpc/v1/{pid}/subnets"), "subnets") {
		subnets[s["name"].(string)] = s
	}
	id := func(name string) string { return subnets[name]["id"].(string) }
	post := func(subnet, address string) (int, string) {
		return r.status("POST", "/vpc/v1/{pid}/privateips", fmt.Sprintf(`{"privateips":[{"subnet_id":%q,"ip_address":%q}]}`, subnet, address))
	}
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
		if code, body := post(c.subnet, c.address); code != c.status || !strings.Contains(body, c.part) {
			t.Errorf("%s: %d %s, want %d with %s", c.name, code, body, c.status, c.part)
		}
	}
	for _, p := range items(r.get("/vpc/v1/{pid}/subnets/"+id("app-a")+"/privateips"), "privateips") {
		want := 409
		if p["device_owner"] == "" {
			want = 204
		}
		one := "/vpc/v1/{pid}/privateips/" + p["id"].(string)
		if got := r.get(one)["privateip"].(map[string]any)["ip_address"]; got != p["ip_address"] {
			t.Errorf("get shows %v, list %v", got, p["ip_address"])
		}
		if code, body := r.status("DELETE", one, ""); code != want {
			t.Errorf("delete of %v: %d %s, want %d", p, code, body, want)
		}
	}
	if code, body := r.status("GET", "/vpc/v1/{pid}/privateips/7a10c0de-0002-4000-8000-000000000010", ""); code != 404 || !strings.Contains(body, "VPC.0704") {
		t.Errorf("unknown: %d %s", code, body)
	}
}

func TestOpenStackPortsAreMadeAndRefusedAsRecorded(t *testing.T) {
	r := newRig(t, simulator.Options{}).login(simulator.Exporter)
	nets := map[string]string{}
	for _, n := range items(r.get("/network/v2.0/networks"), "networks") {
		nets[n["name"].(string)] = n["id"].(string)
	}
	post := func(network, fixed string) (int, string) {
		return r.status("POST", "/network/v2.0/ports", fmt.Sprintf(`{"port":{"network_id":%q,"description":"intent-1"%s}}`, nets[network], fixed))
	}
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
		if code, body := post(c.network, c.fixed); code != c.status || !strings.Contains(body, c.part) {
			t.Errorf("%s: %d %s, want %d with %s", c.name, code, body, c.status, c.part)
		}
	}
	mine := items(r.get("/network/v2.0/ports?description=intent-1"), "ports")
	if len(mine) != 1 {
		t.Fatalf("%d ports carry the intent", len(mine))
	}
	one := "/network/v2.0/ports/" + mine[0]["id"].(string)
	if code, _ := r.status("DELETE", one, ""); code != 204 {
		t.Errorf("delete: %d", code)
	}
	if code, _ := r.status("GET", one, ""); code != 404 {
		t.Errorf("after delete: %d", code)
	}
}

func TestQuotasRefuseFurtherPorts(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.HuaweiCloud, PortQuota: 1}).login(simulator.Exporter)
	subnet := items(r.get("/vpc/v1/{pid}/subnets"), "subnets")[0]["id"].(string)
	code, body := r.status("POST", "/vpc/v1/{pid}/privateips", fmt.Sprintf(`{"privateips":[{"subnet_id":%q}]}`, subnet))
	if code != 409 || !strings.Contains(body, `\"OverQuota\"`) {
		t.Errorf("%d %s", code, body)
	}
}

func TestTheEstateCanBeChangedDuringAListing(t *testing.T) {
	r := newRig(t, simulator.Options{}).login(simulator.Exporter)
	first := items(r.get("/network/v2.0/ports?limit=2&fields=id"), "ports")
	marker := first[1]["id"].(string)
	r.cloud.RemovePort(marker)
	if code, body := r.status("GET", "/network/v2.0/ports?limit=2&marker="+marker, ""); code != 404 || !strings.Contains(body, "PortNotFound") {
		t.Errorf("marker gone: %d %s", code, body)
	}
	id := r.cloud.AddSubnet("new", "10.250.0.0/24")
	port, err := r.cloud.AddPort(id, "10.250.0.9", "compute:nova", "x")
	if err != nil {
		t.Fatal(err)
	}
	if got := items(r.get("/network/v2.0/ports?network_id="+id), "ports"); len(got) != 1 || got[0]["id"] != port {
		t.Errorf("ports of the new network: %v", got)
	}
	r.cloud.RemoveSubnet(id)
	if got := items(r.get("/network/v2.0/ports?network_id="+id), "ports"); len(got) != 0 {
		t.Errorf("ports of the removed network: %v", got)
	}
}
