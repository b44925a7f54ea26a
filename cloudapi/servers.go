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

// Tags do not filter: below microversion 2.26 Nova silently ignores such a filter, so the
// kind is read from what comes.
var serverAPIs = listings[inventory.Server]{
	// Compute API v2.1.
	"nova": {kind: "server", key: "servers", of: func(ctx context.Context, p *Project, l *listing[inventory.Server]) error {
		l.header, l.item = p.novaHeader(), p.listedServer()
		all, err := p.AllTenants(ctx)
		if all {
			l.query = url.Values{"all_tenants": {"1"}}
		}
		return err
	}},
	// BMS API v1: all of them bare metal.
	"bms": {kind: "server", key: "servers", granted: true, of: func(_ context.Context, p *Project, l *listing[inventory.Server]) error {
		l.item = bareMetal(p.listedServer())
		return nil
	}},
}

// Servers lists the servers by the API that apis.servers chose, virtual and
// bare-metal, with the addresses that the listing carries.
func (p *Project) Servers(ctx context.Context) iter.Seq2[inventory.Server, error] {
	return listBy(ctx, p, provider.Servers, serverAPIs)
}

// Server asks for one server.
func (p *Project) Server(ctx context.Context, id string) (inventory.Server, error) {
	_, api, err := choose(p, provider.Servers, serverAPIs)
	if err != nil {
		return inventory.Server{}, err
	}
	o, read := p.object(api.Service, api.One, id), readServer
	o.Operation, o.Kind, o.Key = "get_server", "server", "server"
	if api.Name == "bms" {
		read = bareMetal(readServer)
	} else {
		o.Header = p.novaHeader()
	}
	return page.GetItem(ctx, o, read)
}

func (p *Project) novaHeader() http.Header {
	if v := p.provider().Microversion; v != "" {
		return http.Header{novaVersionHeader: {v}}
	}
	return nil
}

type serverReader = func(*page.Scanner, []inventory.Server) []inventory.Server

// bareMetal reads servers all of which are bare metal.
func bareMetal(read serverReader) serverReader {
	return func(s *page.Scanner, servers []inventory.Server) []inventory.Server {
		servers = read(s, servers)
		servers[len(servers)-1].BareMetal = true
		return servers
	}
}

// listedServer returns what reads a server of a listing. Addresses that another call
// brings are a detail of the listing.
func (p *Project) listedServer() serverReader {
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
	s.Fields(page.Fields{
		{"id", func() { v.ID = s.ItemPathID() }},
		{"name", func() { v.Name = s.Str() }},
		{"status", func() { v.Status = s.Shared() }},
		{"flavor", func() { s.Detail(func() { v.Flavor = readFlavor(s) }) }},
		{"OS-EXT-AZ:availability_zone", func() { v.Zone = s.Shared() }},
		{"tags", func() {
			s.Detail(func() {
				s.Array(func() {
					if string(s.TextOr("")) == bareMetalTag {
						v.BareMetal = true
					}
				})
			})
		}},
		{"addresses", func() { v.Addresses = addresses() }},
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
	s.Fields(page.Fields{
		{"id", func() { id = s.Shared() }},
		{"original_name", func() { name = s.Shared() }},
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
	var all []inventory.ServerAddress
	o := p.object("compute", "GET /v2.1/{project_id}/servers/{id}/ips", id)
	o.Operation, o.Kind, o.Key, o.Optional = "get_server_ips", "server", "addresses", true
	o.Read = func(s *page.Scanner) {
		s.BeginItem(inventory.ParseID(id))
		all = readAddresses(s)
	}
	err := o.Get(ctx)
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
