package simtest

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/simulator"
	"cloudip_exporter/test/check"
)

func TestKeptPagesAreTheSameAsFreshOnes(t *testing.T) {
	o := simulator.Options{Provider: simulator.OTC, Plain: true, Subnets: 3, Ports: 50, Now: newClock().Now}
	fresh := newRig(t, o).login(simulator.Exporter)
	o.CachePages = true
	kept := newRig(t, o).login(simulator.Exporter)
	const path = "/vpc/v2.0/ports?limit=20&fields=id&fields=fixed_ips"
	_, want := fresh.status("GET", path, "")
	for range 2 {
		if _, got := kept.status("GET", path, ""); strings.ReplaceAll(got, kept.base, fresh.base) != want {
			t.Errorf("a kept page is %s\nwant %s", got, want)
		}
	}
	kept.cloud.RemovePort(kept.cloud.Truth().Ports[0].ID)
	if _, got := kept.status("GET", path, ""); strings.ReplaceAll(got, kept.base, fresh.base) != want {
		t.Error("the page was not kept: it follows a change of the estate")
	}
}

func TestLatencyHoldsBackEveryAnswerButTheLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(simulator.Options{Latency: 3 * time.Second})
		for path, want := range map[string]time.Duration{"/network/v2.0/ports": 3 * time.Second, "/identity/v3": 0} {
			start := time.Now()
			c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "http://cloud"+path, nil))
			check.Equal(t, path, want, time.Since(start))
		}
	})
}

func TestOneHandlerServesAllThreeAndConfiguresThem(t *testing.T) {
	all := NewAll(simulator.Options{})
	for path, want := range map[string]int{
		"/huaweicloud/iam/v3": 200, "/otc/iam/v3": 200, "/openstack/identity/v3": 200,
		"/otc/workspace/v2/x/ports": 404, "/elsewhere": 404, "/openstack/latest/securitykey": 401,
	} {
		w := httptest.NewRecorder()
		all.ServeHTTP(w, httptest.NewRequest("GET", "http://cloud"+path, nil))
		check.Equal(t, path, want, w.Code)
	}
	yaml := all.ConfigYAML("http://127.0.0.1:1")
	for _, part := range []string{"provider: huaweicloud", "provider: otc", "provider: openstack", `"http://127.0.0.1:1/otc/iam/v3"`} {
		if !strings.Contains(yaml, part) {
			t.Errorf("the configuration lacks %s:\n%s", part, yaml)
		}
	}
}

// The ids of one subnet are three, and the wrong one never does.
func TestTheWrongOneOfThreeIDsFindsNothing(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.HuaweiCloud}).login(simulator.Exporter)
	s := r.cloud.estate().Named("app-a")
	network, neutron := s.ID, s.V4().ID
	for _, path := range []string{"/vpc/v1/{pid}/ports?fixed_ips=subnet_id%3D", "/workspace/v2/{pid}/ports?subnet_id="} {
		right, wrong := neutron, network
		if strings.Contains(path, "workspace") {
			right, wrong = network, neutron
		}
		if n := len(items(r.get(path+right), "ports")); n == 0 {
			t.Errorf("%s: nothing by the right id", path)
		}
		check.Equal(t, path+": found by the wrong id", 0, len(items(r.get(path+wrong), "ports")))
	}
	for path, want := range map[string]string{
		"/vpc/v1/{pid}/subnets/" + neutron:                  "404 VPC.0202",
		"/vpc/v1/{pid}/subnets/" + neutron + "/privateips":  "404 VPC.0202",
		"/vpc/v2.0/network-ip-availabilities/" + neutron:    "400 VPC.2302",
		"/vpc/v2.0/network-ip-availabilities/nonsense":      "400 VPC.2301",
		"/vpc/v2.0/network-ip-availabilities":               "404 APIGW.0101",
		"/vpc/v1/{pid}/quotas?type=addressGroup":            "400 VPC.1207",
		"/vpc/v3/{pid}/vpc/address-groups/" + network:       "404 VPC.9904",
		"/workspace/v2/{pid}/subnets/nonsense/available-ip": `200 {"available_ip":0}`,
		"/ecs/v2.1/{pid}/servers/detail?marker=" + network:  "400 badRequest",
		"/vpc/v2.0/ports?marker=" + network:                 "400 BadRequest",
		"/workspace/v2/{pid}/ports?limit=0":                 "400 WKS.0001",
		"/bms/v1/{pid}/baremetalservers/" + network:         "404 BMS.0114",
	} {
		status, part, _ := strings.Cut(want, " ")
		r.wants(check.Get(strconv.Atoi(status))(t), part, "GET", path, "")
	}
}

