package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

func sortSubnets(all []*subnet) {
	slices.SortFunc(all, func(a, b *subnet) int { return cmp.Compare(a.id, b.id) })
}

// port finds a port by its id.
func (e *estate) port(id uuid) *port {
	if i, found := slices.BinarySearchFunc(e.ports, id, comparePortID); found && !e.ports[i].absent {
		return e.ports[i]
	}
	return nil
}

// visiblePort is the port that the path names, if the session may see it.
func (k *call) visiblePort() *port {
	id, _ := parseUUID(k.vars["id"])
	if p := k.cloud.estate.port(id); p != nil && visiblePort(k.who, p) {
		return p
	}
	return nil
}

func noPort(id string) reply {
	return neutronError(http.StatusNotFound, "PortNotFound", "Port "+id+" could not be found.")
}

func (k *call) portReply(status int, p *port) reply {
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
	if strings.HasPrefix(p.owner, "network:router") || p.owner == "network:floatingip" {
		return neutronError(http.StatusConflict, "ServicePortInUse", fmt.Sprintf("Port %s cannot be deleted directly via the port API: has device owner %s.", p.id, p.owner))
	}
	k.cloud.estate.remove(p)
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
	nets := k.cloud.estate.networksByID([]string{in.Port.NetworkID})
	if len(nets) == 0 || !k.visibleNetwork(nets[0]) {
		return neutronError(http.StatusNotFound, "NetworkNotFound", "Network "+in.Port.NetworkID+" could not be found.")
	}
	if k.overQuota() {
		return neutronError(http.StatusConflict, "OverQuota", "Quota exceeded for resources: ['port'].")
	}
	p := &port{
		id: k.cloud.estate.uuid("port"), network: nets[0], project: k.who.project, status: "DOWN", name: in.Port.Name,
		description: in.Port.Description, device: in.Port.DeviceID, owner: in.Port.DeviceOwner,
	}
	for _, want := range in.Port.FixedIPs {
		f, bad := nets[0].allocate(want.SubnetID, want.IPAddress)
		if bad != nil {
			return *bad
		}
		p.fixed = append(p.fixed, f)
	}
	if len(in.Port.FixedIPs) == 0 && len(nets[0].subnets) > 0 {
		f, bad := nets[0].allocate("", "")
		if bad != nil {
			return *bad
		}
		p.fixed = append(p.fixed, f)
	}
	k.cloud.estate.insert(p)
	return k.portReply(http.StatusCreated, p)
}

// allocate finds an address in the network: the given one, or a free one.
func (n *network) allocate(subnetID, address string) (fixedIP, *reply) {
	bad := func(status int, kind, message string) (fixedIP, *reply) {
		r := neutronError(status, kind, message)
		return fixedIP{}, &r
	}
	addr, err := netip.ParseAddr(address)
	if address != "" && err != nil {
		return bad(http.StatusBadRequest, "HTTPBadRequest", fmt.Sprintf("Invalid input for fixed_ips. Reason: '%s' is not a valid IP address.", address))
	}
	for _, s := range n.subnets {
		switch {
		case subnetID != "" && s.id != subnetID || address != "" && !s.prefix.Contains(addr):
			continue
		case address != "" && n.holder(addr) != nil:
			return bad(http.StatusConflict, "IpAddressAlreadyAllocated", fmt.Sprintf("IP address %s already allocated in subnet %s", addr, s.id))
		case address != "":
			return fixedIP{s.id, addr}, nil
		}
		if a, ok := s.free(); ok {
			return fixedIP{s.id, a}, nil
		}
	}
	if address != "" {
		return bad(http.StatusBadRequest, "InvalidIpForNetwork", fmt.Sprintf("IP address %s is not a valid IP for any of the subnets on the specified network.", addr))
	}
	return bad(http.StatusConflict, "IpAddressGenerationFailure", "No more IP addresses available on network "+n.id+".")
}
