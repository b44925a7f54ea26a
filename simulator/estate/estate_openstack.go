package estate

import (
	"fmt"
	"net/netip"
)

// buildOpenStack makes the odd cases of a plain OpenStack.
func (e *State) buildOpenStack() {
	admin := e.addProject("admin")
	if e.opts.Plain {
		e.Quotas[admin.ID] = e.openstackQuotas(10)
		return
	}
	alpha, beta := e.addProject("alpha"), e.addProject("beta")
	nets := e.openstackNetworks(admin, alpha, beta)
	e.openstackPorts(nets, alpha)
	e.openstackServers(nets, alpha, beta)
	e.openstackGroups(alpha, beta)
	e.openstackServices(nets)
	e.openstackPublicIPs(nets, alpha, beta)
	e.openstackPools(admin, alpha, beta)
	e.setTags()
	for i, p := range e.Projects {
		e.Quotas[p.ID] = e.openstackQuotas(10 + i)
	}
}

// osNet makes a network with the given subnets, router and DHCP ports.
func (e *State) osNet(p *Project, name string, cidrs ...string) *Network {
	n := e.AddNetwork(p, nil, name)
	for i, cidr := range cidrs {
		version := "-v4"
		if netip.MustParsePrefix(cidr).Addr().Is6() {
			version = "-v6"
		}
		if i > 1 {
			version += fmt.Sprint(i)
		}
		e.AddSubnet(n, name+version, cidr)
	}
	if len(cidrs) > 0 {
		e.infrastructure(n)
	}
	return n
}

func (e *State) openstackNetworks(admin, alpha, beta *Project) map[string]*Network {
	nets := map[string]*Network{
		"full":   e.osNet(alpha, "net-28-full", "10.1.0.0/28"),
		"26":     e.osNet(beta, "net-26", "10.2.0.0/26"),
		"two":    e.osNet(beta, "net-24-two-subnets", "10.3.0.0/26", "10.3.0.64/26"),
		"dual":   e.osNet(beta, "net-23-dual", "10.4.0.0/23", "fd00:4::/64"),
		"v6":     e.osNet(alpha, "net-v6", "fd00:5::/64"),
		"v6huge": e.osNet(alpha, "net-v6-huge", "fd00:6::/48"), // more than 2^64 addresses
		"empty":  e.osNet(alpha, "net-empty"),
		"dup1":   e.osNet(alpha, "dup", "10.9.2.0/29"),
		"dup2":   e.osNet(beta, "dup", "10.9.3.0/29"),
		"noname": e.osNet(alpha, "", "10.9.4.0/29"),
		"odd":    e.osNet(beta, "net \"quoted\" back\\slash\n<b>ü✓</b>", "10.9.1.0/29"),
	}
	nets["two"].Shared = true
	nets["v6"].V6().Slaac = true
	e.openstackSpecial(nets, admin, alpha)
	return nets
}

// openstackSpecial makes the networks whose subnets are not the default ones.
func (e *State) openstackSpecial(nets map[string]*Network, admin, alpha *Project) {
	at := netip.MustParseAddr
	pool := e.AddNetwork(alpha, nil, "net-pool") // a pool of ten in a /24, and used above total
	e.AddSubnet(pool, "net-pool-v4", "10.7.0.0/24", addrRange{at("10.7.0.100"), at("10.7.0.104")}, addrRange{at("10.7.0.200"), at("10.7.0.204")})
	e.infrastructure(pool)
	island := e.AddNetwork(alpha, nil, "net-no-gateway")
	e.AddSubnet(island, "net-no-gateway-v4", "10.7.1.0/29").Gateway = netip.Addr{}
	e.infrastructure(island)
	ext := e.AddNetwork(admin, nil, "ext")
	ext.External = true
	e.AddSubnet(ext, "ext-v4", "10.10.0.0/26").Gateway = netip.Addr{}
	hidden := e.AddNetwork(admin, nil, "net-of-nobody")
	e.AddSubnet(hidden, "net-of-nobody-v4", "10.11.0.0/24")
	hidden.Unlisted = true
	nets["pool"], nets["island"], nets["ext"], nets["hidden"] = pool, island, ext, hidden
}

