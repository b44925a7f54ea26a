package cli

import (
	"context"

	"cloudip_exporter/inventory"
)

func (p *fakeProject) SeesForeignPorts(context.Context, inventory.ID) (bool, error) {
	return false, p.called("foreign ports")
}
