package inventory

// Data is what one collector fetched. Each collector has a type of its own, so
// that the type says whose data it is.
type Data interface {
	// Collector is the name of the collector.
	Collector() string
}

// Of returns the data in the last complete answer of T's collector; the zero T
// when there is none, so that callers can range over it.
func Of[T Data](s *Snapshot) T {
	var none T
	if st := s.State(none.Collector()); st != nil && st.Part != nil {
		if data, ok := st.Part.Data.(T); ok {
			return data
		}
	}
	return none
}

// SubnetData is what the collector "subnets" fetches.
type SubnetData struct {
	VPCs     []VPC
	Pools    []SubnetPool
	Subnets  []Subnet
	Networks []Network // OpenStack
	Hidden   bool      // some subnets could not be read
	Tags     []string  // the names of the tags that were asked for
	// Gone has the networks that were deleted after they were listed: their
	// subnets do not exist any more, whatever other listings show.
	Gone Gone
}

// PortData is what the collector "ports" fetches: the ports, and the subnets
// that they are joined with.
type PortData struct {
	Ports         *Ports `json:"-"`
	Subnets       []Subnet
	SubInterfaces *SubInterfaces // nil where the cloud has none, or does not say
}

// ServerData is what the collector "servers" fetches.
type ServerData []Server

// AddressGroupData is what the collector "address_groups" fetches.
type AddressGroupData []AddressGroup

// PrivateIPData is what the collector "private_ips" fetches: the private IPs,
// and the subnets that they were listed of.
type PrivateIPData struct {
	IPs     *PrivateIPs `json:"-"`
	Subnets []Subnet
}

// QuotaData is what the collector "quotas" fetches.
type QuotaData []Quota

// Collector is the name of the collector.
func (SubnetData) Collector() string { return "subnets" }

// Collector is the name of the collector.
func (PortData) Collector() string { return "ports" }

// Collector is the name of the collector.
func (ServerData) Collector() string { return "servers" }

// Collector is the name of the collector.
func (AddressGroupData) Collector() string { return "address_groups" }

// Collector is the name of the collector.
func (PrivateIPData) Collector() string { return "private_ips" }

// Collector is the name of the collector.
func (QuotaData) Collector() string { return "quotas" }

// VPCNames are the names of the VPCs by id.
func (d SubnetData) VPCNames() map[ID]string {
	names := make(map[ID]string, len(d.VPCs))
	for _, v := range d.VPCs {
		names[v.ID] = v.Name
	}
	return names
}
