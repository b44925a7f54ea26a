package provider

import "fmt"

// Resource is what a cloud lists, shows or does.
type Resource string

// Resources that are read.
const (
	VPCs            Resource = "vpcs"
	VPCPrefixes     Resource = "vpc_prefixes" // with the secondary CIDRs
	SubnetPools     Resource = "subnet_pools"
	Networks        Resource = "networks"
	Owners          Resource = "owners" // names of the projects that have networks
	Subnets         Resource = "subnets"
	Availability    Resource = "availability" // how full the subnets are
	Ports           Resource = "ports"
	Servers         Resource = "servers"
	ServerAddresses Resource = "server_addresses"
	AddressGroups   Resource = "address_groups"
	PrivateIPs      Resource = "private_ips"    // as objects of their own, not as ports
	SubInterfaces   Resource = "sub_interfaces" // of containers, on the ports of their hosts
	PublicIPs       Resource = "public_ips"
	PublicIPPools   Resource = "public_ip_pools"
	SubnetTags      Resource = "subnet_tags" // where the listing of subnets does not show them
	Quotas          Resource = "quotas"
	Projects        Resource = "projects"
)

// Resources of which commands make or delete something.
const (
	Assignment Resource = "private-ip assign"
	Release    Resource = "private-ip release"
	Console    Resource = "server console"
)

// API is how one API serves one resource.
type API struct {
	Resource    Resource
	Name        string   // such as vpc/v1 or neutron: the key of its implementation
	Choice      string   // value of apis.ports or apis.servers that chooses it; "" where nothing is to be chosen
	Service     string   // the service that is asked
	Call        string   // method and path, by which package cloudapi asks
	One         string   // the same for one of them, where something asks for it
	Actions     []string // IAM actions, or rules of the OpenStack policy, that allow it; the first is named where it is refused
	OwnPorts    bool     // it lists the ports of its service alone, without their owners
	Unconfirmed bool     // no page of the vendor, or no answer of a real OpenStack (Zed), shows that Actions are right
	Optional    bool     // collectors work without it, less exactly
	Refused     string   // what happens where it is refused; "" where only the collector fails
	UsedBy      string   // what needs it besides collectors, in the documentation

	Per     Unit   // what one call is for
	Items   string // what a page lists
	PageMax int    // items that the API puts on a page at most
}

// What happens where a call is refused, the same on all clouds.
const (
	refusedSubnets   = "every collector that joins with subnets fails"
	refusedPorts     = "`subnets` fails too where it has to count"
	refusedTags      = "`cloudip_subnet_tags` is absent"
	refusedAddresses = "`servers` fails; `apis.server_addresses: list` works without it"
)

// Unit is what one call of an API is for.
type Unit string

// Units of calls.
const (
	Page   Unit = "page"
	Subnet Unit = "subnet"
	Server Unit = "server"
	Whole  Unit = "" // one call is all
)

// Largest pages that the APIs serve.
const (
	VPCPageMax       = 2000 // silently
	NeutronPageMax   = 2000
	NovaPageMax      = 1000
	BMSPageMax       = 1000
	WorkspacePageMax = 2000
)

// Cost returns how many calls one collection takes, in words. page is the
// configured size of a page.
func (a API) Cost(page int) string {
	switch a.Per {
	case Page:
		return fmt.Sprintf("1 per %d %s", min(page, a.PageMax), a.Items)
	case Whole:
		return "1"
	}
	return "1 per " + string(a.Per)
}

// Action returns the action, or rule, that is named where the call is refused.
func (a API) Action() string {
	if len(a.Actions) == 0 {
		return ""
	}
	return a.Actions[0]
}

// Reads reports whether the resource is one that is only read.
func (r Resource) Reads() bool { return r != Assignment && r != Release && r != Console }
