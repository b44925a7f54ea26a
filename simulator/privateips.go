package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"

	"cloudip_exporter/simulator/estate"
)

// The private IPs of the VPC API are the IPv4 addresses of ports: the same
// objects, told differently.

func privateIPObject(p *estate.Port) (object, bool) {
	for _, f := range p.Fixed {
		if f.Addr.Is4() && !p.Absent {
			status := p.Status
			if status != "ACTIVE" {
				status = "DOWN"
			}
			return object{
				{"status", status}, {"id", p.ID.String()}, {"subnet_id", p.Network.ID}, {"tenant_id", estate.ProjectID(p.Project)},
				{"device_owner", p.Owner}, {"ip_address", f.Addr.String()},
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
	for _, p := range n.Ports {
		if o, has := privateIPObject(p); has && p.Project == k.who.project {
			mine = append(mine, o)
		}
	}
	return vpcList(k, "privateips", mine, objectID, func(o object) object { return o })
}

func (k *call) privateIP() (*estate.Port, object) {
	id, _ := estate.ParseUUID(k.vars["id"])
	for _, p := range k.cloud.estate.Ports {
		if p.ID == id && p.Project == k.who.project {
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
	if p.Owner != "" || p.Device != "" {
		return vpcError(http.StatusConflict, "VPC.0707", "The private ip "+k.vars["id"]+" is in use and cannot be released.")
	}
	k.cloud.estate.Remove(p)
	return reply{status: http.StatusNoContent}
}

type privateIPRequest struct {
	SubnetID  string `json:"subnet_id"`
	IPAddress string `json:"ip_address"`
	Owner     string `json:"device_owner"` // neutron:VIP_PORT, or nothing
}

// postPrivateIPs assigns all that is asked for, or nothing.
func postPrivateIPs(k *call) reply {
	var in struct{ PrivateIPs []privateIPRequest }
	if err := json.Unmarshal(k.body, &in); err != nil || len(in.PrivateIPs) == 0 {
		return vpcError(http.StatusBadRequest, "VPC.0702", "The request body is invalid.")
	}
	var made []*estate.Port
	list := []object{}
	for _, want := range in.PrivateIPs {
		p, bad := k.assign(want)
		if bad != nil {
			for _, done := range made {
				k.cloud.estate.Remove(done)
			}
			return *bad
		}
		made = append(made, p)
		o, _ := privateIPObject(p)
		list = append(list, o)
	}
	return ok(object{{"privateips", list}})
}

func (k *call) assign(want privateIPRequest) (*estate.Port, *reply) {
	bad := func(r reply) (*estate.Port, *reply) { return nil, &r }
	n := k.vpcSubnet(want.SubnetID)
	if n == nil {
		return bad(noSubnet(want.SubnetID))
	}
	if k.overQuota() {
		inner := `{"NeutronError":{"type":"OverQuota","message":"Quota exceeded for resources: ['port'].","detail":""}}`
		return bad(vpcError(http.StatusConflict, "VPC.0602", inner))
	}
	s := n.V4()
	addr, free := s.Free()
	if want.IPAddress != "" {
		var err error
		if addr, err = netip.ParseAddr(want.IPAddress); err != nil {
			return bad(vpcError(http.StatusBadRequest, "VPC.0702", "ip_address "+want.IPAddress+" is invalid."))
		}
		if !s.Contains(addr) {
			return bad(vpcError(http.StatusBadRequest, "VPC.0705", fmt.Sprintf("The IP address %s is not in the subnet.", addr)))
		}
		if n.Holder(addr) != nil {
			return bad(vpcError(http.StatusInternalServerError, "VPC.0701", fmt.Sprintf("IP address %s is already in use.", addr)))
		}
	} else if !free {
		return bad(vpcError(http.StatusConflict, "VPC.0703", "No more IP addresses available on network "+n.ID+"."))
	}
	p := &estate.Port{ID: k.cloud.estate.UUID("port"), Network: n, Project: k.who.project, Owner: want.Owner, Status: "DOWN", Fixed: []estate.FixedIP{{SubnetID: s.ID, Addr: addr}}}
	k.cloud.estate.Insert(p)
	return p, nil
}

// overQuota reports whether the project may make no more ports.
func (k *call) overQuota() bool {
	most := k.cloud.opts.PortQuota
	return most > 0 && estate.Count(k.cloud.estate.Ports, func(p *estate.Port) bool { return !p.Absent && p.Project == k.who.project }) >= most
}
