package collector

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// privateIPs collects the private IPs of each VPC subnet.
func privateIPs() Collector {
	return Collector{
		Name:  "private_ips",
		Help:  "Private IPs of the VPC API.",
		Needs: []provider.Resource{provider.PrivateIPs, provider.Subnets},
		Fetch: fetchPrivateIPs,
		Metrics: []Metric{{
			Name:   "cloudip_private_ips",
			Help:   "Private IPs of a VPC subnet by status and holder.",
			Labels: []string{"subnet_id", "status", "holder"},
			Sums:   true,
			Each:   eachPrivateIPs,
		}},
	}
}

func eachPrivateIPs(v View, emit Emit) {
	type group struct {
		subnet inventory.ID
		status string
		holder inventory.Holder
	}
	counts := make(map[group]int)
	for p := range inventory.Of[inventory.PrivateIPData](v.Snapshot).IPs.All() {
		counts[group{p.SubnetID, p.Status, p.Holder()}]++
	}
	for g, n := range counts {
		emit(float64(n), g.subnet.String(), g.status, g.holder.String())
	}
}

func fetchPrivateIPs(ctx context.Context, src *Source) (*inventory.Part, error) {
	subnets, err := src.subnets()
	if err != nil {
		return nil, err
	}
	ids := subnetIDs(subnets.items)
	var mu sync.Mutex // guards the next two
	all := inventory.NewPrivateIPs(inventory.Of[inventory.PrivateIPData](src.last).IPs)
	var missing inventory.Missing
	unread, gone, err := src.askEach(ctx, ids, func(ctx context.Context, i int) error {
		own, unread, err := readPrivateIPs(src.api.PrivateIPs(ctx, ids[i].String()))
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for ip := range own.All() {
			all.Append(ip)
		}
		missing.Join(unread)
		return nil
	})
	if err != nil {
		return nil, err
	}
	all.Freeze()
	missing.Join(unread)
	if n := len(gone); n > 0 && (n == len(ids) || tooMany(n, len(ids), toleratedGone)) {
		return nil, fmt.Errorf("list private ips: %d of %d subnets are not found: check that the credential may list private IPs", n, len(ids))
	}
	if err := checkMissing("private ips", all.Len(), missing); err != nil {
		return nil, err
	}
	missing.Join(subnets.missing) // nobody was asked for the private IPs of these
	data := inventory.PrivateIPData{IPs: all, Subnets: subnets.items}
	return &inventory.Part{Items: all.Len(), Missing: missing, Data: data}, nil
}

// readPrivateIPs reads the private IPs of one subnet.
func readPrivateIPs(seq iter.Seq2[inventory.PrivateIP, error]) (*inventory.PrivateIPs, inventory.Missing, error) {
	list := inventory.NewPrivateIPs(nil)
	missing, err := each(seq, func(ip inventory.PrivateIP) { list.Append(ip) }, func() { list = inventory.NewPrivateIPs(nil) })
	if err != nil {
		return nil, inventory.Missing{}, err
	}
	list.Freeze()
	return list, missing, checkMissing("private ips", list.Len(), missing)
}

// subnetIDs returns the ids of the VPC subnets, each once.
func subnetIDs(subnets []inventory.Subnet) []inventory.ID {
	var ids []inventory.ID
	seen := make(map[inventory.ID]bool)
	for i := range subnets {
		if id := subnets[i].ID; !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}