func (e *State) openstackPorts(nets map[string]*Network, alpha *Project) {
	fill := func(n *Network, owner string) {
		for e.AddPort(n, owner, e.ID("device"), "ACTIVE", n.V4()).Fixed != nil {
		}
		e.Ports = e.Ports[:len(e.Ports)-1]
	}
	fill(nets["full"], "compute:nova")
	fill(nets["pool"], "compute:nova") // the router's port is outside the pool: used exceeds total
	ext := nets["ext"]
	gateway := e.AddPort(ext, "network:router_gateway", e.ID("router"), "DOWN", ext.V4())
	gateway.Project = nil
	for range 4 {
		f := e.AddPort(ext, "network:floatingip", e.ID("floatingip"), "N/A", ext.V4())
		f.Project = nil
	}
	dual, two := nets["dual"], nets["two"]
	e.AddPort(dual, "", "", "DOWN", dual.Subnets...)
	virtual := e.AddPort(dual, "", "", "DOWN", dual.V4())
	e.AddPort(dual, "Octavia", "lb-"+e.ID("device"), "ACTIVE", dual.Subnets...).Pairs = virtual.PairsOf()
	e.AddPort(dual, "network:router_centralized_snat", e.ID("router"), "ACTIVE", dual.V4())
	e.AddPort(dual, "network:router_interface_distributed", e.ID("router"), "ACTIVE", dual.V6())
	e.AddPort(two, "compute:nova", e.ID("device"), "BUILD") // empty fixed_ips
	e.AddPort(two, "compute:nova", e.ID("device"), "DOWN", two.Subnets...)
	e.AddPort(two, "trunk:subport", e.ID("device"), "ERROR", two.Subnets[1])
	e.AddPort(nets["v6huge"], "compute:nova", e.ID("device"), "ACTIVE", nets["v6huge"].V6())
	lost := e.AddPort(nets["hidden"], "compute:nova", e.ID("device"), "ACTIVE", nets["hidden"].V4())
	lost.Project = alpha
}

// openstackServices makes ports of services that are not in every cloud.
func (e *State) openstackServices(nets map[string]*Network) {
	for _, owner := range []string{
		"network:ha_router_replicated_interface", "network:router_ha_interface", "network:distributed", "network:floatingip_agent_gateway",
		"Octavia:health-mgr", "manila:share",
	} {
		e.AddPort(nets["dual"], owner, e.ID("device"), "ACTIVE", nets["dual"].V4())
	}
}

func (e *State) openstackServers(nets map[string]*Network, alpha, beta *Project) {
	e.AddServer(alpha, "one-nic", "ACTIVE", "m1.small", nets["two"])
	e.AddServer(alpha, "two-nics", "ACTIVE", "m1.small", nets["two"], nets["v6"])
	e.AddServer(beta, "dual-stack", "ACTIVE", "m1.small", nets["dual"])
	e.AddServer(alpha, "v6-only", "SHUTOFF", "m1.small", nets["v6"])
	e.AddServer(alpha, "no-net", "ACTIVE", "m1.small")
	e.AddServer(alpha, "broken", "ERROR", "m1.small", nets["island"])
	e.AddServer(alpha, "same-label", "ACTIVE", "m1.small", nets["dup1"], nets["dup2"]) // two networks of one name, one label
	e.AddServer(alpha, "odd \"name\"\n<script>ü</script>", "SHELVED_OFFLOADED", "m1.small", nets["odd"])
	e.AddServer(beta, "floating", "ACTIVE", "m1.small", nets["26"]).Floating = []netip.Addr{netip.MustParseAddr("10.10.0.20")}
	for i := range 2 {
		metal := e.AddServer(beta, "ironic", "ACTIVE", "bm.large", nets["26"])
		metal.Ports[0].Owner = []string{"baremetal:none", "baremetal:nova"}[i]
	}
}

func (e *State) openstackGroups(alpha, beta *Project) {
	e.addGroup(alpha, "ag-empty", 0)
	e.addGroup(alpha, "ag-two", 0, "172.20.1.0/24", "172.21.0.0/32")
	e.addGroup(alpha, "mixed", 0, "192.0.2.0/28", "2001:db8::/64", "192.0.2.7/32")
	e.addGroup(beta, "ag-two", 0, "2001:db8:1::1/128")
	many := e.addGroup(beta, "ag-fifty", 0)
	for i := range 50 {
		many.Entries = append(many.Entries, Entry{Text: fmt.Sprintf("10.%d.0.0/16", i*2)})
	}
	e.addGroup(beta, "odd \"name\"\n<b>", 0, "0.0.0.0/0", "::/0", "10.0.0.0/8")
}

func (e *State) openstackQuotas(n int) []Quota {
	return []Quota{
		{"network", -1, n, false}, {"subnet", 100, n, false}, {"subnetpool", -1, 0, false}, {"port", 500, 40 + n, false},
		{"router", 10, 1, false}, {"floatingip", 50, 4, false}, {"rbac_policy", 10, 2, false}, {"security_group", 10, 10, false}, {"security_group_rule", 0, 0, false},
	}
}
