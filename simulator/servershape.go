package simulator

import (
	"net/http"
	"time"

	"cloudip_exporter/simulator/estate"
)

// addressMap groups the addresses by key and shows each.
func addressMap(s *estate.Server, show func(estate.ServerAddress) object) object {
	o := object{}
	at := map[string]int{}
	for _, a := range s.Addresses() {
		i, has := at[a.Key]
		if !has {
			i = len(o)
			at[a.Key] = i
			o = append(o, field{a.Key, []object{}})
		}
		o[i].value = append(o[i].value.([]object), show(a))
	}
	return o
}

func plainAddress(a estate.ServerAddress) object {
	return object{{"version", a.Version}, {"addr", a.Addr}}
}

func longAddress(a estate.ServerAddress) object {
	return object{{"version", a.Version}, {"addr", a.Addr}, {"OS-EXT-IPS:type", a.Kind}, {"OS-EXT-IPS-MAC:mac_addr", a.MAC}}
}

func getServerIPs(k *call) reply {
	s := k.server()
	if s == nil {
		return k.noServer()
	}
	return ok(object{{"addresses", addressMap(s, plainAddress)}})
}

// getServerIPsOf answers for one key, without the wrapper.
func getServerIPsOf(k *call) reply {
	s := k.server()
	if s == nil {
		return k.noServer()
	}
	for _, f := range addressMap(s, plainAddress) {
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
	for _, p := range s.Ports {
		fixed := []object{}
		for _, f := range p.Fixed {
			fixed = append(fixed, object{{"subnet_id", f.SubnetID}, {"ip_address", f.Addr.String()}})
		}
		list = append(list, object{{"port_state", p.Status}, {"fixed_ips", fixed}, {"net_id", p.Network.ID}, {"port_id", p.ID.String()}, {"mac_addr", p.MAC()}})
	}
	return ok(object{{"interfaceAttachments", list}})
}

// epoch is when the first thing in every estate was made.
func epoch() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// powerStates by status; everything else is running.
var powerStates = map[string]int{"BUILD": 0, "SHUTOFF": 4, "ERROR": 0, "SHELVED_OFFLOADED": 4}

// serverObject is a server in detail, as the microversion shows it.
func (k *call) serverObject(s *estate.Server) object {
	minor, _ := k.minor()
	created := epoch().Add(time.Duration(s.Created) * time.Second)
	power, found := powerStates[s.Status]
	if !found {
		power = 1
	}
	flavor := object{{"id", s.Flavor}, {"links", []object{{{"rel", "bookmark"}, {"href", k.base + "/flavors/" + s.Flavor}}}}}
	if minor >= 47 {
		flavor = object{{"vcpus", 4}, {"ram", 8192}, {"disk", 0}, {"ephemeral", 0}, {"swap", 0}, {"original_name", s.Flavor}, {"extra_specs", object{}}}
	}
	o := object{
		{"id", s.ID}, {"name", s.Name}, {"status", s.Status}, {"tenant_id", s.Project.ID}, {"user_id", k.cloud.auth.users[0].id},
		{"metadata", k.serverMetadata(s)}, {"hostId", "96faddb9736b4239bb41c3bfa248eb11184cf11119c553d8d69f80a0"}, {"image", k.image(s)}, {"flavor", flavor},
		{"created", created.Format("2006-01-02T15:04:05Z")}, {"updated", created.Format("2006-01-02T15:04:05Z")},
		{"addresses", addressMap(s, longAddress)}, {"accessIPv4", ""}, {"accessIPv6", ""}, {"links", k.serverLinks(s)},
		{"OS-DCF:diskConfig", "MANUAL"}, {"progress", 0}, {"OS-EXT-AZ:availability_zone", s.Zone}, {"config_drive", ""}, {"key_name", nil},
		{"OS-SRV-USG:launched_at", created.Format("2006-01-02T15:04:05.000000")}, {"OS-SRV-USG:terminated_at", nil},
		{"OS-EXT-STS:task_state", nil}, {"OS-EXT-STS:vm_state", "active"}, {"OS-EXT-STS:power_state", power},
		{"os-extended-volumes:volumes_attached", []any{}}, {"security_groups", []object{{{"name", "default"}}}},
	}
	if s.Status == "ERROR" {
		o = append(o, field{"fault", object{{"message", "No valid host was found."}, {"code", 500}, {"created", created.Format("2006-01-02T15:04:05Z")}}})
	}
	if minor >= 26 {
		tags := s.Tags
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

// image is "" for a server of OpenStack that boots from a volume, and an object on
// Huawei Cloud and OTC.
func (k *call) image(s *estate.Server) any {
	if !k.cloud.huawei() {
		return ""
	}
	id := k.imageID()
	return object{{"id", id}, {"links", []object{{{"rel", "bookmark"}, {"href", k.base + "/images/" + id}}}}}
}

func (k *call) serverMetadata(s *estate.Server) object {
	if !k.cloud.huawei() || len(s.Ports) == 0 || s.Ports[0].Network.VPC == nil {
		return object{}
	}
	return object{{"vpc_id", s.Ports[0].Network.VPC.ID}, {"chargingMode", "0"}}
}
