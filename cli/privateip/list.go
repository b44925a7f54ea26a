package privateip

import (
	"context"
	"fmt"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

// ListColumns are the columns of private IPs, behind the target.
const ListColumns = "address subnet_name subnet_id:wide status holder device_owner:wide private_ip_id"

// List prints the private IPs of a subnet or of all subnets. On
// OpenStack they are the addresses of the Neutron ports.
func List(ctx context.Context, e *command.Env, o Options) error {
	r := &table.Table{Columns: table.Columns("cloud project " + ListColumns)}
	if err := o.Output.Check(r.Columns); err != nil {
		return err
	}
	p, err := e.ChooseProject(ctx, o.Target)
	if err != nil {
		return err
	}
	subnets, err := e.Subnets(ctx, p)
	if err != nil {
		return err
	}
	if o.Subnet != "" {
		if subnets, err = command.FindSubnet(subnets, o.Subnet, p); err != nil {
			return err
		}
	}
	ips, err := privateIPs(ctx, e, p, subnets)
	if err != nil {
		return err
	}
	l := rows.ListingNamed("private-ips")
	r.Add(l.Keys, l.Rows(snapshotOf(p, ips, subnets)))
	if len(o.Sort) == 0 {
		o.Sort = []string{"subnet_name", "subnet_id", "address"}
	}
	return e.Print(r, o.Output)
}

// snapshotOf holds the private IPs alone, so that they have the same rows as in the
// inventory.
func snapshotOf(p command.Project, ips []inventory.PrivateIP, subnets []inventory.Subnet) *inventory.Snapshot {
	list := inventory.NewPrivateIPs(nil)
	for _, ip := range ips {
		list.Append(ip)
	}
	list.Freeze()
	data := inventory.PrivateIPData{IPs: list, Subnets: subnets}
	return &inventory.Snapshot{Cloud: p.Cloud(), Project: p.Label(), Provider: p.Provider(), States: []inventory.State{
		{Collector: data.Collector(), Success: true, Part: &inventory.Part{Data: data}},
	}}
}

func privateIPs(ctx context.Context, e *command.Env, p command.Project, subnets []inventory.Subnet) ([]inventory.PrivateIP, error) {
	var all []inventory.PrivateIP
	seen := make(map[inventory.ID]bool)
	for _, s := range subnets {
		if seen[s.ID] { // the two families of one subnet
			continue
		}
		seen[s.ID] = true
		ips, err := command.Read(e, p.PrivateIPs(ctx, s.ID.String()))
		if err != nil {
			return nil, exit.Advised(fmt.Errorf("list private IPs of subnet %q: %w", s.ID, err))
		}
		all = append(all, ips...)
	}
	return all, nil
}
