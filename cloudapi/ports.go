package cloudapi

import (
	"context"
	"iter"
	"maps"
	"net/netip"
	"net/url"
	"slices"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/provider"
)

// Ports lists the ports by the API that apis.ports chose.
func (p *Project) Ports(ctx context.Context) iter.Seq2[inventory.Port, error] {
	return p.listPorts(ctx, portQuery{})
}

// PortsByAddress lists the ports that hold an address: one call where the API
// can filter by it, which all do.
func (p *Project) PortsByAddress(ctx context.Context, addr netip.Addr) iter.Seq2[inventory.Port, error] {
	addr = addr.Unmap()
	return only(p.listPorts(ctx, portQuery{holding: addr}), func(port inventory.Port) bool {
		return slices.ContainsFunc(port.Fixed, func(f inventory.FixedIP) bool { return f.Addr == addr })
	})
}

// PortsOfNetwork lists the ports of a network.
func (p *Project) PortsOfNetwork(ctx context.Context, network inventory.ID) iter.Seq2[inventory.Port, error] {
	return only(p.listPorts(ctx, portQuery{network: network.String()}), func(port inventory.Port) bool { return port.NetworkID == network })
}

// only leaves out what a filter of the cloud should have left out: one that the API
// does not know is ignored, not refused.
func only[T any](items iter.Seq2[T, error], wanted func(T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item, err := range items {
			if (err != nil || wanted(item)) && !yield(item, err) {
				return
			}
		}
	}
}

// portQuery is what of the ports is listed; the zero one is all.
type portQuery struct {
	holding netip.Addr   // only ports that have this address
	network string       // only ports of this network
	after   string       // only ports behind this one in the order of the listing
	buffers *portBuffers // nil: its own
}

// portBuffers are what one listing of ports after the other is read with. The
// addresses of ports are good until the next page is read.
type portBuffers struct {
	*page.Buffers[inventory.Port]
	reader portReader
}

func newPortBuffers(pageSize int) *portBuffers {
	b := &portBuffers{page.NewBuffers[inventory.Port](pageSize), portReader{reuse: true}}
	b.reader.fixed = make([]inventory.FixedIP, 0, pageSize+fixedSpare)
	return b
}

// listings are those of ports that the query asks for.
func (q portQuery) listings() listings[inventory.Port] {
	l := listing[inventory.Port]{kind: "port", key: "ports", after: q.after, query: url.Values{}, item: new(portReader).read}
	if q.buffers != nil {
		l.buffers, l.item = q.buffers.Buffers, q.buffers.reader.read
	}
	vpc, neutron, workspace := l, l, l
	if q.holding.IsValid() {
		vpc = vpc.with("fixed_ips", "ip_address="+q.holding.String())
		workspace = workspace.with("ip_address", q.holding.String())
	}
	if q.network != "" {
		vpc = vpc.with("network_id", q.network)
	}
	vpc.granted = true
	// The fields asked for are a quarter of a port; a cloud that sends all is as well.
	neutron.query = maps.Clone(vpc.query)
	neutron.query["fields"] = []string{"id", "network_id", "device_id", "device_owner", "status", "fixed_ips", "project_id", "allowed_address_pairs"}
	return listings[inventory.Port]{
		"vpc/v1":    vpc,       // VPC API v2 of the vendor's SDK
		"neutron":   neutron,   // Networking API v2.0, "List ports"
		"workspace": workspace, // Workspace, "Querying Ports"
	}
}

func (p *Project) listPorts(ctx context.Context, q portQuery) iter.Seq2[inventory.Port, error] {
	return listBy(ctx, p, provider.Ports, q.listings())
}

// portReader reads ports of all three APIs. Any field but the id may be absent.
type portReader struct {
	// fixed is a block that ports share, so that each costs no allocation.
	fixed []inventory.FixedIP
	// reuse it for the next page; else it is never used again, and ports may be kept.
	reuse bool
	// description of the last port that has one; listings of all ports do not ask for it.
	description string
}

// notReadable stands for a device or an owner that cannot be read: a port that has one
// is not idle.
const notReadable = "unreadable"

const (
	fixedBlock = 1024
	fixedSpare = 8 // more than nearly any port has
)

func (r *portReader) read(s *page.Scanner, ports []inventory.Port) []inventory.Port {
	if r.reuse && len(ports) == 0 { // a new page
		r.fixed = r.fixed[:0]
	}
	var p inventory.Port
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			p.ID = s.ItemID()
		case "network_id":
			p.NetworkID = s.SharedID()
		case "device_id":
			p.DeviceID = inventory.ParseIDBytes(s.TextOr(notReadable))
		case "device_owner":
			p.Owner = s.Share(s.TextOr(notReadable))
		case "status":
			p.Status = s.Shared()
		case "project_id", "tenant_id":
			readOwner(s, string(key) == "project_id", &p.ProjectID)
		case "fixed_ips":
			p.Fixed = r.fixedIPs(s)
		case "allowed_address_pairs":
			p.Pairs = pairs(s)
		case "instance_id", "instance_type":
			p.Instance = len(s.TextOr(notReadable)) > 0 || p.Instance
		case "description":
			r.description = s.Str()
		}
	})
	return append(ports, p)
}

// pairs reads the addresses and prefixes of allowed_address_pairs; few ports have
// any. A pair that cannot be read is left out.
func pairs(s *page.Scanner) []netip.Prefix {
	var pairs []netip.Prefix
	s.Detail(func() {
		s.Array(func() {
			s.Object(func(key []byte) {
				if string(key) != "ip_address" {
					return
				}
				if p, err := space.ParsePrefix(string(s.TextOr(""))); err == nil { // a prefix may have host bits
					pairs = append(pairs, p)
				}
			})
		})
	})
	return pairs
}

func (r *portReader) fixedIPs(s *page.Scanner) []inventory.FixedIP {
	if cap(r.fixed)-len(r.fixed) < fixedSpare {
		size := fixedBlock
		if r.reuse {
			size = max(size, 2*cap(r.fixed)) // until a page fits
		}
		r.fixed = make([]inventory.FixedIP, 0, size)
	}
	start := len(r.fixed)
	s.Array(func() {
		var f inventory.FixedIP
		s.Object(func(key []byte) {
			switch string(key) {
			case "subnet_id":
				f.SubnetID = s.SharedID()
			case "ip_address":
				f.Addr = s.Addr()
			}
		})
		if f.Addr.IsValid() { // an entry without address holds none
			r.fixed = append(r.fixed, f)
		}
	})
	return r.fixed[start:len(r.fixed):len(r.fixed)]
}

// SeesForeignPorts reports whether the credential sees ports of a network that
// Ports leaves out, because an admin's listing is narrowed to one project. So
// the caller knows whether a project has no ports or the credential may not see
// them. Where nothing is narrowed it asks nothing.
func (p *Project) SeesForeignPorts(ctx context.Context, network inventory.ID) (bool, error) {
	narrowed, err := p.Narrow(ctx)
	if err != nil || narrowed == "" {
		return false, err
	}
	l, api, err := choose(p, provider.Ports, portQuery{}.listings())
	if err != nil {
		return false, err
	}
	l.query = url.Values{"fields": {"id"}, "network_id": {network.String()}}
	for _, err := range l.listAll(ctx, p, api) {
		return err == nil, err // the first is enough
	}
	return false, nil
}
