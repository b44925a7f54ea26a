package estate

// Providers that can be simulated.
const (
	HuaweiCloud = "huaweicloud"
	OTC         = "otc"
	OpenStack   = "openstack"
)

// Shape says what an estate holds. The zero value of each field is useful.
type Shape struct {
	Provider, Region string
	Seed             uint64

	Subnets, Ports, Servers, AddressGroups, PublicIPs int

	Plain bool    // no odd cases, no further projects: the given sizes exactly
	Skew  float64 // share of the added ports that lie in one network, 0 to 1
}
