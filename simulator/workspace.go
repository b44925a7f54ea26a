package simulator

import "net/http"

// workspaceRoutes are Workspace's, which only Huawei Cloud has.
func workspaceRoutes() []route {
	r := func(pattern, action, empty string, handle func(*call) reply) route {
		return route{method: http.MethodGet, service: "workspace", pattern: pattern, family: famWorkspace, action: action, empty: empty, handle: handle}
	}
	return []route{
		r("/v2/{pid}/ports", "workspace:networks:listPorts", "ports", getWorkspacePorts),
		r("/v2/{pid}/subnets/{id}/available-ip", "workspace:networks:getAvailableIp", "", getAvailableIP),
	}
}

// getWorkspacePorts is GET /v2/{project_id}/ports.
func getWorkspacePorts(k *call) reply {
	return k.cached(func() reply { return k.plainPorts(workspacePortShape, 1) })
}

// workspaceFilters turns Workspace's parameters into the others'. Its
// subnet_id is the network's id; is_used means little and is not looked at.
func (k *call) workspaceFilters() {
	if id := k.query.Get("subnet_id"); id != "" {
		k.query.Set("network_id", id)
	}
	if a := k.query.Get("ip_address"); a != "" {
		k.query.Set("fixed_ips", "ip_address="+a)
	}
}

// getAvailableIP says 0 for an id that it does not know.
func getAvailableIP(k *call) reply {
	left := int64(0)
	if n := k.vpcSubnet(k.vars["id"]); n != nil {
		left = n.Available()
	}
	return ok(object{{"available_ip", left}})
}
