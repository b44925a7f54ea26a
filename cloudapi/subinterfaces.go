package cloudapi

import (
	"context"
	"errors"
	"iter"
	"net/netip"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// SubInterfaces lists the supplementary network interfaces of the project.
func (p *Project) SubInterfaces(ctx context.Context) iter.Seq2[inventory.SubInterface, error] {
	return listBy(ctx, p, provider.SubInterfaces, subInterfaceAPIs)
}

var subInterfaceAPIs = listings[inventory.SubInterface]{
	// VPC API v3, "Querying Supplementary Network Interfaces".
	"vpc/v3": {kind: "sub-interface", key: "sub_network_interfaces", item: readSubInterface},
}

func readSubInterface(s *page.Scanner, all []inventory.SubInterface) []inventory.SubInterface {
	var i inventory.SubInterface
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			i.ID = s.ItemID()
		case "virsubnet_id":
			i.SubnetID = s.SharedID()
		case "parent_device_id":
			i.DeviceID = s.SharedID()
		case "private_ip_address", "ipv6_ip_address":
			var a netip.Addr
			if s.Detail(func() { a = s.Addr() }) && a.IsValid() {
				i.Addrs = append(i.Addrs, a)
			}
		}
	})
	if len(i.Addrs) == 0 {
		s.Refuse(errors.New("it has no address"))
	}
	return append(all, i)
}
