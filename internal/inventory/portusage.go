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

// CountPorts adds up ports in one pass. The subnets are those to join with;
// bareMetal are the known bare-metal servers, whose ports are theirs whatever
// the owner says of compute. It is safe for concurrent use on sealed ports.
func CountPorts(ports *Ports, subnets []Subnet, provider string, bareMetal map[ID]bool) *PortUsage {
	usage := &PortUsage{Subnets: make([]SubnetPortUsage, len(subnets))}
	for i := range subnets {
		usage.Subnets[i].Subnet = &subnets[i]
	}
	if ports.Len() == 0 {
		return usage
	}
	c := newPortCounter(ports, newJoiner(subnets, provider), bareMetal)
	for i := range uint32(ports.n) {
		c.count(ports.record(ports.at(i)), usage.Subnets)
	}
	usage.Counts = c.counts()
	return usage
}

// portCounter works on the numbers that Ports gave to ids and strings, so that
// a port costs no allocation and no hashing of text.
type portCounter struct {
	ports     *Ports
	holderOf  []Holder // by number of the owner
	noOwner   []bool   // by number of the owner
	bySubnet  []int32  // by number of an id: index of the Neutron subnet with that id, or -1
	joins     *joiner
	bareMetal map[ID]bool
	groups    map[portGroup]int
}

type portGroup struct {
	network, status uint32
	holder          Holder
}

func newPortCounter(ports *Ports, joins *joiner, bareMetal map[ID]bool) *portCounter {
	c := &portCounter{
		ports:     ports,
		holderOf:  make([]Holder, len(ports.strings.values)),
		noOwner:   make([]bool, len(ports.strings.values)),
		bySubnet:  make([]int32, len(ports.ids.values)),
		joins:     joins,
		bareMetal: bareMetal,
		groups:    make(map[portGroup]int),
	}
	for i, owner := range ports.strings.values {
		c.holderOf[i], c.noOwner[i] = HolderOf(owner), owner == ""
	}
	for i, id := range ports.ids.values {
		c.bySubnet[i] = -1
		if at, ok := joins.bySubnet[id]; ok {
			c.bySubnet[i] = int32(at)
		}
	}
	return c
}

func (c *portCounter) count(r *portRecord, subnets []SubnetPortUsage) {
	holder, idle := c.classify(r)
	c.groups[portGroup{r.network, r.status, holder}]++
	for f := r.fixed; f < r.fixed+r.nfixed; f++ {
		fixed := c.ports.fixedAt(f)
		at := c.bySubnet[fixed.subnet]
		if at < 0 {
			at = c.byNetwork(fixed, r)
		}
		if at < 0 {
			continue
		}
		u := &subnets[at]
		u.Addresses++
		u.held[holder]++
		if idle {
			u.Idle++
		}
	}
}

func (c *portCounter) classify(r *portRecord) (h Holder, idle bool) {
	noDevice := r.deviceText == 0 && r.device == [16]byte{}
	h = c.holderOf[r.owner]
	switch {
	case c.noOwner[r.owner] && noDevice:
		return h, true
	case c.noOwner[r.owner] && c.ports.OwnersUntold:
		return HolderOther, false
	}
	if h == HolderServer && len(c.bareMetal) > 0 && c.bareMetal[c.ports.unpack(r.device, r.deviceText)] {
		h = HolderBareMetal
	}
	return h, false
}

func (c *portCounter) byNetwork(fixed *fixedRecord, r *portRecord) int32 {
	if c.joins.byNetwork[0] == nil {
		return -1
	}
	family := 1
	if fixed.is4 {
		family = 0
	}
	ids := c.ports.ids.values
	if at, ok := c.joins.network(ids[fixed.subnet], ids[r.network], family); ok {
		return int32(at)
	}
	return -1
}

func (c *portCounter) counts() []PortCount {
	counts := make([]PortCount, 0, len(c.groups))
	for g, n := range c.groups {
		counts = append(counts, PortCount{
			NetworkID: c.ports.ids.values[g.network],
			Status:    c.ports.strings.values[g.status],
			Holder:    g.holder,
			Ports:     n,
		})
	}
	return counts
}
