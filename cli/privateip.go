package cli

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"cloudip_exporter/inventory"
)

func privateIPColumns() []column {
	return []column{
		{key: "cloud"}, {key: "project"}, {key: "address"}, {key: "subnet_name"}, {key: "subnet_id", wide: true},
		{key: "status"}, {key: "holder"}, {key: "device_owner", wide: true}, {key: "private_ip_id"},
	}
}

// PrivateIPListOptions are for PrivateIPList.
type PrivateIPListOptions struct {
	Target
	Output
	Subnet string // id; "" lists all subnets
}

// PrivateIPList prints the private IPs of a subnet or of all subnets. On
// OpenStack they are the addresses of the Neutron ports.
func (e *Env) PrivateIPList(ctx context.Context, o PrivateIPListOptions) error {
	r := &result{columns: privateIPColumns()}
	if err := o.Output.check(r.columns); err != nil {
		return err
	}
	p, err := e.project(ctx, o.Target)
	if err != nil {
		return err
	}
	subnets, err := e.subnets(ctx, p)
	if err != nil {
		return err
	}
	if o.Subnet != "" {
		if subnets = withID(subnets, o.Subnet); len(subnets) == 0 {
			return noSubnet(o.Subnet, p)
		}
	}
	ips, err := e.privateIPs(ctx, p, subnets)
	if err != nil {
		return err
	}
	r.addPrivateIPs(p.Cloud(), p.Label(), slices.Values(ips), subnets)
	if len(o.Sort) == 0 {
		o.Sort = []string{"subnet_name", "subnet_id", "address"}
	}
	return e.print(r, o.Output)
}

func (r *result) addPrivateIPs(cloud, project string, ips iter.Seq[inventory.PrivateIP], subnets []inventory.Subnet) {
	names := make(map[inventory.ID]string)
	for _, s := range subnets {
		names[s.ID] = s.Name
	}
	for ip := range ips {
		r.rows = append(r.rows, []any{
			cloud, project, ip.Addr.String(), names[ip.SubnetID], ip.SubnetID.String(),
			ip.Status, ip.Holder().String(), ip.Owner, ip.ID.String(),
		})
	}
}

// privateIPs lists what is assigned in the subnets.
func (e *Env) privateIPs(ctx context.Context, p Project, subnets []inventory.Subnet) ([]inventory.PrivateIP, error) {
	var all []inventory.PrivateIP
	seen := make(map[inventory.ID]bool)
	for _, s := range subnets {
		if seen[s.ID] { // the two families of one subnet
			continue
		}
		seen[s.ID] = true
		ips, err := read(e, p.PrivateIPs(ctx, s.ID.String()))
		if err != nil {
			return nil, advised(fmt.Errorf("list private IPs of subnet %q: %w", s.ID, err))
		}
		all = append(all, ips...)
	}
	return all, nil
}

// withID keeps the families of the subnet with this id.
func withID(subnets []inventory.Subnet, id string) []inventory.Subnet {
	var found []inventory.Subnet
	for _, s := range subnets {
		if s.ID.String() == id {
			found = append(found, s)
		}
	}
	return found
}

func noSubnet(id string, p Project) error {
	return exitf(ExitNotFound, "find subnet: %q is no subnet of project %q in cloud %q; see inventory subnets", id, p.Label(), p.Cloud())
}
