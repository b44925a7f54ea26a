package inventory

import (
	"slices"
	"sync"
	"time"

	"cloudip_exporter/provider"
)

// Part is what one collector fetched in one complete collection of one target.
// It never changes.
type Part struct {
	Items   int     // what the listing calls an item
	Missing Missing // items that are not in it because they could not be read
	Data    Data
	// Without has the listings that add to Data and that the cloud refuses or does not
	// have. What they would add is not known.
	Without map[provider.Resource]error
}

// State is the state of one collector of a target.
type State struct {
	Collector   string
	Part        *Part // the last complete answer, nil when there is none young enough
	Success     bool  // the last collection was complete
	Duration    time.Duration
	LastSuccess time.Time // when Part was complete; zero without Part
	Err         error     // why the last collection was not complete

	FailingSince time.Time // when the first of the failures in a row ended; zero while it succeeds
}

// Snapshot is everything known of one target at one moment. It never changes;
// everything shown to anybody is a view of it.
type Snapshot struct {
	Cloud, Project string
	Provider       string  // huaweicloud, otc or openstack
	States         []State // one for each enabled collector, in their fixed order

	countPorts, gather, measure, index sync.Once
	portUsage                          *PortUsage
	gathered                           Known
	areas                              []Area
	pointing                           map[ID][]*PublicIP
}

// State returns the state of a collector, nil when it is not enabled.
func (s *Snapshot) State(collector string) *State {
	for i := range s.States {
		if s.States[i].Collector == collector {
			return &s.States[i]
		}
	}
	return nil
}

// BareMetal is the set of servers that are known to be bare metal.
func (s *Snapshot) BareMetal() map[ID]bool {
	known := make(map[ID]bool)
	for _, server := range Of[ServerData](s) {
		if server.BareMetal {
			known[server.ID] = true
		}
	}
	return known
}

// PortUsage adds up the ports of the collector "ports", joined with the subnets
// that it fetched. It is computed once for the snapshot.
func (s *Snapshot) PortUsage() *PortUsage {
	s.countPorts.Do(func() {
		data, gone := Of[PortData](s), Of[SubnetData](s).Gone
		subnets := data.Subnets
		if len(gone) > 0 {
			subnets = slices.DeleteFunc(slices.Clone(subnets), func(n Subnet) bool { return gone[n.NetworkID] })
		}
		s.portUsage = CountPorts(data.Ports, subnets, s.Provider, s.known())
	})
	return s.portUsage
}

// known is what the snapshot knows of its ports. It is gathered once.
func (s *Snapshot) known() *Known {
	s.gather.Do(func() {
		data := Of[PortData](s)
		s.gathered = Known{s.BareMetal(), nil, data.SubInterfaces}
		if data.Ports != nil {
			s.gathered.Pointed = Of[PublicIPData](s).Ports()
		}
	})
	return &s.gathered
}

// publicIPs are the public IPs, in order of id, by the port at which they point.
// They are gathered once.
func (s *Snapshot) publicIPs() map[ID][]*PublicIP {
	s.index.Do(func() {
		s.pointing = make(map[ID][]*PublicIP)
		ips := Of[PublicIPData](s).IPs
		for i := range ips {
			if id := ips[i].PortID; !id.IsZero() {
				s.pointing[id] = append(s.pointing[id], &ips[i])
			}
		}
	})
	return s.pointing
}
