package simulator

import (
	"net/http"
	"time"
)

// serverAddress is one address of a server under its key.
type serverAddress struct {
	key, mac, portID, kind string
	addr                   string
	version                int
}

// addresses lists a server's addresses under the VPC's id (Huawei Cloud, OTC)
// or the network's name, by which two networks of one name become one.
func (s *server) addresses() []serverAddress {
	var all []serverAddress
	for i, p := range s.ports {
		if p.absent {
			continue
		}
		key := p.network.name
		if p.network.vpc != nil {
			key = p.network.vpc.id
		}
		for _, f := range p.fixed {
			version := 4
			if f.addr.Is6() {
				version = 6
			}
			all = append(all, serverAddress{key, mac(p), p.id.String(), "fixed", f.addr.String(), version})
		}
		if i == 0 {
			for _, a := range s.floating {
				all = append(all, serverAddress{key, mac(p), p.id.String(), "floating", a.String(), 4})
			}
		}
	}
	return all
}

// addressMap groups the addresses by key and shows each.
func (s *server) addressMap(show func(serverAddress) object) object {
	o := object{}
	at := map[string]int{}
	for _, a := range s.addresses() {
		i, has := at[a.key]
		if !has {
			i = len(o)
			at[a.key] = i
			o = append(o, field{a.key, []object{}})
		}
		o[i].value = append(o[i].value.([]object), show(a))
	}
	return o
}

func plainAddress(a serverAddress) object {
	return object{{"version", a.version}, {"addr", a.addr}}
}

func longAddress(a serverAddress) object {
	return object{{"version", a.version}, {"addr", a.addr}, {"OS-EXT-IPS:type", a.kind}, {"OS-EXT-IPS-MAC:mac_addr", a.mac}}
}

func getServerIPs(k *call) reply {
	s := k.server()
	if s == nil {
		return k.noServer()
	}
	return ok(object{{"addresses", s.addressMap(plainAddress)}})
}

// getServerIPsOf answers for one key, without the wrapper.
func getServerIPsOf(k *call) reply {
	s := k.server()
	if s == nil {
		return k.noServer()
	}
	for _, f := range s.addressMap(plainAddress) {
		if f.key == k.vars["key"] {
			return ok(object{f})
		}
	}
	return novaError(http.StatusNotFound, "itemNotFound", "Instance is not a member of specified network")
}

func getInterfaces(k *call) reply {
	s := k.server()
	if s == nil {
		return k.noServer()
	}
	list := []object{}
	for _, p := range s.ports {
		fixed := []object{}
		for _, f := range p.fixed {
			fixed = append(fixed, object{{"subnet_id", f.subnetID}, {"ip_address", f.addr.String()}})
		}
		list = append(list, object{{"port_state", p.status}, {"fixed_ips", fixed}, {"net_id", p.network.id}, {"port_id", p.id.String()}, {"mac_addr", mac(p)}})
	}
	return ok(object{{"interfaceAttachments", list}})
}

// epoch is when the first thing in every estate was made.
func epoch() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// powerStates by status; everything else is running.
var powerStates = map[string]int{"BUILD": 0, "SHUTOFF": 4, "ERROR": 0, "SHELVED_OFFLOADED": 4}

// serverObject is a server in detail, as the microversion shows it.
func (k *call) serverObject(s *server) object {
	minor, _ := k.minor()
	created := epoch().Add(time.Duration(s.created) * time.Second)
	power, found := powerStates[s.status]
	if !found {
		power = 1
	}
	flavor := object{{"id", s.flavor}, {"links", []object{{{"rel", "bookmark"}, {"href", k.base + "/flavors/" + s.flavor}}}}}
	if minor >= 47 {
		flavor = object{{"vcpus", 4}, {"ram", 8192}, {"disk", 0}, {"ephemeral", 0}, {"swap", 0}, {"original_name", s.flavor}, {"extra_specs", object{}}}
	}
	o := object{
		{"id", s.id}, {"name", s.name}, {"status", s.status}, {"tenant_id", s.project.id}, {"user_id", k.cloud.auth.users[0].id},
		{"metadata", k.serverMetadata(s)}, {"hostId", "96faddb9736b4239bb41c3bfa248eb11184cf11119c553d8d69f80a0"}, {"image", ""}, {"flavor", flavor},
		{"created", created.Format("2006-01-02T15:04:05Z")}, {"updated", created.Format("2006-01-02T15:04:05Z")},
		{"addresses", s.addressMap(longAddress)}, {"accessIPv4", ""}, {"accessIPv6", ""}, {"links", k.serverLinks(s)},
		{"OS-DCF:diskConfig", "MANUAL"}, {"progress", 0}, {"OS-EXT-AZ:availability_zone", s.zone}, {"config_drive", ""}, {"key_name", nil},
		{"OS-SRV-USG:launched_at", created.Format("2006-01-02T15:04:05.000000")}, {"OS-SRV-USG:terminated_at", nil},
		{"OS-EXT-STS:task_state", nil}, {"OS-EXT-STS:vm_state", "active"}, {"OS-EXT-STS:power_state", power},
		{"os-extended-volumes:volumes_attached", []any{}}, {"security_groups", []object{{{"name", "default"}}}},
	}
	if s.status == "ERROR" {
		o = append(o, field{"fault", object{{"message", "No valid host was found."}, {"code", 500}, {"created", created.Format("2006-01-02T15:04:05Z")}}})
	}
	if minor >= 26 {
		tags := s.tags
		if tags == nil {
			tags = []string{}
		}
		o = append(o, field{"tags", tags}, field{"locked", false}, field{"description", nil})
	}
	if k.cloud.huawei() {
		o = append(o, field{"enterprise_project_id", "0"}, field{"sys_tags", []object{{{"key", "_sys_enterprise_project_id"}, {"value", "0"}}}})
	}
	return o
}

func (k *call) serverMetadata(s *server) object {
	if !k.cloud.huawei() || len(s.ports) == 0 || s.ports[0].network.vpc == nil {
		return object{}
	}
	return object{{"vpc_id", s.ports[0].network.vpc.id}, {"chargingMode", "0"}}
}
