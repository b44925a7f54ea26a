package inventory

// Network is a network of OpenStack, which Huawei Cloud and OTC have none of beside
// their subnets.
type Network struct {
	ID               ID
	Name             string
	External, Shared bool
	OwnerID          ID     // the project that has it
	OwnerName        string // "" where the credential may not read it
}

// NetworkByID are the networks by id.
func (d SubnetData) NetworkByID() map[ID]*Network {
	networks := make(map[ID]*Network, len(d.Networks))
	for i := range d.Networks {
		networks[d.Networks[i].ID] = &d.Networks[i]
	}
	return networks
}
