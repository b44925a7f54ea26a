package cloudapi

import (
	"context"
	"iter"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// Networks lists the networks, without the names of their owners.
func (p *Project) Networks(ctx context.Context) iter.Seq2[inventory.Network, error] {
	return listBy(ctx, p, provider.Networks, networkAPIs)
}

var networkAPIs = listings[inventory.Network]{
	// Networking API v2.0, "List networks".
	"neutron": {kind: "network", key: "networks", item: readNetwork, query: url.Values{
		"fields": {"id", "name", "project_id", "tenant_id", "router:external", "shared"},
	}},
}

func readNetwork(s *page.Scanner, all []inventory.Network) []inventory.Network {
	var n inventory.Network
	s.Fields(page.Fields{
		{"id", func() { n.ID = s.ItemID() }},
		{"name", func() { n.Name = s.Str() }},
		{"project_id", func() { readOwner(s, true, &n.OwnerID) }},
		{"tenant_id", func() { readOwner(s, false, &n.OwnerID) }},
		{"router:external", func() { n.External = s.Peek() == jsontext.KindTrue }},
		{"shared", func() { n.Shared = s.Peek() == jsontext.KindTrue }},
	})
	return append(all, n)
}

// ProjectNames returns the names of the projects that the credential may read.
func (p *Project) ProjectNames(ctx context.Context) (map[inventory.ID]string, error) {
	all, err := p.session.ReadableProjects(ctx)
	names := make(map[inventory.ID]string, len(all))
	for _, found := range all {
		names[inventory.ParseID(found.ID)] = found.Name
	}
	return names, err
}
