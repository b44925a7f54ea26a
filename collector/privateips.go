package collector

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"sync"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/inventory"
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
	for p := range v.Part("private_ips").PrivateIPs.All() {
		counts[group{p.SubnetID, p.Status, p.Holder()}]++
	}
	for g, n := range counts {
		emit(float64(n), g.subnet.String(), g.status, g.holder.String())
	}
}

func fetchPrivateIPs(ctx context.Context, src *Source, out *inventory.Part) error {
	known, err := src.subnets()
	if err != nil {
		return err
	}
	ids := subnetIDs(known.items)
	found := foundIPs{list: inventory.NewPrivateIPs(src.last.Part("private_ips").PrivateIPs)}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(src.concurrency())
	for _, id := range ids {
		group.Go(func() error {
			return guard(func() error { return found.read(src.api.PrivateIPs(ctx, id.String())) })
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	found.list.Seal()
	out.PrivateIPs, out.Items = found.list, found.list.Len()
	out.Skip(found.skipped, found.why)
	out.Skip(known.skipped, known.why) // nobody was asked for the private IPs of these subnets
	return found.judge(len(ids))
}

// foundIPs are the private IPs of all subnets.
type foundIPs struct {
	mu   sync.Mutex
	list *inventory.PrivateIPs
	gone int // subnets
	unread
}

// read adds the private IPs of one subnet, none where it vanished meanwhile.
func (f *foundIPs) read(seq iter.Seq2[inventory.PrivateIP, error]) error {
	own := inventory.NewPrivateIPs(nil)
	bad, err := each(seq, func(ip inventory.PrivateIP) { own.Append(ip) }, func() { own = inventory.NewPrivateIPs(nil) })
	own.Seal()
	if err == nil {
		err = judge("private ips", own.Len(), bad)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if cloudapi.IsVanished(err) {
		f.gone++
		return nil
	}
	if err != nil {
		return err
	}
	for ip := range own.All() {
		f.list.Append(ip)
	}
	f.skipped += bad.skipped
	f.why = cmp.Or(f.why, bad.why)
	return nil
}

// judge fails when so many subnets vanished between their listing and now that
// a missing right is likelier than a deletion.
func (f *foundIPs) judge(subnets int) error {
	if tooMany(f.gone, subnets, toleratedVanished) || f.gone > 0 && f.gone == subnets {
		return fmt.Errorf("list private ips: %d of %d subnets are not found: check that the credential may list private IPs", f.gone, subnets)
	}
	return judge("private ips", f.list.Len(), f.unread)
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
