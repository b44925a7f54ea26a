package inventory

import (
	"fmt"
	"net/netip"
	"testing"

	"cloudip_exporter/test/check"
)

func pairing(p Port, prefixes ...string) Port {
	for _, text := range prefixes {
		p.Pairs = append(p.Pairs, netip.MustParsePrefix(text))
	}
	return p
}

func TestAnAddressThatAPortInUseNamesIsNotIdle(t *testing.T) {
	virtual := port("v", "n1", "", "", "DOWN", "s4", "10.0.0.50")
	dual := port("v", "n1", "", "", "DOWN", "s4", "10.0.0.50", "s6", "2001:db8::50")
	attached := port("v", "n1", "vm2", "", "DOWN", "s4", "10.0.0.50")
	active := port("a", "n1", "vm", "compute:z", "ACTIVE", "s4", "10.0.0.5")
	for _, tc := range []struct {
		name    string
		virtual Port
		other   Port
		want    string
	}{
		{"one address", virtual, pairing(active, "10.0.0.50/32"), "vip idle=false"},
		{"second of two pairs", virtual, pairing(active, "10.0.0.9/32", "10.0.0.50/32"), "vip idle=false"},
		{"one of two addresses is enough", dual, pairing(active, "2001:db8::50/128"), "vip idle=false"},
		{"a prefix", virtual, pairing(active, "10.0.0.48/28"), "none idle=true"},
		{"another address", virtual, pairing(active, "10.0.0.51/32"), "none idle=true"},
		{"another network", virtual, pairing(port("a", "n2", "vm", "compute:z", "ACTIVE"), "10.0.0.50/32"), "none idle=true"},
		{"a port that is idle itself", virtual, pairing(port("a", "n1", "", "", "DOWN"), "10.0.0.50/32"), "none idle=true"},
		{"the port itself", pairing(virtual, "10.0.0.50/32"), active, "none idle=true"},
		{"a device without owner", virtual, pairing(port("a", "n1", "vm", "", "DOWN"), "10.0.0.50/32"), "vip idle=false"},
		{"a device has it", attached, pairing(active, "10.0.0.50/32"), "vip idle=false"},
		{"a device has it, and names it", pairing(attached, "10.0.0.50/32"), active, "none idle=false"},
		{"a device has it, and names it as another does", pairing(attached, "10.0.0.50/32"), pairing(active, "10.0.0.50/32"), "vip idle=false"},
		{"an instance", Port{ID: virtual.ID, NetworkID: virtual.NetworkID, Fixed: virtual.Fixed, Instance: true}, active, "none idle=false"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			whole := frozen(tc.virtual, tc.other)
			shared := onTop(whole, tc.virtual, tc.other)
			flat := onTop(frozen(active), tc.virtual, tc.other) // shares too little to pay
			for name, ports := range map[string]*Ports{"whole": whole, "shared": shared, "flat": flat} {
				snap := known("", PortData{Ports: ports, Subnets: estate()})
				holder, idle := snap.PortHolder(), snap.IdlePort()
				for p := range ports.All() {
					if got := fmt.Sprintf("%s idle=%v", holder(&p), idle(&p)); p.ID == virtual.ID && got != tc.want {
						t.Errorf("%s: %s, want %s", name, got, tc.want)
					}
				}
				var counted string
				for _, u := range snap.PortUsage().Subnets {
					for _, h := range []Holder{HolderVIP, HolderNone} {
						if u.Held(h) > 0 && counted == "" {
							counted = fmt.Sprintf("%s idle=%v", h, u.Idle > 0)
						}
					}
				}
				check.Equal(t, name+": counted as", tc.want, counted)
			}
		})
	}
}

func TestAnAddressThatOnlyAPairNamesIsHeldByItsPort(t *testing.T) {
	active := pairing(port("a", "n1", "vm", "compute:z", "ACTIVE", "s4", "10.0.0.5"), "10.0.0.60/32")
	spare := pairing(port("b", "n1", "vm2", "compute:z", "ACTIVE", "s4", "10.0.0.6"), "10.0.0.5/32", "10.0.0.0/24")
	last := frozen(active, spare)
	for _, ports := range []*Ports{last, onTop(last, active, spare)} {
		snap := known("", PortData{Ports: ports, Subnets: estate()})
		got := make(map[string]string)
		for _, a := range []string{"10.0.0.5", "10.0.0.60", "10.0.0.61"} {
			for _, p := range snap.Lookup(netip.MustParseAddr(a)).Ports {
				got[a] += p.Port.ID.String()
			}
		}
		check.Equal(t, "ports of an address:", map[string]string{"10.0.0.5": "a", "10.0.0.60": "a"}, got)
	}
}
