package simulator

import (
	"fmt"
	"net/netip"
)

// buildOpenStack makes the odd cases of a plain OpenStack.
func (e *estate) buildOpenStack() {
	admin := e.addProject("admin")
	if e.opts.Plain {
		e.quotas[admin.id] = e.openstackQuotas(10)
		return
	}
	alpha, beta := e.addProject("alpha"), e.addProject("beta")
	nets := e.openstackNetworks(admin, alpha, beta)
	e.openstackPorts(nets, alpha)
	e.openstackServers(nets, alpha, beta)
	e.openstackGroups(alpha, beta)
	for i, p := range e.projects {
		e.quotas[p.id] = e.openstackQuotas(10 + i)
	}
}

// osNet makes a network with the given subnets, router and DHCP ports.
func (e *estate) osNet(p *project, name string, cidrs ...string) *network {
	n := e.addNetwork(p, nil, name)
	for i, cidr := range cidrs {
		version := "-v4"
		if netip.MustParsePrefix(cidr).Addr().Is6() {
			version = "-v6"
		}
		if i > 1 {
			version += fmt.Sprint(i)
		}
		e.addSubnet(n, name+version, cidr)
	}
	if len(cidrs) > 0 {
		e.infrastructure(n)
	}
	return n
}

func (e *estate) openstackNetworks(admin, alpha, beta *project) map[string]*network {
	nets := map[string]*network{
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
	nets["two"].shared = true
	e.openstackSpecial(nets, admin, alpha)
	return nets
}

// openstackSpecial makes the networks whose subnets are not the default ones.
func (e *estate) openstackSpecial(nets map[string]*network, admin, alpha *project) {
	at := netip.MustParseAddr
	pool := e.addNetwork(alpha, nil, "net-pool") // a pool of ten in a /24, and used above total
	e.addSubnet(pool, "net-pool-v4", "10.7.0.0/24", addrRange{at("10.7.0.100"), at("10.7.0.104")}, addrRange{at("10.7.0.200"), at("10.7.0.204")})
	e.infrastructure(pool)
	island := e.addNetwork(alpha, nil, "net-no-gateway")
	e.addSubnet(island, "net-no-gateway-v4", "10.7.1.0/29").gateway = netip.Addr{}
	e.infrastructure(island)
	ext := e.addNetwork(admin, nil, "ext")
	ext.external = true
	e.addSubnet(ext, "ext-v4", "10.10.0.0/26").gateway = netip.Addr{}
	hidden := e.addNetwork(admin, nil, "net-of-nobody")
	e.addSubnet(hidden, "net-of-nobody-v4", "10.11.0.0/24")
	hidden.unlisted = true
	nets["pool"], nets["island"], nets["ext"], nets["hidden"] = pool, island, ext, hidden
}

func (e *estate) openstackPorts(nets map[string]*network, alpha *project) {
	fill := func(n *network, owner string) {
		for e.addPort(n, owner, e.id("device"), "ACTIVE", n.v4()).fixed != nil {
		}
		e.ports = e.ports[:len(e.ports)-1]
	}
	fill(nets["full"], "compute:nova")
	fill(nets["pool"], "compute:nova") // the router's port is outside the pool: used exceeds total
	ext := nets["ext"]
	gateway := e.addPort(ext, "network:router_gateway", e.id("router"), "DOWN", ext.v4())
	gateway.project = nil
	for range 4 {
		f := e.addPort(ext, "network:floatingip", e.id("floatingip"), "N/A", ext.v4())
		f.project = nil
	}
	dual, two := nets["dual"], nets["two"]
	e.addPort(dual, "", "", "DOWN", dual.subnets...)
	e.addPort(dual, "", "", "DOWN", dual.v4())
	e.addPort(dual, "Octavia", "lb-"+e.id("device"), "ACTIVE", dual.subnets...)
	e.addPort(dual, "network:router_centralized_snat", e.id("router"), "ACTIVE", dual.v4())
	e.addPort(dual, "network:router_interface_distributed", e.id("router"), "ACTIVE", dual.v6())
	e.addPort(two, "compute:nova", e.id("device"), "BUILD") // empty fixed_ips
	e.addPort(two, "compute:nova", e.id("device"), "DOWN", two.subnets...)
	e.addPort(two, "trunk:subport", e.id("device"), "ERROR", two.subnets[1])
	e.addPort(nets["v6huge"], "compute:nova", e.id("device"), "ACTIVE", nets["v6huge"].v6())
	lost := e.addPort(nets["hidden"], "compute:nova", e.id("device"), "ACTIVE", nets["hidden"].v4())
	lost.project = alpha
}

func (e *estate) openstackServers(nets map[string]*network, alpha, beta *project) {
	e.addServer(alpha, "one-nic", "ACTIVE", "m1.small", nets["two"])
	e.addServer(alpha, "two-nics", "ACTIVE", "m1.small", nets["two"], nets["v6"])
	e.addServer(beta, "dual-stack", "ACTIVE", "m1.small", nets["dual"])
	e.addServer(alpha, "v6-only", "SHUTOFF", "m1.small", nets["v6"])
	e.addServer(alpha, "no-net", "ACTIVE", "m1.small")
	e.addServer(alpha, "broken", "ERROR", "m1.small", nets["island"])
	e.addServer(alpha, "same-label", "ACTIVE", "m1.small", nets["dup1"], nets["dup2"]) // two networks of one name, one label
	e.addServer(alpha, "odd \"name\"\n<script>ü</script>", "SHELVED_OFFLOADED", "m1.small", nets["odd"])
	e.addServer(beta, "floating", "ACTIVE", "m1.small", nets["26"]).floating = []netip.Addr{netip.MustParseAddr("10.10.0.20")}
	for i := range 2 {
		metal := e.addServer(beta, "ironic", "ACTIVE", "bm.large", nets["26"])
		metal.ports[0].owner = []string{"baremetal:none", "baremetal:nova"}[i]
	}
}

func (e *estate) openstackGroups(alpha, beta *project) {
	e.addGroup(alpha, "ag-empty", 0)
	e.addGroup(alpha, "ag-two", 0, "172.20.1.0/24", "172.21.0.0/32")
	e.addGroup(alpha, "mixed", 0, "192.0.2.0/28", "2001:db8::/64", "192.0.2.7/32")
	e.addGroup(beta, "ag-two", 0, "2001:db8:1::1/128")
	many := e.addGroup(beta, "ag-fifty", 0)
	for i := range 50 {
		many.entries = append(many.entries, entry{text: fmt.Sprintf("10.%d.0.0/16", i*2)})
	}
	e.addGroup(beta, "odd \"name\"\n<b>", 0, "0.0.0.0/0", "::/0", "10.0.0.0/8")
}

func (e *estate) openstackQuotas(n int) []quota {
	return []quota{
		{"network", -1, n, false}, {"subnet", 100, n, false}, {"subnetpool", -1, 0, false}, {"port", 500, 40 + n, false},
		{"router", 10, 1, false}, {"floatingip", 50, 4, false}, {"rbac_policy", 10, 2, false}, {"security_group", 10, 10, false}, {"security_group_rule", 0, 0, false},
	}
}
