package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// bmsRoutes are bare metal's own API, v1.
func bmsRoutes() []route {
	r := func(method, pattern, action, empty string, handle func(*call) reply) route {
		return route{method: method, service: "bms", pattern: pattern, family: famBMS, action: action, empty: empty, handle: handle}
	}
	return []route{
		r(http.MethodGet, "/v1/{pid}/baremetalservers/detail", "bms:servers:list", "servers", getBareMetal),
		r(http.MethodGet, "/v1/{pid}/baremetalservers/{id}", "bms:servers:get", "", getOneBareMetal),
		r(http.MethodPost, "/v1/{pid}/baremetalservers/{id}/remote_console", "bms:servers:serialConsole", "", postBareMetalConsole),
	}
}

// bareMetal reports whether a server of Huawei Cloud or OTC is a machine.
func (s *server) bareMetal() bool {
	return slices.Contains(s.tags, "__type_baremetal") || strings.HasPrefix(s.flavor, "physical.")
}

func (k *call) bareMetal() []*server {
	var machines []*server
	for _, s := range k.visibleServers(false) {
		if s.bareMetal() {
			machines = append(machines, s)
		}
	}
	return machines
}

// getBareMetal pages by number: offset 1 is the first page.
func getBareMetal(k *call) reply {
	limit := 25
	offset := 1
	if k.query.Get("offset") != "" {
		limit = 1000
	}
	for name, to := range map[string]*int{"offset": &offset, "limit": &limit} {
		if s := k.query.Get(name); s != "" {
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 {
				return bmsError(http.StatusBadRequest, "BMS.0002", name+" is invalid")
			}
			*to = n
		}
	}
	limit = k.cap(min(limit, 1000))
	all := k.bareMetal()
	from := min((max(offset, 1)-1)*limit, len(all))
	list := []object{}
	for _, s := range all[from:min(from+limit, len(all))] {
		list = append(list, k.bareMetalObject(s))
	}
	return ok(object{{"servers", list}, {"count", len(all)}})
}

func (k *call) oneBareMetal() (*server, reply) {
	for _, s := range k.bareMetal() {
		if s.id == k.vars["id"] {
			return s, reply{}
		}
	}
	return nil, bmsError(http.StatusNotFound, "BMS.0114", "Instance["+k.vars["id"]+"] could not be found.")
}

func getOneBareMetal(k *call) reply {
	s, bad := k.oneBareMetal()
	if s == nil {
		return bad
	}
	return ok(object{{"server", k.bareMetalObject(s)}})
}

// bareMetalObject has versions and flavor numbers as strings.
func (k *call) bareMetalObject(s *server) object {
	created := epoch().Add(time.Duration(s.created) * time.Second).Format("2006-01-02T15:04:05Z")
	var ports []string
	for _, p := range s.ports {
		ports = append(ports, p.id.String())
	}
	tags := s.tags
	if tags == nil {
		tags = []string{}
	}
	meta := append(k.serverMetadata(s), field{"baremetalPortIDList", "[" + strings.Join(ports, ", ") + "]"})
	return object{
		{"id", s.id}, {"name", s.name}, {"status", s.status}, {"tenant_id", s.project.id},
		{"flavor", object{{"id", s.flavor}, {"name", s.flavor}, {"vcpus", "64"}, {"ram", "393216"}, {"disk", "1200"}}},
		{"addresses", s.addressMap(func(a serverAddress) object {
			return object{
				{"version", strconv.Itoa(a.version)}, {"addr", a.addr}, {"OS-EXT-IPS-MAC:mac_addr", a.mac},
				{"OS-EXT-IPS:port_id", a.portID}, {"OS-EXT-IPS:type", a.kind},
			}
		})},
		{"metadata", meta}, {"tags", tags}, {"OS-EXT-STS:power_state", 1}, {"OS-EXT-STS:vm_state", "active"},
		{"OS-EXT-AZ:availability_zone", s.zone}, {"created", created}, {"updated", created}, {"enterprise_project_id", "0"},
	}
}
