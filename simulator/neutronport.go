package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"cloudip_exporter/simulator/estate"
)

func sortSubnets(all []*estate.Subnet) {
	slices.SortFunc(all, func(a, b *estate.Subnet) int { return cmp.Compare(a.ID, b.ID) })
}

// visiblePort is the port that the path names, if the session may see it.
func (k *call) visiblePort() *estate.Port {
	id, _ := estate.ParseUUID(k.vars["id"])
	if p := k.cloud.estate.Port(id); p != nil && visiblePort(k.who, p) {
		return p
	}
	return nil
}

func noPort(id string) reply {
	return neutronError(http.StatusNotFound, "PortNotFound", "Port "+id+" could not be found.")
}

func (k *call) portReply(status int, p *estate.Port) reply {
	b := appendPort([]byte(`{"port":`), p, fieldsOf(k.portShape(), k.query["fields"]))
	return reply{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: append(b, '}')}
}

func getPort(k *call) reply {
	p := k.visiblePort()
	if p == nil {
		return noPort(k.vars["id"])
	}
	return k.portReply(http.StatusOK, p)
}

// deletePort refuses what belongs to a router or to DHCP, as Neutron does.
func deletePort(k *call) reply {
	p := k.visiblePort()
	if p == nil {
		return noPort(k.vars["id"])
	}
	if strings.HasPrefix(p.Owner, "network:router") || p.Owner == "network:floatingip" {
		return neutronError(http.StatusConflict, "ServicePortInUse", fmt.Sprintf("Port %s cannot be deleted directly via the port API: has device owner %s.", p.ID, p.Owner))
	}
	k.cloud.estate.Remove(p)
	return reply{status: http.StatusNoContent}
}

// newPort is the body of POST /v2.0/ports.
type newPort struct {
	Port *struct {
		NetworkID   string `json:"network_id"`
		Name        string
		Description string
		DeviceID    string `json:"device_id"`
		DeviceOwner string `json:"device_owner"`
		FixedIPs    []struct {
			SubnetID  string `json:"subnet_id"`
			IPAddress string `json:"ip_address"`
		} `json:"fixed_ips"`
	}
}

func postPort(k *call) reply {
	var in newPort
	if err := json.Unmarshal(k.body, &in); err != nil {
		return neutronError(http.StatusBadRequest, "HTTPBadRequest", "Body contains invalid data")
	}
	if in.Port == nil {
		return neutronError(http.StatusBadRequest, "HTTPBadRequest", "Resource name 'port' not found in body")
	}
	nets := k.cloud.estate.NetworksByID([]string{in.Port.NetworkID})
	if len(nets) == 0 || !k.visibleNetwork(nets[0]) {
		return neutronError(http.StatusNotFound, "NetworkNotFound", "Network "+in.Port.NetworkID+" could not be found.")
	}
	if k.overQuota() {
		return neutronError(http.StatusConflict, "OverQuota", "Quota exceeded for resources: ['port'].")
	}
	p := &estate.Port{
		ID: k.cloud.estate.UUID("port"), Network: nets[0], Project: k.who.project, Status: "DOWN", Name: in.Port.Name,
		Description: in.Port.Description, Device: in.Port.DeviceID, Owner: in.Port.DeviceOwner,
	}
	for _, want := range in.Port.FixedIPs {
		f, bad := allocate(nets[0], want.SubnetID, want.IPAddress)
		if bad != nil {
			return *bad
		}
		p.Fixed = append(p.Fixed, f)
	}
	if len(in.Port.FixedIPs) == 0 && len(nets[0].Subnets) > 0 {
		f, bad := allocate(nets[0], "", "")
		if bad != nil {
			return *bad
		}
		p.Fixed = append(p.Fixed, f)
	}
	k.cloud.estate.Insert(p)
	return k.portReply(http.StatusCreated, p)
}

// allocate finds an address in the network: the given one, or a free one.
func allocate(n *estate.Network, subnetID, address string) (estate.FixedIP, *reply) {
	bad := func(status int, kind, message string) (estate.FixedIP, *reply) {
		r := neutronError(status, kind, message)
		return estate.FixedIP{}, &r
	}
	addr, err := netip.ParseAddr(address)
	if address != "" && err != nil {
		return bad(http.StatusBadRequest, "HTTPBadRequest", fmt.Sprintf("Invalid input for fixed_ips. Reason: '%s' is not a valid IP address.", address))
	}
	for _, s := range n.Subnets {
		switch {
		case subnetID != "" && s.ID != subnetID || address != "" && !s.Prefix.Contains(addr):
			continue
		case address != "" && s.Slaac:
			return bad(http.StatusBadRequest, "AllocationOnAutoAddressSubnet", fmt.Sprintf("IPv6 address %s cannot be directly assigned to a port on subnet %s as the subnet is configured for automatic addresses", addr, s.ID))
		case address != "" && n.Holder(addr) != nil:
			return bad(http.StatusConflict, "IpAddressAlreadyAllocated", fmt.Sprintf("IP address %s already allocated in subnet %s", addr, s.ID))
		case address != "":
			return estate.FixedIP{SubnetID: s.ID, Addr: addr}, nil
		}
		if a, ok := s.Free(); ok {
			return estate.FixedIP{SubnetID: s.ID, Addr: a}, nil
		}
	}
	if address != "" {
		return bad(http.StatusBadRequest, "InvalidIpForNetwork", fmt.Sprintf("IP address %s is not a valid IP for any of the subnets on the specified network.", addr))
	}
	return bad(http.StatusConflict, "IpAddressGenerationFailure", "No more IP addresses available on network "+n.ID+".")
}
