package estate

// demoPublic gives the demo public IPs, some of which nothing uses, sub-interfaces of
// container nodes, addresses that no listing shows, and tags.
func (e *State) demoPublic(p *Project) {
	for _, n := range e.Networks {
		switch n.Name {
		case "payments-prod", "databases":
			n.Tags = []Tag{{"team", "payments"}}
		case "management", "legacy-dmz":
			n.Tags = []Tag{{"team", "network"}}
		default:
			n.Tags = []Tag{{"team", "platform"}}
		}
	}
	var targets []*Port
	for _, s := range e.Servers {
		if s.Ports[0].Network.Name == "web-frontend" && len(targets) < 9 {
			targets = append(targets, s.Ports[0])
		}
	}
	if e.opts.Provider == OpenStack {
		ext := e.AddNetwork(p, nil, "ext-net")
		ext.External = true
		e.AddSubnet(ext, "ext-net-v4", "203.0.113.128/26")
		for i := range 12 {
			own := e.AddPort(ext, "network:floatingip", e.ID("floatingip"), "N/A", ext.V4())
			own.Project = nil
			ip := e.addFloatingIP(p, own, nil)
			if i < len(targets) {
				ip.Port, ip.Private, ip.Status = targets[i], targets[i].Fixed[0].Addr, "ACTIVE"
			}
		}
		return
	}
	for _, t := range targets {
		e.addEIP(p, "5_bgp", "ACTIVE", t)
	}
	for range 3 {
		e.addEIP(p, "5_bgp", "DOWN", nil)
	}
	e.Pools = append(e.Pools, &Pool{ID: e.ID("pool"), Name: "5_bgp", Size: 16, Used: 12})
	nodes := e.Named("kubernetes-nodes")
	for i := range 60 {
		e.AddSubInterface(targets[i%len(targets)], nodes, nodes.V4())
	}
	e.Named("management").Hide(4)
}
