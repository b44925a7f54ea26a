package cloudapi

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// Availabilities is how full the cloud says its subnets are.
type Availabilities struct {
	// BySubnet has the cloud's figures by Neutron subnet id. A subnet is absent
	// where the cloud refused to say or left it out.
	BySubnet map[inventory.ID]inventory.Availability
	// Gone has the ids of the networks that were deleted after they were listed.
	Gone inventory.Gone
	// Missing counts the networks of a list whose figures could not be read. Their
	// subnets are absent, too.
	Missing inventory.Missing
}

// Availability asks how full the subnets are. To be refused is no error: the
// figures are absent then. Any other failure is.
func (p *Project) Availability(ctx context.Context, subnets []inventory.Subnet) (Availabilities, error) {
	ask, _, err := choose(p, provider.Availability, availabilityAPIs)
	if err != nil {
		return Availabilities{}, err
	}
	return ask(ctx, p, subnets)
}

var availabilityAPIs = map[string]func(context.Context, *Project, []inventory.Subnet) (Availabilities, error){
	"neutron": availabilityList, "neutron/network": availabilityByNetwork,
}

// availabilityByNetwork is GET /v2.0/network-ip-availabilities/{network_id} for
// each network: Huawei Cloud and OTC have no list.
func availabilityByNetwork(ctx context.Context, p *Project, subnets []inventory.Subnet) (Availabilities, error) {
	all := Availabilities{BySubnet: make(map[inventory.ID]inventory.Availability)}
	networks := make(map[inventory.ID]inventory.ID) // to the id of their IPv4 subnet
	known := make(map[inventory.ID]bool)
	for i := range subnets {
		n := &subnets[i]
		known[n.NeutronID] = true
		if n.Prefix.Addr().Is4() || networks[n.NetworkID].IsZero() {
			networks[n.NetworkID] = n.NeutronID
		}
	}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, p.Config().Limits.Concurrency))
	for network, ipv4 := range networks {
		g.Go(func() error {
			one, err := networkAvailability(ctx, p, network, ipv4)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case isRefused(err):
				return nil
			case apierr.AbsenceOf(err) == apierr.ProvenAbsent:
				all.Gone.Add(network)
				return nil
			case apierr.Is[*apierr.ItemError](err):
				all.Missing.Add(err)
				return nil
			case err != nil:
				return err
			}
			if len(one) == 1 && !known[one[0].NeutronSubnetID] && !ipv4.IsZero() {
				one[0].NeutronSubnetID = ipv4 // by an id not listed: only IPv4 has figures there
			}
			for _, a := range one {
				all.BySubnet[a.NeutronSubnetID] = a
			}
			return nil
		})
	}
	err := g.Wait()
	if err == nil && all.Missing.N > 0 && len(all.BySubnet) == 0 { // then it is no odd network
		err = all.Missing.First
	}
	if err != nil {
		return Availabilities{}, err
	}
	return all, nil
}

// networkAvailability reads the figures of one network. An answer
// without a list of subnets is about the IPv4 one: no other counts.
func networkAvailability(ctx context.Context, p *Project, network, ipv4 inventory.ID) ([]inventory.Availability, error) {
	var figures networkFigures
	o := p.neutron("GET /v2.0/network-ip-availabilities/{id}", network.String())
	o.Operation, o.Kind, o.Key = "get_network_ip_availability", "network availability", "network_ip_availability"
	o.Read = func(s *page.Scanner) { figures = readNetworkFigures(s, nil) }
	err := o.Get(ctx)
	if err != nil || figures.listed {
		return figures.subnets, err
	}
	if figures.total == nil || figures.used == nil {
		return nil, nil
	}
	return []inventory.Availability{{NeutronSubnetID: ipv4, Total: *figures.total, Used: *figures.used}}, nil
}

// availabilityList is GET /v2.0/network-ip-availabilities (Networking API v2.0,
// extension network-ip-availability). Who is no admin gets an empty list.
func availabilityList(ctx context.Context, p *Project, _ []inventory.Subnet) (Availabilities, error) {
	all := Availabilities{BySubnet: make(map[inventory.ID]inventory.Availability)}
	list := listing[inventory.Availability]{
		operation: "list_network_ip_availabilities", kind: "network availability", key: "network_ip_availabilities", item: readAvailability,
	}
	for a, err := range listBy(ctx, p, provider.Availability, listings[inventory.Availability]{"neutron": list}) {
		if isRefused(err) {
			return Availabilities{}, nil
		}
		if errors.Is(err, apierr.ErrAgain) {
			all = Availabilities{BySubnet: make(map[inventory.ID]inventory.Availability)}
			continue
		}
		if apierr.Is[*apierr.ItemError](err) {
			all.Missing.Add(err)
			continue
		}
		if err != nil {
			return Availabilities{}, err
		}
		all.BySubnet[a.NeutronSubnetID] = a
	}
	return all, nil
}

// readAvailability reads one network's figures: one record a subnet. Its own
// totals are no use, as they add IPv4 to IPv6.
func readAvailability(s *page.Scanner, all []inventory.Availability) []inventory.Availability {
	return readNetworkFigures(s, all).subnets
}

// networkFigures is what an answer says of one network.
type networkFigures struct {
	subnets     []inventory.Availability
	listed      bool // there is a list of subnets, if an empty one
	total, used *float64
}

func readNetworkFigures(s *page.Scanner, subnets []inventory.Availability) networkFigures {
	n := networkFigures{subnets: subnets}
	s.Fields(page.Fields{
		{"network_id", func() { s.ItemID() }},
		{"total_ips", func() { n.total = s.Number(0) }},
		{"used_ips", func() { n.used = s.Number(0) }},
		{"subnet_ip_availability", func() {
			n.listed = true
			s.Array(func() {
				if a, ok := readSubnetAvailability(s); ok {
					n.subnets = append(n.subnets, a)
				}
			})
		}},
	})
	return n
}

// readSubnetAvailability reads the figures of one subnet. One with null for a figure
// counts as left out by the cloud.
func readSubnetAvailability(s *page.Scanner) (a inventory.Availability, ok bool) {
	var total, used, poolTotal, poolUsed *float64
	null := false
	figure := func() *float64 {
		null = null || s.Peek() == jsontext.KindNull
		return s.Number(0)
	}
	s.Fields(page.Fields{
		{"subnet_id", func() { a.NeutronSubnetID = s.ID() }},
		{"total_ips", func() { total = figure() }},
		{"used_ips", func() { used = figure() }},
		{"ip_availability_details", func() { // extension network-ip-availability-details
			s.Detail(func() {
				s.Fields(page.Fields{
					{"total_ips_in_allocation_pool", func() { poolTotal = s.Number(0) }},
					{"used_ips_in_allocation_pool", func() { poolUsed = s.Number(0) }},
				})
			})
		}},
	})
	if null {
		return a, false
	}
	if a.NeutronSubnetID.IsZero() || total == nil || used == nil {
		s.Refuse(errors.New("a subnet's figures lack subnet_id, total_ips or used_ips"))
		return a, false
	}
	a.Total, a.Used = *total, *used
	if poolTotal != nil && poolUsed != nil {
		a.Left = new(max(0, *poolTotal-*poolUsed))
	}
	return a, true
}

// isRefused reports whether the cloud keeps the figures to itself: 403, or 404 as
// Neutron hides what one may not see and a gateway what is not published.
func isRefused(err error) bool {
	return apierr.IsStatus(err, http.StatusForbidden, http.StatusNotFound)
}
