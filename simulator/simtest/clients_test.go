package simtest

import (
	"net/http"
	"testing"

	"cloudip_exporter/simulator"
)

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
		if len(rows) != len(want) {
			t.Errorf("IPv%s: %d networks, want %d", version, len(rows), len(want))
		}
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
		if got := items(c.in.get(c.at+"/v2/images"), "images"); len(got) != c.images {
			t.Errorf("%s has %d images, want %d", c.at, len(got), c.images)
		}
	}
}