func TestTagsAndFlavorsFollowTheMicroversion(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OTC, Servers: 40}).login(simulator.Exporter)
	const path = "/ecs/v2.1/{pid}/servers/detail"
	version := func(v string) []string { return []string{"X-OpenStack-Nova-API-Version", v} }
	check.Equal(t, "servers of a page without limit", 25, len(items(r.get(path), "servers")))
	old := items(r.get(path+"?limit=1000&tags=__type_baremetal"), "servers")
	if _, has := old[0]["tags"]; has || len(old) != 40 {
		t.Errorf("below 2.26: %d servers, tags %v", len(old), has)
	}
	tagged := items(r.get(path+"?limit=1000&tags=__type_baremetal", version("2.26")...), "servers")
	if len(tagged) == 0 || len(tagged) >= 40 {
		t.Errorf("from 2.26 on the filter leaves %d servers", len(tagged))
	}
	flavor := items(r.get(path, version("2.47")...), "servers")[0]["flavor"].(map[string]any)
	if flavor["id"] != nil || flavor["original_name"] == nil {
		t.Errorf("flavor at 2.47: %v", flavor)
	}
	r.wants(406, "computeFault", "GET", path, "", version("2.999")...)
}

func TestConsolesAreWhereEachCloudHasThem(t *testing.T) {
	otc := newRig(t, simulator.Options{Provider: simulator.OTC}).login(simulator.Exporter)
	os := newRig(t, simulator.Options{}).login(simulator.Exporter)
	const action, remote = `{"os-getSerialConsole":{"type":"serial"}}`, `{"remote_console":{"protocol":"serial","type":"serial"}}`
	metal, one := serverNamed(otc.cloud, "metal-01"), serverNamed(os.cloud, "one-nic")
	for _, c := range []struct {
		name       string
		r          *rig
		path, body string
		minor      string
		want       string
	}{
		{"old action", otc, "/ecs/v2.1/{pid}/servers/" + metal + "/action", action, "2.1", `200 "console":{"type":"serial","url":"https://`},
		{"old action, too new", otc, "/ecs/v2.1/{pid}/servers/" + metal + "/action", action, "2.26", "404 itemNotFound"},
		{"wrong type", otc, "/ecs/v2.1/{pid}/servers/" + metal + "/action", `{"os-getSerialConsole":{"type":"x"}}`, "2.1", "400 badRequest"},
		{"not ready", otc, "/ecs/v2.1/{pid}/servers/" + serverNamed(otc.cloud, "metal-04-building") + "/action", action, "2.1", "409 conflictingRequest"},
		{"bare metal's own", otc, "/bms/v1/{pid}/baremetalservers/" + metal + "/remote_console", remote, "", `200 "remote_console":`},
		{"remote console", os, "/compute/v2.1/{pid}/servers/" + one + "/remote-consoles", remote, "2.6", `200 "url":"ws://`},
		{"remote console, too old", os, "/compute/v2.1/{pid}/servers/" + one + "/remote-consoles", remote, "2.5", "404 itemNotFound"},
		{"no server", os, "/compute/v2.1/{pid}/servers/x/action", action, "2.1", "404 itemNotFound"},
	} {
		var headers []string
		if c.minor != "" {
			headers = []string{"X-OpenStack-Nova-API-Version", c.minor}
		}
		status, part, _ := strings.Cut(c.want, " ")
		c.r.wants(check.Get(strconv.Atoi(status))(t), part, "POST", c.path, c.body, headers...)
	}
}

func serverNamed(c *Cloud, name string) string {
	for _, s := range c.estate().Servers {
		if s.Name == name {
			return s.ID
		}
	}
	return ""
}

// What clients that others wrote ask for before, or beside, what they want. The
// clients themselves are in test/clients.

func TestAvailabilitiesAreOfTheIPVersionThatIsAskedFor(t *testing.T) {
	r := newRig(t, simulator.Options{Subnets: 30}).login(simulator.Exporter)
	for _, version := range []string{"4", "6"} {
		want := map[string]float64{}
		for _, s := range r.cloud.Truth().Subnets {
			if s.IPVersion == version {
				want[s.NetworkID] += s.Used
			}
		}
		rows := items(r.get("/network/v2.0/network-ip-availabilities?ip_version="+version), "network_ip_availabilities")
		check.Equal(t, "networks of IPv"+version, len(want), len(rows))
		for _, row := range rows {
			if used, _ := row["used_ips"].(interface{ Float64() (float64, error) }).Float64(); used != want[row["network_id"].(string)] {
				t.Errorf("IPv%s: %v has %v addresses in use, want %v", version, row["network_name"], used, want[row["network_id"].(string)])
			}
		}
	}
}

func TestOpenstackclientFindsExtensionsAndImages(t *testing.T) {
	r := newRig(t, simulator.Options{}).login(simulator.Exporter)
	if all := items(r.get("/network/v2.0/extensions"), "extensions"); len(all) < 5 {
		t.Errorf("%d extensions", len(all))
	}
	if one := r.get("/network/v2.0/extensions/address-group")["extension"].(map[string]any); one["alias"] != "address-group" {
		t.Errorf("the extension is %v", one)
	}
	r.wants(http.StatusNotFound, "Extension with alias none does not exist", "GET", "/network/v2.0/extensions/none", "")
	otc := newRig(t, simulator.Options{Provider: simulator.OTC}).login(simulator.Exporter)
	for _, c := range []struct {
		in     *rig
		at     string
		images int
	}{{r, "/image", 0}, {otc, "/ims", 1}} {
		c.in.wants(http.StatusMultipleChoices, c.in.base+c.at+"/v2/", "GET", c.at, "")
		check.Equal(t, "images of "+c.at, c.images, len(items(c.in.get(c.at+"/v2/images"), "images")))
	}
}
