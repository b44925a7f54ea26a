package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
)

// The private IPs of the VPC API are the IPv4 addresses of ports: the same
// objects, told differently.

func privateIPObject(p *port) (object, bool) {
	for _, f := range p.fixed {
		if f.addr.Is4() && !p.absent {
			status := p.status
			if status != "ACTIVE" {
				status = "DOWN"
			}
			return object{
				{"status", status}, {"id", p.id.String()}, {"subnet_id", p.network.id}, {"tenant_id", projectID(p.project)},
				{"device_owner", p.owner}, {"ip_address", f.addr.String()},
			}, true
		}
	}
	return nil, false
}

func getPrivateIPs(k *call) reply {
	n := k.vpcSubnet(k.vars["id"])
	if n == nil {
		return noSubnet(k.vars["id"])
	}
	var mine []object
	for _, p := range n.ports {
		if o, has := privateIPObject(p); has && p.project == k.who.project {
			mine = append(mine, o)
		}
	}
	return vpcList(k, "privateips", mine, objectID, func(o object) object { return o })
}

func (k *call) privateIP() (*port, object) {
	id, _ := parseUUID(k.vars["id"])
	for _, p := range k.cloud.estate.ports {
		if p.id == id && p.project == k.who.project {
			if o, has := privateIPObject(p); has {
				return p, o
			}
		}
	}
	return nil, nil
}

func noPrivateIP(id string) reply {
	return vpcError(http.StatusNotFound, "VPC.0704", "Query resource by id "+id+" fail.the private ip could not be found.")
}

func getPrivateIP(k *call) reply {
	_, o := k.privateIP()
	if o == nil {
		return noPrivateIP(k.vars["id"])
	}
	return ok(object{{"privateip", o}})
}

func deletePrivateIP(k *call) reply {
	p, o := k.privateIP()
	if o == nil {
		return noPrivateIP(k.vars["id"])
	}
	if p.owner != "" || p.device != "" {
		return vpcError(http.StatusConflict, "VPC.0707", "The private ip "+k.vars["id"]+" is in use and cannot be released.")
	}
	k.cloud.estate.remove(p)
	return reply{status: http.StatusNoContent}
}

type privateIPRequest struct {
	SubnetID  string `json:"subnet_id"`
	IPAddress string `json:"ip_address"`
}

// postPrivateIPs assigns all that is asked for, or nothing.
func postPrivateIPs(k *call) reply {
	var in struct{ PrivateIPs []privateIPRequest }
	if err := json.Unmarshal(k.body, &in); err != nil || len(in.PrivateIPs) == 0 {
		return vpcError(http.StatusBadRequest, "VPC.0702", "The request body is invalid.")
	}
	var made []*port
	list := []object{}
	for _, want := range in.PrivateIPs {
		p, bad := k.assign(want)
		if bad != nil {
			for _, done := range made {
				k.cloud.estate.remove(done)
			}
			return *bad
		}
		made = append(made, p)
		o, _ := privateIPObject(p)
		list = append(list, o)
	}
	return ok(object{{"privateips", list}})
}

func (k *call) assign(want privateIPRequest) (*port, *reply) {
	bad := func(r reply) (*port, *reply) { return nil, &r }
	n := k.vpcSubnet(want.SubnetID)
	if n == nil {
		return bad(noSubnet(want.SubnetID))
	}
	if k.overQuota() {
		inner := `{"NeutronError":{"type":"OverQuota","message":"Quota exceeded for resources: ['port'].","detail":""}}`
		return bad(vpcError(http.StatusConflict, "VPC.0602", inner))
	}
	s := n.v4()
	addr, free := s.free()
	if want.IPAddress != "" {
		var err error
		if addr, err = netip.ParseAddr(want.IPAddress); err != nil {
			return bad(vpcError(http.StatusBadRequest, "VPC.0702", "ip_address "+want.IPAddress+" is invalid."))
		}
		if !s.contains(addr) {
			return bad(vpcError(http.StatusBadRequest, "VPC.0705", fmt.Sprintf("The IP address %s is not in the subnet.", addr)))
		}
		if n.holder(addr) != nil {
			return bad(vpcError(http.StatusInternalServerError, "VPC.0701", fmt.Sprintf("IP address %s is already in use.", addr)))
		}
	} else if !free {
		return bad(vpcError(http.StatusConflict, "VPC.0703", "No more IP addresses available on network "+n.id+"."))
	}
	p := &port{id: k.cloud.estate.uuid("port"), network: n, project: k.who.project, status: "DOWN", fixed: []fixedIP{{s.id, addr}}}
	k.cloud.estate.insert(p)
	return p, nil
}

// overQuota reports whether the project may make no more ports.
func (k *call) overQuota() bool {
	most := k.cloud.opts.PortQuota
	return most > 0 && count(k.cloud.estate.ports, func(p *port) bool { return !p.absent && p.project == k.who.project }) >= most
}

// free is the first address that no port has.
func (s *subnet) free() (netip.Addr, bool) {
	held := map[netip.Addr]bool{}
	for _, p := range s.network.ports {
		for _, f := range p.fixed {
			held[f.addr] = held[f.addr] || !p.absent
		}
	}
	for _, pool := range s.pools {
		for a := pool.from; a.IsValid() && a.Compare(pool.to) <= 0; a = a.Next() {
			if !held[a] && a != s.gateway {
				return a, true
			}
		}
	}
	return netip.Addr{}, false
}
