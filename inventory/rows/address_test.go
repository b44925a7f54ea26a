package rows

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

// overlap is what a target with two VPCs of the same prefix knows of 10.20.0.9:
// the subnets one and two, and a port and a private IP for those that are named.
func overlap(ports []string, private []string) inventory.LookupResult {
	addr, prefix, id := netip.MustParseAddr("10.20.0.9"), netip.MustParsePrefix("10.20.0.0/28"), inventory.ParseID
	var subnets []inventory.Subnet
	for _, s := range []string{"one", "two"} {
		subnets = append(subnets, inventory.Subnet{ID: id(s), NeutronID: id("n-" + s), NetworkID: id(s), Prefix: prefix})
	}
	list, ips := inventory.NewPorts(nil, false), inventory.NewPrivateIPs(nil)
	for _, s := range ports {
		list.Append(inventory.Port{ID: id("port-" + s), NetworkID: id(s), Fixed: []inventory.FixedIP{{SubnetID: id("n-" + s), Addr: addr}}})
	}
	for _, s := range private {
		ips.Append(inventory.PrivateIP{ID: id("port-" + s), SubnetID: id(s), Status: "ACTIVE", Owner: "compute:az", Addr: addr})
	}
	list.Freeze()
	ips.Freeze()
	snap := &inventory.Snapshot{Provider: "otc", States: []inventory.State{
		{Collector: "subnets", Part: &inventory.Part{Data: inventory.SubnetData{Subnets: subnets}}},
		{Collector: "ports", Part: &inventory.Part{Data: inventory.PortData{Ports: list}}},
		{Collector: "private_ips", Part: &inventory.Part{Data: inventory.PrivateIPData{IPs: ips}}},
	}}
	return snap.Lookup(addr)
}

func TestAPrivateIPStandsInTheRowOfItsOwnSubnetOnly(t *testing.T) {
	for name, tt := range map[string]struct {
		result inventory.LookupResult
		want   []string
	}{
		"two ports": {overlap([]string{"one", "two"}, []string{"one", "two"}), []string{"one held port-one none  ", "two held port-two none  "}},
		"no port":   {overlap(nil, []string{"two"}), []string{"one free    ", "two held port-two server ACTIVE compute:az"}},
	} {
		var got []string
		for _, r := range Found(&tt.result) {
			is := "free"
			if r.IsHeld() {
				is = "held"
			}
			got = append(got, strings.Join([]string{r.SubnetID, is, r.PrivateIPID, r.Holder, r.Status, r.DeviceOwner}, " "))
		}
		check.Equal(t, name, tt.want, got)
	}
}

func TestAPortNamesItsSubnetAlsoWhereNoListingShowsIt(t *testing.T) {
	result := overlap([]string{"three"}, nil)
	for cloud, want := range map[string]string{"otc": "three", "openstack": "n-three"} {
		result.Snapshot.Provider = cloud
		check.Equal(t, cloud, want, Found(&result)[0].SubnetID)
		ports := ListingNamed("ports")
		check.Equal(t, cloud, want, shownRows(ports, slices.Collect(ports.Rows(result.Snapshot)), "subnet_id"))
	}
}

func TestPortsAndAddressesNameTheirNetwork(t *testing.T) {
	result := overlap([]string{"one"}, nil)
	data := &result.Snapshot.States[0].Part.Data
	named := (*data).(inventory.SubnetData)
	named.Networks = []inventory.Network{{ID: inventory.ParseID("one"), Name: "net-one"}}
	*data = named
	ports := ListingNamed("ports")
	check.Equal(t, "ports", "port-one net-one", shownRows(ports, slices.Collect(ports.Rows(result.Snapshot)), "port_id", "network_name"))
	if found := Found(&result); found[0].NetworkName != "net-one" {
		t.Errorf("address: %+v", found[0])
	}
}

func TestRowsHaveAValueForEachKey(t *testing.T) {
	result := overlap([]string{"one"}, []string{"two"})
	for _, l := range Listings() {
		for row := range l.Rows(result.Snapshot) {
			check.Equal(t, l.Name, len(l.Keys), len(row))
		}
	}
	for _, r := range Found(&result) {
		check.Equal(t, "lookup", len(AddressKeys()), len(r.Values()))
	}
}

func TestAHeadlineNamesWhoHoldsAnAddress(t *testing.T) {
	yes, no := new(true), new(false)
	for want, at := range map[string]Address{
		"not known: not every target could be asked":           {},
		"not known: not everything in this subnet can be seen": {SubnetID: "s"},
		"held by nobody; no known subnet contains it":          {Held: no},
		"held by nobody": {Held: no, SubnetID: "s", Free: new(3.0)},
		"on no port, but the subnet has no address left": {Held: no, SubnetID: "s", Free: new(0.0)},
		"held by baremetal server db":                    {Held: yes, ServerName: "db", Kind: "baremetal", Holder: "baremetal"},
		"held by bare metal":                             {Held: yes, Holder: "baremetal"},
		"held by DHCP":                                   {Held: yes, Holder: "dhcp", DeviceOwner: "network:dhcp"},
		"held by load balancer":                          {Held: yes, Holder: "load_balancer"},
		"held by network:new":                            {Held: yes, Holder: "other", DeviceOwner: "network:new"},
		"held by something unknown":                      {Held: yes, Holder: "none", Used: true},
		"reserved, used by nothing":                      {Held: yes, Holder: "none"},
		"held by a port at which a public IP points":     {Held: yes, Holder: "none", PortID: "p", PublicIPID: "e"},
		"a public IP of this project":                    {Held: yes, PublicIPID: "e"},
	} {
		check.Equal(t, "headline", want, at.Headline())
	}
}
