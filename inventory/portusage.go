package inventory

// PortUsage is what the ports of a target add up to. Addresses are counted, not
// ports: a dual-stack port has two.
type PortUsage struct {
	Counts  []PortCount
	Subnets []SubnetPortUsage // parallel to the subnets it was counted for
}

// PortCount is a number of ports that have network, status and holder in common.
type PortCount struct {
	NetworkID ID
	Status    string
	Holder    Holder
	Ports     int
}

// SubnetPortUsage counts the addresses of one subnet that were found on ports.
type SubnetPortUsage struct {
	Subnet    *Subnet
	Addresses int
	Idle      int // on ports that nothing uses
	held      [holders]int
}

// Held is the number of addresses held by a class.
func (u *SubnetPortUsage) Held(h Holder) int { return u.held[h] }

// Holders goes over the classes in a fixed order.
func Holders(yield func(Holder) bool) {
	for h := range Holder(holders) {
		if !yield(h) {
			return
		}
	}
}

// CountPorts adds up ports in one pass, and behind them the addresses of the known
// sub-interfaces that no port has. The subnets are those to join with. It is safe for
// concurrent use on frozen ports.
func CountPorts(ports *Ports, subnets []Subnet, provider string, known *Known) *PortUsage {
	usage := &PortUsage{Subnets: make([]SubnetPortUsage, len(subnets))}
	for i := range subnets {
		usage.Subnets[i].Subnet = &subnets[i]
	}
	if ports == nil {
		return usage
	}
	c := newPortCounter(newPortJoins(ports, newJoiner(subnets, provider)), known)
	for from, r := range ports.records() {
		c.count(from, r, usage.Subnets)
	}
	c.sum(usage)
	c.addSubInterfaces(usage.Subnets)
	return usage
}

// addSubInterfaces counts the addresses of sub-interfaces that no port has.
func (c *portCounter) addSubInterfaces(subnets []SubnetPortUsage) {
	for _, i := range c.known.SubInterfaces.All() {
		for _, a := range i.Addrs {
			at, ok := c.joins.network(ID{}, i.SubnetID, familyIndex(a))
			if ok && !c.onPorts[place{i.SubnetID, a}] {
				subnets[at].held[HolderSubInterface]++
			}
		}
	}
}

// portCounter counts the ports of each kind, and joins once a kind what they
// have in common: a port costs one addition.
type portCounter struct {
	portJoins
	known   *Known
	kinds   []kindCounter // by number of the kind
	virtual map[virtualIP]bool
	onPorts map[place]bool // addresses of sub-interfaces that ports have
}

type kindCounter struct {
	owner   Holder // by the owner alone
	noOwner bool
	subs    bool         // there are sub-interfaces in its network
	network int32        // number of its network in pairNetworks, or -1
	ports   [holders]int // by holder
	idle    int
}

func newPortCounter(joins portJoins, known *Known) *portCounter {
	ports := joins.ports
	c := &portCounter{portJoins: joins, known: known, onPorts: make(map[place]bool), kinds: make([]kindCounter, len(ports.kinds.values))}
	virtual := ports.virtualIPs()
	c.virtual = virtual.addrs
	for i := range c.kinds {
		kind := &ports.kinds.values[i]
		c.kinds[i] = kindCounter{owner: HolderOf(kind.owner), noOwner: kind.owner == "", subs: known.SubInterfaces.in(kind.network), network: -1}
		if n, ok := virtual.networks[kind.network]; ok {
			c.kinds[i].network = int32(n)
		}
	}
	return c
}

// count counts one port. Addresses that are not in the record are counted at
// once, the others with their kind.
func (c *portCounter) count(from *portStore, r *portRecord, subnets []SubnetPortUsage) {
	k := &c.kinds[r.kind]
	holder, idle := c.classify(k, from, r)
	k.ports[holder]++
	if idle {
		k.idle++
	}
	kind := &c.ports.kinds.values[r.kind]
	if kind.form != manyAddresses {
		return
	}
	for f := range from.fixedOf(r) {
		if at := c.of(kind, f); at >= 0 {
			subnets[at].add(holder, 1, idle)
		}
	}
}

func (u *SubnetPortUsage) add(h Holder, n int, idle bool) {
	u.Addresses += n
	u.held[h] += n
	if idle {
		u.Idle += n
	}
}

func (c *portCounter) classify(k *kindCounter, from *portStore, r *portRecord) (h Holder, idle bool) {
	h = k.owner
	if k.subs && c.isSubInterface(from, r) {
		return HolderSubInterface, false
	}
	if k.noOwner {
		kind := &c.ports.kinds.values[r.kind]
		noDevice := r.device == [16]byte{} && !kind.deviceIsText
		switch {
		case noDevice && c.isVirtual(k, from, r):
			return HolderVIP, false
		case noDevice:
			return h, !kind.instance && !(len(c.known.Pointed) > 0 && c.known.Pointed[c.ports.id(r)])
		}
		if c.ports.OwnersUnknown {
			return HolderOther, false
		}
	}
	if h == HolderServer && len(c.known.BareMetal) > 0 && c.known.BareMetal[c.ports.device(r)] {
		h = HolderBareMetal
	}
	return h, false
}

// isSubInterface reports whether the port is a sub-interface, and takes note of its
// addresses.
func (c *portCounter) isSubInterface(from *portStore, r *portRecord) bool {
	network := c.ports.kinds.values[r.kind].network
	if !c.known.SubInterfaces.shows(c.ports.id(r), network, c.ports.addresses(from, r)) {
		return false
	}
	for f := range c.ports.addresses(from, r) {
		c.onPorts[place{network, f.Addr}] = true
	}
	return true
}

// isVirtual reports whether a port in use names an address of r.
func (c *portCounter) isVirtual(k *kindCounter, from *portStore, r *portRecord) bool {
	if k.network < 0 {
		return false
	}
	for f := range c.ports.addresses(from, r) {
		if c.virtual[virtualIP{uint32(k.network), f.Addr.As16()}] {
			return true
		}
	}
	return false
}

// sum adds up the kinds.
func (c *portCounter) sum(usage *PortUsage) {
	type group struct {
		network ID
		status  string
		holder  Holder
	}
	groups := make(map[group]int)
	for i := range c.kinds {
		k, kind := &c.kinds[i], &c.ports.kinds.values[i]
		for h, n := range k.ports {
			if n > 0 {
				groups[group{kind.network, kind.status, Holder(h)}] += n
			}
		}
		if kind.form == oneIPv4 {
			c.sumAddresses(k, kind, usage.Subnets)
		}
	}
	usage.Counts = make([]PortCount, 0, len(groups))
	for g, n := range groups {
		usage.Counts = append(usage.Counts, PortCount{NetworkID: g.network, Status: g.status, Holder: g.holder, Ports: n})
	}
}

func (c *portCounter) sumAddresses(k *kindCounter, kind *portKind, subnets []SubnetPortUsage) {
	at := c.ofKind(kind)
	if at < 0 {
		return
	}
	for h, n := range k.ports {
		subnets[at].add(Holder(h), n, false)
	}
	subnets[at].Idle += k.idle
}
