package collector

import (
	"cmp"
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/internal/inventory"
)

// privateIPs collects the private IPs of each VPC subnet.
func privateIPs() Collector {
	return Collector{
		Name:  "private_ips",
		Help:  "Private IPs of the VPC API, one listing for each VPC subnet.",
		Fetch: fetchPrivateIPs,
		Metrics: []Metric{{
			Name:   "cloudip_private_ips",
			Help:   "Number of private IPs of a VPC subnet by status and class of their device_owner.",
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
	part := v.Part("private_ips")
	for i := range part.PrivateIPs {
		p := &part.PrivateIPs[i]
		counts[group{p.SubnetID, p.Status, p.Holder()}]++
	}
	for g, n := range counts {
		emit(float64(n), g.subnet.String(), g.status, g.holder.String())
	}
}

func fetchPrivateIPs(ctx context.Context, src *Source, out *inventory.Part) error {
	known, err := src.subnetList(ctx)
	if err != nil {
		return err
	}
	ids := subnetIDs(known.items)
	lists := make([]listing[inventory.PrivateIP], len(ids))
	gone := make([]bool, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(src.concurrency())
	for i, id := range ids {
		group.Go(func() error {
			return guard(func() (err error) {
				lists[i], err = read("private ips", src.api.PrivateIPs(ctx, id.String()), privateIPKey)
				if vanished(err) {
					gone[i], err = true, nil
				}
				return err
			})
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return mergePrivateIPs(lists, gone, out)
}

func privateIPKey(p *inventory.PrivateIP) inventory.ID { return p.ID }

// mergePrivateIPs fails when so many subnets vanished between their listing and
// now that a missing right is likelier than a deletion.
func mergePrivateIPs(lists []listing[inventory.PrivateIP], gone []bool, out *inventory.Part) error {
	lost := countTrue(gone)
	if tooMany(lost, len(lists), toleratedVanished) || lost > 0 && lost == len(lists) {
		return fmt.Errorf("list private ips: %d of %d subnets are not found: check that the credential may list private IPs", lost, len(lists))
	}
	var bad error
	all := 0
	for i := range lists {
		all += len(lists[i].items)
	}
	out.PrivateIPs = make([]inventory.PrivateIP, 0, all) // there may be a million
	for i := range lists {
		l := &lists[i]
		bad = cmp.Or(bad, l.bad)
		out.PrivateIPs = append(out.PrivateIPs, l.items...)
		out.Skipped += l.skipped
		l.items = nil
	}
	out.Items = len(out.PrivateIPs)
	return judge("private ips", out.Items, out.Skipped, bad)
}

// subnetIDs are the ids of the VPC subnets, each once.
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
