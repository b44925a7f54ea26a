package cloudapi

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

const (
	novaVersionHeader = "X-OpenStack-Nova-API-Version"
	bareMetalTag      = "__type_baremetal"
	bareMetalFlavor   = "physical." // how the ids of bare-metal flavors begin
)

var serverAPIs = map[string]serversAPI{"nova": novaServers(), "bms": bmsServers()}

// serversAPI is one API that serves servers.
type serversAPI struct {
	list func(context.Context, *Project) iter.Seq2[inventory.Server, error]
	one  func(ctx context.Context, p *Project, id string) (inventory.Server, error)
}

// Servers lists the servers by the API that apis.servers chose, virtual and
// bare-metal, with the addresses that the listing carries.
func (p *Project) Servers(ctx context.Context) iter.Seq2[inventory.Server, error] {
	api, err := choose(p, provider.Servers, serverAPIs)
	if err != nil {
		return failed[inventory.Server](err)
	}
	return api.list(ctx, p)
}

// Server asks for one server.
func (p *Project) Server(ctx context.Context, id string) (inventory.Server, error) {
	api, err := choose(p, provider.Servers, serverAPIs)
	if err != nil {
		return inventory.Server{}, err
	}
	if id, err = page.PathID(id); err != nil {
		return inventory.Server{}, err
	}
	return api.one(ctx, p, id)
}

// novaServers is GET /v2.1/{project_id}/servers/detail and /servers/{id}
// (Compute API v2.1). Tags do not filter: below microversion 2.26 Nova silently
// ignores such a filter, so the kind is read from what comes.
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
			return listAt(ctx, p, serviceCompute, novaVersion, page.Listing[inventory.Server]{
				Operation: "list_servers", Kind: "server",
				Resource: "servers/detail", Key: "servers", Rule: page.ByLink(provider.NovaPageMax),
				Query: query, Header: p.novaHeader(), Item: p.listedServer(),
			})
		},
		one: func(ctx context.Context, p *Project, id string) (inventory.Server, error) {
			return page.GetItem(ctx, page.Object{
				At:        p.at(serviceCompute, novaVersion),
				Operation: "get_server", Kind: "server",
				Path: "servers/" + id, Header: p.novaHeader(), Key: "server",
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
	type reader = func(*page.Scanner, []inventory.Server) []inventory.Server
	bareMetal := func(read reader) reader {
		return func(s *page.Scanner, servers []inventory.Server) []inventory.Server {
			servers = read(s, servers)
			servers[len(servers)-1].BareMetal = true
			return servers
		}
	}
	return serversAPI{
		list: func(ctx context.Context, p *Project) iter.Seq2[inventory.Server, error] {
			return listGranted(ctx, p, serviceBMS, bmsVersion, page.Listing[inventory.Server]{
				Operation: "list_servers", Kind: "server",
				Resource: "baremetalservers/detail", Key: "servers", Rule: page.ByPageNumber(provider.BMSPageMax), Item: bareMetal(p.listedServer()),
			})
		},
		one: func(ctx context.Context, p *Project, id string) (inventory.Server, error) {
			return page.GetItem(ctx, page.Object{
				At:        p.at(serviceBMS, bmsVersion),
				Operation: "get_server", Kind: "server",
				Path: "baremetalservers/" + id, Key: "server",
			}, bareMetal(readServer))
		},
	}
}

// listedServer returns what reads a server of a listing. Addresses that another call
// brings are a detail of the listing.
func (p *Project) listedServer() func(*page.Scanner, []inventory.Server) []inventory.Server {
	if p.Config().APIs.ServerAddresses == "list" {
		return readServer
	}
	return func(s *page.Scanner, servers []inventory.Server) []inventory.Server {
		return readServerWith(s, servers, func() (all []inventory.ServerAddress) {
			s.Detail(func() { all = readAddresses(s) })
			return all
		})
	}
}

func readServer(s *page.Scanner, servers []inventory.Server) []inventory.Server {
	return readServerWith(s, servers, func() []inventory.ServerAddress { return readAddresses(s) })
}

func readServerWith(s *page.Scanner, servers []inventory.Server, addresses func() []inventory.ServerAddress) []inventory.Server {
	var v inventory.Server
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			v.ID = s.ItemPathID()
		case "name":
			v.Name = s.Str()
		case "status":
			v.Status = s.Shared()
		case "flavor":
			s.Detail(func() { v.Flavor = readFlavor(s) })
		case "OS-EXT-AZ:availability_zone":
			v.Zone = s.Shared()
		case "tags":
			s.Detail(func() {
				s.Array(func() {
					if string(s.TextOr("")) == bareMetalTag {
						v.BareMetal = true
					}
				})
			})
		case "addresses":
			v.Addresses = addresses()
		}
	})
	if strings.HasPrefix(v.Flavor, bareMetalFlavor) {
		v.BareMetal = true
	}
	return append(servers, v)
}

// readFlavor returns the flavor's id or, from microversion 2.47 on, its name.
func readFlavor(s *page.Scanner) string {
	if s.Peek() == jsontext.KindString { // "" where there is none
		return s.Shared()
	}
	var id, name string
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			id = s.Shared()
		case "original_name":
			name = s.Shared()
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
	path, err := page.PathID(id)
	if err != nil {
		return nil, err
	}
	var all []inventory.ServerAddress
	err = page.Object{
		At:        p.at(serviceCompute, novaVersion),
		Operation: "get_server_ips", Kind: "server",
		Path: "servers/" + path + "/ips", Key: "addresses", Optional: true,
		Read: func(s *page.Scanner) {
			s.BeginItem(inventory.ParseID(id))
			all = readAddresses(s)
		},
	}.Get(ctx)
	return all, err
}

// readAddresses reads {network: [{"addr","version"}]}. The version is a number
// in one API and a string in another; the address shows it as well.
func readAddresses(s *page.Scanner) []inventory.ServerAddress {
	var all []inventory.ServerAddress
	s.Object(func(key []byte) {
		network := s.Share(key)
		s.Array(func() {
			a := inventory.ServerAddress{Network: network}
			s.Object(func(key []byte) {
				if string(key) == "addr" {
					a.Addr = s.Addr()
				}
			})
			if a.Addr.IsValid() {
				all = append(all, a)
			}
		})
	})
	return all
}
