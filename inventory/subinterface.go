package inventory

import (
	"encoding/json"
	"iter"
	"net/netip"
	"slices"
)

// SubInterface is a supplementary network interface (sub-ENI) of VPC v3: containers
// have them on a port of their host. The listing of ports may show it too, under its
// own id or another one.
type SubInterface struct {
	ID       ID
	SubnetID ID // VPC subnet id, which is Neutron's network id
	DeviceID ID // of its host
	Addrs    []netip.Addr
}

// SubInterfaces is a list of sub-interfaces. A nil list has none. It does not change
// and is safe for concurrent use.
type SubInterfaces struct {
	all     []SubInterface // in order of id
	ids     map[ID]bool
	places  map[place]bool // index of the one that has the address
	subnets map[ID]bool
}

// place is an address in a VPC subnet.
type place struct {
	subnet ID
	addr   netip.Addr
}

// NewSubInterfaces returns the list of these, which it sorts.
func NewSubInterfaces(all []SubInterface) *SubInterfaces {
	slices.SortFunc(all, func(a, b SubInterface) int { return a.ID.Compare(b.ID) })
	l := &SubInterfaces{all: all, ids: make(map[ID]bool), places: make(map[place]bool), subnets: make(map[ID]bool)}
	for i := range all {
		l.ids[all[i].ID], l.subnets[all[i].SubnetID] = true, true
		for _, a := range all[i].Addrs {
			l.places[place{all[i].SubnetID, a.Unmap()}] = true
		}
	}
	return l
}

// MarshalJSON writes the sub-interfaces.
func (l *SubInterfaces) MarshalJSON() ([]byte, error) { return json.Marshal(l.list()) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (l *SubInterfaces) UnmarshalJSON(data []byte) error {
	var all []SubInterface
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	*l = *NewSubInterfaces(all)
	return nil
}

func (l *SubInterfaces) list() []SubInterface {
	if l == nil {
		return nil
	}
	return l.all
}

// Ports goes over the addresses of the sub-interfaces, in order of id, as ports with one
// address each. Port.Fixed is valid only until the next step.
func (l *SubInterfaces) Ports() iter.Seq[Port] {
	return func(yield func(Port) bool) {
		var fixed [1]FixedIP
		for _, i := range l.list() {
			for _, a := range i.Addrs {
				fixed[0].Addr = a.Unmap()
				if !yield(Port{ID: i.ID, NetworkID: i.SubnetID, DeviceID: i.DeviceID, Fixed: fixed[:]}) {
					return
				}
			}
		}
	}
}

func (l *SubInterfaces) in(subnet ID) bool { return l != nil && l.subnets[subnet] }

// shows reports whether a port is one of them: by its id, or by one of its addresses.
func (l *SubInterfaces) shows(p *Port) bool {
	return l.in(p.NetworkID) && (l.ids[p.ID] ||
		slices.ContainsFunc(p.Fixed, func(f FixedIP) bool { return l.places[place{p.NetworkID, f.Addr}] }))
}
