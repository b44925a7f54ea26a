package inventory

import (
	"net/netip"
	"time"

	"go4.org/netipx"
)

// VPC is a virtual private cloud of Huawei Cloud or OTC (GET /v1/{project_id}/vpcs).
// OpenStack has none.
type VPC struct {
	ID     ID
	Name   string
	CIDR   string // as the cloud writes it; may be empty
	Status string // CREATING, OK
	// Prefixes are its IPv4 CIDRs, the secondary ones too, as VPC v3 tells them; nil where
	// they, or all its subnets, are not known.
	Prefixes []netip.Prefix
	Hidden   bool // not all its subnets can be seen
}

// VPCPrefixes are the IPv4 CIDRs of a VPC by VPC v3; nil where not all of them, or not all
// its subnets, can be seen.
type VPCPrefixes struct {
	VPCID    ID
	Prefixes []netip.Prefix
	Hidden   bool // another project has the VPC
}

// SubnetPool is a subnet pool of OpenStack (GET /v2.0/subnetpools).
type SubnetPool struct {
	ID        ID
	Name      string
	IPVersion string
	Prefixes  []netip.Prefix
	Hidden    bool // not all subnets of the pool can be seen
}

// Subnet is one address family of a subnet: what one pair of subnet_id and
// ip_version means. A dual-stack VPC subnet gives two of them with the
// same ID; a Neutron subnet gives one.
type Subnet struct {
	ID        ID // by which the cloud's console calls it: VPC subnet id, or Neutron subnet id on OpenStack
	NeutronID ID // Neutron's subnet id: what ports name in fixed_ips[].subnet_id
	NetworkID ID // Neutron's network id; equal to ID on Huawei Cloud and OTC
	VPCID     ID // zero on OpenStack
	PoolID    ID // subnet pool that the prefix is from; OpenStack only, mostly zero
	Name      string
	Prefix    netip.Prefix
	Gateway   netip.Addr       // zero when there is none
	Pools     []netipx.IPRange // allocation pools; OpenStack only
	Available *float64         // addresses left as the listing itself says (available_ip_address_count), else nil
	Usage     Usage            // filled by the subnets collector
	Tags      Tags             // those that the configuration asks for; nil: not known

	ProjectID        ID   // owner of the subnet
	PortsHidden      bool // the credential does not see all ports of the subnet
	PortsNarrowed    bool // only the ports of one project are listed, though others may have some there
	ChoosesAddresses bool // the network gives each port its address (SLAAC, stateless DHCPv6); nobody assigns one
}

// IPVersion is "4" or "6".
func (s *Subnet) IPVersion() string { return IPVersion(s.Prefix.Addr()) }

// IPVersion is "4" or "6".
func IPVersion(a netip.Addr) string {
	if a.Unmap().Is4() {
		return "4"
	}
	return "6"
}

// CapacitySource is where the capacity of a subnet comes from.
type CapacitySource string

// Sources of a capacity, best first.
const (
	FromAvailability   CapacitySource = "availability"
	FromAllocationPool CapacitySource = "allocation_pool"
	FromEstimate       CapacitySource = "estimate"
	FromNowhere        CapacitySource = "none"
)

// Usage is how full one Subnet is, in addresses. IPv6 counts exceed 2^64, so
// all are float64. A nil figure is not known and not published.
type Usage struct {
	Source   CapacitySource
	Capacity *float64
	Used     float64 // as the cloud says; may exceed Capacity on OpenStack
	Free     *float64
	Reserved *float64
}

// Availability is what the cloud says of one Neutron subnet
// (GET /v2.0/network-ip-availabilities).
type Availability struct {
	NeutronSubnetID ID
	Total, Used     float64
	Left            *float64 // in the allocation pools (ip_availability_details); nil where the cloud does not say
}

// FixedIP is one address of a port.
type FixedIP struct {
	SubnetID ID // Neutron's subnet id
	Addr     netip.Addr
}

// Port is a network port. Its Fixed and Pairs, as an iteration gives them,
// are valid only until its next step.
type Port struct {
	ID, NetworkID, DeviceID ID
	ProjectID               ID
	Owner                   string // device_owner
	Status                  string
	Instance                bool // a service's instance has it (instance_id, instance_type of VPC v1)
	Fixed                   []FixedIP
	Pairs                   []netip.Prefix // allowed_address_pairs; only as a listing reads the port
}

// Server is a virtual or bare-metal server.
type Server struct {
	ID        ID
	Name      string
	BareMetal bool
	Status    string
	Flavor    string // flavor id, else original_name
	Zone      string // availability zone
	Addresses []ServerAddress
}

// Kind is "baremetal" or "virtual".
func (s *Server) Kind() string {
	if s.BareMetal {
		return "baremetal"
	}
	return "virtual"
}

// ServerAddress is one address of a server as the compute API lists it.
type ServerAddress struct {
	Network string // key of the API's answer: VPC id on Huawei Cloud and OTC, network name on OpenStack
	Addr    netip.Addr
}

// AddressGroup is a VPC or Neutron address group.
type AddressGroup struct {
	ID      ID
	Name    string
	Entries []AddressGroupEntry
	Max     *int      // max_capacity; nil where the cloud has none
	Version string    // "4" or "6" as the API says, "" where it does not (OpenStack)
	Status  string    // NORMAL, UPDATING, UPDATE_FAILED, or as the cloud writes it; "" where it has none
	Updated time.Time // zero when unknown
}

// AddressGroupEntry is one entry: an address, a range or a CIDR.
type AddressGroupEntry struct {
	Text    string // as the cloud writes it
	Remarks string
	Range   netipx.IPRange // zero when Text could not be read: it still is an entry
}

// Valid reports whether the entry could be read.
func (e *AddressGroupEntry) Valid() bool { return e.Range.IsValid() }

// PrivateIP is a private IP address of the VPC API
// (GET /v1/{project_id}/subnets/{subnet_id}/privateips).
type PrivateIP struct {
	ID       ID
	SubnetID ID // VPC subnet id, which is Neutron's network id
	Status   string
	Owner    string // device_owner; "" when nobody uses it
	Addr     netip.Addr
}

// Quota is one resource's limit. Limit -1 means unlimited.
type Quota struct {
	Resource string
	Limit    float64 // -1: none, or not known
	Used     float64 // -1: not known
	Reserved float64 // held for requests under way (OpenStack); -1: not known
}
