package cloudapi

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

const (
	novaVersionHeader = "X-OpenStack-Nova-API-Version"
	bareMetalTag      = "__type_baremetal"
	bareMetalFlavor   = "physical." // how the ids of bare-metal flavors begin
)

// serversAPI is one API that serves servers.
type serversAPI struct {
	list func(context.Context, *Project) iter.Seq2[inventory.Server, error]
	one  func(ctx context.Context, p *Project, id string) (inventory.Server, error)
}

func (p *Project) serversAPI() (serversAPI, error) {
	api := p.api(provider.Servers).servers
	if api.list == nil {
		return api, p.errNone("servers by apis.servers " + p.Config().APIs.Servers)
	}
	return api, nil
}

// Servers lists the servers by the API that apis.servers chose, virtual and
// bare-metal, with the addresses that the listing carries.
func (p *Project) Servers(ctx context.Context) iter.Seq2[inventory.Server, error] {
	api, err := p.serversAPI()
	if err != nil {
		return failed[inventory.Server](err)
	}
	return api.list(ctx, p)
}

// Server asks for one server.
func (p *Project) Server(ctx context.Context, id string) (inventory.Server, error) {
	api, err := p.serversAPI()
	if err != nil {
		return inventory.Server{}, err
	}
	if id, err = segment(id); err != nil {
		return inventory.Server{}, err
	}
	return api.one(ctx, p, id)
}

// novaServers is GET /v2.1/{project_id}/servers/detail and /servers/{id}
// (Compute API v2.1). Tags do not filter: below microversion 2.26 Nova silently
// ignores such a filter, so the kind is told from what comes.
func novaServers() serversAPI {
	return serversAPI{
		list: func(ctx context.Context, p *Project) iter.Seq2[inventory.Server, error] {
			query := url.Values{}
			all, err := p.AllTenants(ctx)
			if err != nil {
				return failed[inventory.Server](err)
			}
			if all {
				query.Set("all_tenants", "1")
			}
			return listAt(ctx, p, novaVersion, listing[inventory.Server]{
				service: serviceCompute, operation: "list_servers", kind: "server",
				resource: "servers/detail", key: "servers", rule: byLink(novaPageMax),
				query: query, header: p.novaHeader(), item: readServer,
			})
		},
		one: func(ctx context.Context, p *Project, id string) (inventory.Server, error) {
			return getItem(ctx, p, object{
				service: serviceCompute, version: novaVersion, operation: "get_server", kind: "server",
				path: "servers/" + id, header: p.novaHeader(), key: "server",
			}, readServer)
		},
	}
}

func (p *Project) novaHeader() http.Header {
	if v := p.provider().Microversion; v != "" {
		return http.Header{novaVersionHeader: {v}}
	}
	return nil
}

// bmsServers is GET /v1/{project_id}/baremetalservers/detail and
// /baremetalservers/{id} (BMS API v1): all of them bare metal.
func bmsServers() serversAPI {
	read := func(s *scanner, servers []inventory.Server) []inventory.Server {
		servers = readServer(s, servers)
		servers[len(servers)-1].BareMetal = true
		return servers
	}
	return serversAPI{
		list: func(ctx context.Context, p *Project) iter.Seq2[inventory.Server, error] {
			return listAt(ctx, p, bmsVersion, listing[inventory.Server]{
				service: serviceBMS, operation: "list_servers", kind: "server",
				resource: "baremetalservers/detail", key: "servers", rule: byPageNumber(bmsPageMax), item: read,
			})
		},
		one: func(ctx context.Context, p *Project, id string) (inventory.Server, error) {
			return getItem(ctx, p, object{
				service: serviceBMS, version: bmsVersion, operation: "get_server", kind: "server",
				path: "baremetalservers/" + id, key: "server",
			}, read)
		},
	}
}

func readServer(s *scanner, servers []inventory.Server) []inventory.Server {
	var v inventory.Server
	s.object(func(key []byte) {
		switch string(key) {
		case "id":
			v.ID = s.itemSegment()
		case "name":
			v.Name = s.str()
		case "status":
			v.Status = s.shared()
		case "flavor":
			v.Flavor = readFlavor(s)
		case "OS-EXT-AZ:availability_zone":
			v.Zone = s.shared()
		case "tags":
			s.array(func() {
				if string(s.text()) == bareMetalTag {
					v.BareMetal = true
				}
			})
		case "addresses":
			v.Addresses = readAddresses(s)
		default:
			s.skip()
		}
	})
	if strings.HasPrefix(v.Flavor, bareMetalFlavor) {
		v.BareMetal = true
	}
	return append(servers, v)
}

// readFlavor returns the flavor's id or, from microversion 2.47 on, its name.
func readFlavor(s *scanner) string {
	if s.peek() == jsontext.KindString { // "" where there is none
		return s.shared()
	}
	var id, name string
	s.object(func(key []byte) {
		switch string(key) {
		case "id":
			id = s.shared()
		case "original_name":
			name = s.shared()
		default:
			s.skip()
		}
	})
	if id == "" {
		return name
	}
	return id
}

// ServerAddresses asks for the addresses of one server: GET
// /v2.1/{project_id}/servers/{server_id}/ips (Compute API v2.1, and "Querying IP
// Addresses of a BMS"), in the order of the answer.
func (p *Project) ServerAddresses(ctx context.Context, id string) ([]inventory.ServerAddress, error) {
	path, err := segment(id)
	if err != nil {
		return nil, err
	}
	var all []inventory.ServerAddress
	err = p.getObject(ctx, object{
		service: serviceCompute, version: novaVersion, operation: "get_server_ips", kind: "server",
		path: "servers/" + path + "/ips", key: "addresses", optional: true,
		read: func(s *scanner) {
			s.id = inventory.ParseID(id)
			all = readAddresses(s)
		},
	})
	return all, err
}

// readAddresses reads {network: [{"addr","version"}]}. The version is a number
// in one API and a string in another; the address tells it as well.
func readAddresses(s *scanner) []inventory.ServerAddress {
	var all []inventory.ServerAddress
	s.object(func(key []byte) {
		network := s.share(key)
		s.array(func() {
			a := inventory.ServerAddress{Network: network}
			s.object(func(key []byte) {
				if string(key) == "addr" {
					a.Addr = s.addr()
				} else {
					s.skip()
				}
			})
			if a.Addr.IsValid() {
				all = append(all, a)
			}
		})
	})
	return all
}
