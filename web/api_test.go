package web

import (
	"slices"
	"testing"
	"time"

	"cloudip_exporter/collector"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
)

type listAnswer struct {
	Items       []map[string]any
	Collections []struct {
		Cloud, Project, Collector string
		Success                   bool
		LastSuccess               *time.Time `json:"last_success"`
	}
}

func TestTheAPIListsWhatIsKnown(t *testing.T) {
	f := serve(t).ready()
	truth := f.otc.Truth()
	for _, c := range []struct {
		path string
		want int
		keys []string
	}{
		{"subnets", len(truth.Subnets), []string{"subnet_id", "ip_version", "subnet_name", "cidr", "vpc_id", "vpc_name", "network_id", "capacity_source"}},
		{"ports", -1, []string{"port_id", "network_id", "subnet_id", "address", "status", "device_id", "device_owner"}},
		{"servers", -1, []string{"server_id", "server_name", "kind", "flavor", "availability_zone", "status"}},
		{"address-groups", len(truth.AddressGroups), []string{"address_group_id", "address_group_name", "ip_version", "status"}},
		{"private-ips", len(truth.PrivateIPs), []string{"private_ip_id", "subnet_id", "address", "status", "holder"}},
	} {
		var got listAnswer
		f.json("/api/v1/"+c.path+"?cloud=sim-otc", 200, &got)
		if len(got.Items) == 0 || c.want >= 0 && len(got.Items) != c.want {
			t.Errorf("%s: %d items, want %d", c.path, len(got.Items), c.want)
			continue
		}
		for _, key := range append(c.keys, "cloud", "project") {
			if _, found := got.Items[0][key]; !found {
				t.Errorf("%s: an item has no %s: %v", c.path, key, got.Items[0])
			}
		}
		if want := len(collector.All()); len(got.Collections) != want {
			t.Fatalf("%s: %d collections, want %d", c.path, len(got.Collections), want)
		}
		for _, l := range got.Collections {
			if l.Cloud != "sim-otc" || l.Project != "eu-de" || !l.Success || l.LastSuccess == nil || time.Since(*l.LastSuccess) > time.Minute {
				t.Errorf("%s: collection %+v", c.path, l)
			}
		}
	}
}

func TestTheAPITellsThatThereIsNoData(t *testing.T) {
	f := serve(t)
	defer f.otc.Fault(simtest.Fault{Status: 500})()
	var got listAnswer
	f.json("/api/v1/subnets?cloud=sim-otc", 200, &got)
	if got.Items == nil || len(got.Items) != 0 || len(got.Collections) == 0 || got.Collections[0].Success || got.Collections[0].LastSuccess != nil {
		t.Errorf("%+v, want no items, and collections without success", got)
	}
}

func TestLookupTellsWhoHoldsAnAddress(t *testing.T) {
	f := serve(t).ready()
	checked := 0
	for _, p := range f.otc.Truth().Ports {
		for _, a := range p.Addresses {
			if a.SubnetID == "" || checked > 20 {
				continue
			}
			checked++
			var got listAnswer
			f.json("/api/v1/lookup?ip="+a.Address, 200, &got)
			at := slices.IndexFunc(got.Items, func(item map[string]any) bool { return item["port_id"] == p.ID })
			if at < 0 {
				t.Fatalf("%s: port %s is not among %v", a.Address, p.ID, got.Items)
			}
			for key, want := range map[string]any{"subnet_id": a.SubnetID, "device_id": p.Device, "address": a.Address, "holder": p.Holder, "held": true} {
				check.Equal(t, a.Address+": "+key, want, got.Items[at][key])
			}
		}
	}
	if checked == 0 {
		t.Fatal("no address to look up")
	}
	var nobody listAnswer
	f.json("/api/v1/lookup?ip=192.0.2.250", 404, &nobody)
	if nobody.Items == nil || len(nobody.Collections) == 0 {
		t.Errorf("an unknown address: %+v", nobody)
	}
}
