package simtest

import (
	"slices"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/estate"
)

// TruthPublicIP is a public IP; PortID and Private are "" where it has none.
type TruthPublicIP struct {
	ID, Address, Pool, Status string
	Attached                  bool
	PortID, Private           string
}

// TruthPool is a pool of public IPs.
type TruthPool struct {
	Name       string
	Size, Used float64
}

// TruthSubInterface is a supplementary network interface.
type TruthSubInterface struct {
	ID, SubnetID, Device string
	Addresses            []TruthAddress
}

// TruthTag is a tag of a subnet.
type TruthTag struct{ Key, Value string }

func (t *teller) publicIPs() []TruthPublicIP {
	var all []TruthPublicIP
	for _, ip := range t.estate.PublicIPs {
		if !t.sees(ip.Project) {
			continue
		}
		row := TruthPublicIP{ID: ip.ID, Address: ip.Addr.String(), Pool: ip.Pool, Status: ip.Status, Attached: ip.Attached()}
		if t.cloud.Provider() == simulator.OTC { // v1 alone, which tells the type
			row.Pool = ip.Kind()
		}
		if ip.Port != nil {
			row.PortID = ip.Port.ID.String()
		}
		if ip.Private.IsValid() {
			row.Private = ip.Private.String()
		}
		all = append(all, row)
	}
	return all
}

// pools are shown to the region's project of Huawei Cloud.
func (t *teller) pools() []TruthPool {
	var all []TruthPool
	for _, p := range t.estate.Pools {
		if t.cloud.Provider() == simulator.HuaweiCloud && t.project() == t.estate.Projects[0] {
			all = append(all, TruthPool{p.Name, float64(p.Size), float64(p.Used)})
		}
	}
	return all
}

// points reports whether a public IP that the view shows points at a port.
func (t *teller) points(p *estate.Port) bool {
	return slices.ContainsFunc(t.estate.PublicIPs, func(ip *estate.PublicIP) bool { return ip.Port == p && t.sees(ip.Project) })
}

func (t *teller) subInterfaces() []TruthSubInterface {
	var all []TruthSubInterface
	for _, i := range t.estate.SubInterfaces {
		if !t.sees(i.Network.Project) {
			continue
		}
		row := TruthSubInterface{ID: i.ID, SubnetID: i.Network.ID, Device: i.Parent.Device}
		for _, a := range i.Addrs {
			row.Addresses = append(row.Addresses, TruthAddress{SubnetID: i.Network.ID, IPVersion: ipVersion(a), Address: a.String()})
		}
		all = append(all, row)
	}
	return all
}

// isSubInterface reports whether a port has an address of a supplementary network
// interface.
func (t *teller) isSubInterface(p *estate.Port) bool {
	for _, i := range t.estate.SubInterfaces {
		for _, f := range p.Fixed {
			if i.Network == p.Network && slices.Contains(i.Addrs, f.Addr) {
				return true
			}
		}
	}
	return false
}

func tagsOf(n *estate.Network) []TruthTag {
	var all []TruthTag
	for _, tag := range n.Tags {
		all = append(all, TruthTag(tag))
	}
	return all
}
