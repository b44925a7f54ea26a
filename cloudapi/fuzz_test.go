package cloudapi

import (
	"bytes"
	"math"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// addBodies seeds a fuzz target with the bodies of recorded answers.
func addBodies(f *testing.F, pattern string) {
	for _, name := range check.Files(f, "testdata/"+pattern) {
		if strings.Contains(pattern, "openstack") {
			body, _ := golden.Recorded(f, "testdata/openstack", strings.TrimSuffix(filepath.Base(name), ".json"))
			f.Add([]byte(body))
			continue
		}
		f.Add([]byte(check.Read(f, name)))
	}
}

// fuzzPages seeds a fuzz target and reads a page of each listing twice: it must come out the
// same, and what was taken must be whole.
func fuzzPages[T any](f *testing.F, pattern string, check func(*testing.T, T), listings ...page.Listing[T]) {
	addBodies(f, pattern)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, l := range listings {
			items, _, first := readPage(t, l, bytes.NewReader(body))
			for _, item := range items {
				if first == nil {
					check(t, item)
				}
			}
			slowly, _, second := readPage(t, l, iotest.OneByteReader(bytes.NewReader(body)))
			if (first == nil) != (second == nil) || first == nil && len(items) != len(slowly) {
				t.Errorf("read whole: %d items, %v; byte by byte: %d, %v", len(items), first, len(slowly), second)
			}
		}
	})
}

// fuzzObject seeds a fuzz target and reads an object; what was taken must be whole.
func fuzzObject[T any](f *testing.F, pattern, key string, read func(*page.Scanner) []T, check func(*testing.T, T)) {
	addBodies(f, pattern)
	f.Fuzz(func(t *testing.T, body []byte) {
		var all []T
		err := readObject(page.Object{Key: key, Read: func(s *page.Scanner) { all = read(s) }}, string(body))
		for _, v := range all {
			if err == nil {
				check(t, v)
			}
		}
	})
}

func wantAddr(t *testing.T, a netip.Addr) {
	if !a.IsValid() || a.Is4In6() || a.Zone() != "" {
		t.Errorf("address %v", a)
	}
}

func FuzzPorts(f *testing.F) {
	addBodies(f, "seeds/workspace_ports.json")
	fuzzPages(f, "openstack/neutron-ports-*200.json", func(t *testing.T, p inventory.Port) {
		if p.ID.IsZero() {
			t.Error("port without id")
		}
		for _, fixed := range p.Fixed {
			wantAddr(t, fixed.Addr)
		}
	}, portListing())
}

func FuzzSubnets(f *testing.F) {
	f.Add([]byte(`{"subnets":[{"id":"n","cidr":"10.0.0.0/24","cidr_v6":"2001:db8::/64","neutron_subnet_id":"a","neutron_subnet_id_v6":"b","available_ip_address_count":3}]}`))
	fuzzPages(f, "openstack/neutron-subnets-*.json", func(t *testing.T, s inventory.Subnet) {
		if s.ID.IsZero() || !s.Prefix.IsValid() || s.Prefix != s.Prefix.Masked() {
			t.Errorf("subnet %+v", s)
		}
		if s.Available != nil && !(*s.Available >= 0) {
			t.Errorf("available %v", *s.Available)
		}
		for _, r := range s.Pools {
			if wantAddr(t, r.From()); !r.IsValid() {
				t.Errorf("pool %v", r)
			}
		}
	}, page.Listing[inventory.Subnet]{Key: "subnets", Rule: page.ByLink(1), Item: readNeutronSubnet([]string{"team"})},
		page.Listing[inventory.Subnet]{Key: "subnets", Rule: page.ByMarker(1), Item: readVPCSubnet})
}

func FuzzServers(f *testing.F) {
	f.Add([]byte(`{"count":1,"servers":[{"id":"s","flavor":{"id":"physical.x"},"addresses":{"vpc":[{"version":"4","addr":"10.0.0.1"}]},"tags":["__type_baremetal"],"image":""}]}`))
	fuzzPages(f, "openstack/nova-servers-*.json", func(t *testing.T, s inventory.Server) {
		for _, a := range s.Addresses {
			wantAddr(t, a.Addr)
		}
	}, page.Listing[inventory.Server]{Key: "servers", Rule: page.ByPageNumber(1), Item: readServer})
}

func FuzzAddressGroups(f *testing.F) {
	f.Add(bytes.Replace(bytes.Replace([]byte(check.Read(f, "testdata/seeds/address_group.json")), []byte(`"address_group": {`), []byte(`"address_groups": [{`), 1), []byte("}, \n    \"request"), []byte("}], \n    \"request"), 1))
	fuzzPages(f, "openstack/neutron-address-groups-*.json", func(t *testing.T, g inventory.AddressGroup) {
		if g.Max != nil && *g.Max < 0 {
			t.Errorf("capacity %d", *g.Max)
		}
	}, page.Listing[inventory.AddressGroup]{Key: "address_groups", Rule: page.ByPageInfo(1), Item: readAddressGroup})
}

func FuzzAvailability(f *testing.F) {
	f.Add([]byte(`{"network_ip_availabilities":[{"network_id":"n","subnet_ip_availability":[{"subnet_id":"s","total_ips":1e400,"used_ips":-0}]}]}`))
	fuzzPages(f, "openstack/neutron-availability-*.json", func(t *testing.T, a inventory.Availability) {
		for _, n := range []float64{a.Total, a.Used} {
			if !(n >= 0) || math.IsInf(n, 0) || math.Signbit(n) {
				t.Errorf("figure %v", n)
			}
		}
	}, page.Listing[inventory.Availability]{Key: "network_ip_availabilities", Rule: page.ByLink(1), Item: readAvailability})
}

func FuzzQuotas(f *testing.F) {
	fuzzObject(f, "openstack/neutron-quota-*.json", "quota", readQuotaDetails, func(t *testing.T, q inventory.Quota) {
		if !(q.Limit >= -1) || !(q.Used >= -1) {
			t.Errorf("quota %+v", q)
		}
	})
}

func FuzzServerIPs(f *testing.F) {
	addBodies(f, "seeds/server_ips.json")
	fuzzObject(f, "openstack/nova-ips-*200.json", "addresses", readAddresses, func(t *testing.T, a inventory.ServerAddress) {
		wantAddr(t, a.Addr)
	})
}

func FuzzConsole(f *testing.F) {
	addBodies(f, "seeds/serial_console_invalid.json")
	read := func(s *page.Scanner) []string { return []string{s.Str()} }
	fuzzObject(f, "openstack/nova-serial-*200.json", "console", read, func(t *testing.T, address string) {
		if err := checkConsoleURL(address); err != nil && strings.Contains(err.Error(), address) && len(address) > 8 {
			t.Errorf("error %q shows the address", err)
		}
	})
}

func FuzzAddressGroupEntry(f *testing.F) {
	for _, text := range []string{"10.0.0.1", "10.0.0.7/24", "10.0.0.1-10.0.0.9", "10.0.0.9-10.0.0.1", "2001:db8::/64", "::ffff:10.0.0.0/120", "a-b-c", "fe80::1%a", "10.0.0.1 - 10.0.0.2", "::-1.2.3.4"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := addressGroupEntry([]byte(text))
		if e.Text != text {
			t.Errorf("text %q became %q", text, e.Text)
		}
		if !e.Valid() {
			return
		}
		wantAddr(t, e.Range.From())
		wantAddr(t, e.Range.To())
		if !e.Range.IsZero() && !e.Range.IsValid() {
			t.Errorf("range %v", e.Range)
		}
	})
}
