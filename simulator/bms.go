package simulator

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"cloudip_exporter/simulator/estate"
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

func (k *call) bareMetal() []*estate.Server {
	var machines []*estate.Server
	for _, s := range k.visibleServers(false) {
		if s.BareMetal() {
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

func (k *call) oneBareMetal() (*estate.Server, reply) {
	for _, s := range k.bareMetal() {
		if s.ID == k.vars["id"] {
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
func (k *call) bareMetalObject(s *estate.Server) object {
	created := epoch().Add(time.Duration(s.Created) * time.Second).Format("2006-01-02T15:04:05Z")
	var ports []string
	for _, p := range s.Ports {
		ports = append(ports, p.ID.String())
	}
	tags := s.Tags
	if tags == nil {
		tags = []string{}
	}
	meta := append(k.serverMetadata(s), field{"baremetalPortIDList", "[" + strings.Join(ports, ", ") + "]"})
	return object{
		{"id", s.ID}, {"name", s.Name}, {"status", s.Status}, {"tenant_id", s.Project.ID},
		{"flavor", object{{"id", s.Flavor}, {"name", s.Flavor}, {"vcpus", "64"}, {"ram", "393216"}, {"disk", "1200"}}},
		{"addresses", addressMap(s, func(a estate.ServerAddress) object {
			return object{
				{"version", strconv.Itoa(a.Version)}, {"addr", a.Addr}, {"OS-EXT-IPS-MAC:mac_addr", a.MAC},
				{"OS-EXT-IPS:port_id", a.PortID}, {"OS-EXT-IPS:type", a.Kind},
			}
		})},
		{"metadata", meta}, {"tags", tags}, {"OS-EXT-STS:power_state", 1}, {"OS-EXT-STS:vm_state", "active"},
		{"OS-EXT-AZ:availability_zone", s.Zone}, {"created", created}, {"updated", created}, {"enterprise_project_id", "0"},
	}
}
