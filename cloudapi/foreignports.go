package cloudapi

import (
	"context"
	"net/url"

	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// SeesForeignPorts reports whether the credential sees ports of a network that
// Ports leaves out, because an admin's listing is narrowed to one project. So
// the caller knows whether a project has no ports or the credential may not see
// them. Where nothing is narrowed it asks nothing.
func (p *Project) SeesForeignPorts(ctx context.Context, network inventory.ID) (bool, error) {
	narrowed, err := p.Narrow(ctx)
	if err != nil || narrowed == "" {
		return false, err
	}
	l, api, err := choose(p, provider.Ports, portQuery{}.listings())
	if err != nil {
		return false, err
	}
	l.query = url.Values{"fields": {"id"}, "network_id": {network.String()}}
	for _, err := range l.listAll(ctx, p, api) {
		return err == nil, err // the first is enough
	}
	return false, nil
}
