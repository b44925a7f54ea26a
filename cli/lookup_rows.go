package cli

import (
	"context"
	"net/netip"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

func lookupColumns() []table.Column {
	return table.Columns(`address ip_version held cloud project subnet_id subnet_name cidr vpc_id vpc_name network_id network_name free
		port_id status device_id device_owner holder server_id server_name kind private_ip_id address_groups last_holder public_ip_id public_address private_address`)
}

// printFound prints what was found: cards for people, rows for scripts. An
// address of which nothing is known has a row of its own; while a target could
// not be asked, whether somebody holds it is not known either.
func printFound(e *command.Env, r *table.Table, wanted []netip.Prefix, found [][]inventory.LookupResult, incomplete bool, o table.Output) error {
	add := r.Adder(rows.AddressKeys())
	storage, _ := openStorage(e, "who held an address last") // without one nobody knows who held an address
	if storage != nil {
		defer storage.Close()
	}
	for i, w := range wanted {
		if len(found[i]) == 0 {
			row := rows.NewAddress(w.Addr())
			row.Address = command.AddressText(w)
			if !incomplete {
				row.Held = new(bool)
			}
			add(row.Values())
		}
		for n := range found[i] {
			for _, row := range rows.Found(&found[i][n]) {
				if !found[i][n].Held() {
					row.Address = command.AddressText(w)
					if storage != nil && w.IsSingleIP() {
						last, _ := storage.LastHoldersOf(context.Background(), w.Addr())
						row.LastHolder = last[[2]string{row.Cloud, row.Project}]
					}
				}
				add(row.Values())
			}
		}
	}
	if o.Format != "table" && o.Format != "" || o.Columns != "" {
		return e.Print(r, o)
	}
	return printCards(e, r, incomplete, o)
}
