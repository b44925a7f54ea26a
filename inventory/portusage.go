package inventory

// PortUsage is what the ports of a target add up to. Addresses are counted, not
// ports: a dual-stack port has two.
type PortUsage struct {
	Counts  []PortCount
	Subnets []SubnetPortUsage // parallel to the subnets it was counted for

	joins portJoins // with Subnets
	idle  bitset    // which ports nothing uses, in order of id
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
	held      [Holders]int
}

// Held is the number of addresses held by a class.
func (u *SubnetPortUsage) Held(h Holder) int { return u.held[h] }

// CountPorts adds up ports in one pass, and behind them the addresses of the known
// sub-interfaces that no port has. The subnets are those to join with. It is safe for
// concurrent use on frozen ports.
func CountPorts(ports *Ports, subnets []Subnet, provider string, known *Known) *PortUsage {
	usage := &PortUsage{Subnets: make([]SubnetPortUsage, len(subnets))}
	for i := range subnets {
		usage.Subnets[i].Subnet = &subnets[i]
	}
	if ports == nil {
		ports = &Ports{}
	}
	c := newPortCounter(newPortJoins(ports, newJoiner(subnets, provider)), known)
	usage.joins, usage.idle = c.portJoins, newBitset(ports.Len())
	at := 0
	for from, r := range ports.records() {
		if c.count(from, r, usage.Subnets) {
			usage.idle.set(at)
		}
		at++
	}
	c.sum(usage)
	c.addSubInterfaces(usage.Subnets)
	return usage
}

// addSubInterfaces counts the addresses of sub-interfaces that no port has.
func (c *portCounter) addSubInterfaces(subnets []SubnetPortUsage) {
	for p := range c.known.SubInterfaces.Ports() {
		a := p.Fixed[0].Addr
		if at, ok := c.joins.network(ID{}, p.NetworkID, familyIndex(a)); ok && !c.onPorts[place{p.NetworkID, a}] {
			subnets[at].held[HolderSubInterface]++
		}
	}
}

// portCounter counts the ports of each kind, and joins once a kind what they
// have in common: most ports cost one addition.
type portCounter struct {
	portJoins
	known   *Known
	holder  func(*Port) Holder
	kinds   []kindCounter  // by number of the kind
	onPorts map[place]bool // addresses of sub-interfaces that ports have
	port    Port           // that is looked at
}

type kindCounter struct {
	owner Holder       // by the owner alone
	alone bool         // the owner alone decides
	ports [Holders]int // by holder
	idle  int
}

func newPortCounter(joins portJoins, known *Known) *portCounter {
	c := &portCounter{portJoins: joins, known: known, holder: known.holders(joins.ports), onPorts: make(map[place]bool)}
	for _, kind := range joins.ports.kinds.values {
		h := HolderOf(kind.Owner)
		open := h == HolderNone || h == HolderServer && len(known.BareMetal) > 0 || known.SubInterfaces.in(kind.Network)
		c.kinds = append(c.kinds, kindCounter{owner: h, alone: !open})
	}
	return c
}

// count counts one port and reports whether it is idle. Addresses that are not in the
// record are counted at once, the others with their kind.
func (c *portCounter) count(from addressSource, r *portRecord, subnets []SubnetPortUsage) (idle bool) {
	k := &c.kinds[r.kind]
	holder := k.owner
	if !k.alone {
		c.port = c.ports.unpack(from, r, c.port.Fixed[:0])
		holder, idle = c.look(&c.port)
	}
	k.ports[holder]++
	if idle {
		k.idle++
	}
	kind := &c.ports.kinds.values[r.kind]
	if kind.Form != manyAddresses {
		return idle
	}
	for f := range fixedOf(from, r) {
		if at := c.of(kind, f); at >= 0 {
			subnets[at].add(holder, 1, idle)
		}
	}
	return idle
}

// look looks at the port itself. It takes note of the addresses of sub-interfaces.
func (c *portCounter) look(p *Port) (h Holder, idle bool) {
	h = c.holder(p)
	if h == HolderSubInterface {
		for _, f := range p.Fixed {
			c.onPorts[place{p.NetworkID, f.Addr}] = true
		}
	}
	return h, h == HolderNone && p.unused() && !c.known.Pointed[p.ID]
}

func (u *SubnetPortUsage) add(h Holder, n int, idle bool) {
	u.Addresses += n
	u.held[h] += n
	if idle {
		u.Idle += n
	}
}

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
				groups[group{kind.Network, kind.Status, Holder(h)}] += n
			}
		}
		if kind.Form == oneIPv4 {
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
