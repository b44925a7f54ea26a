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
	return table.Columns(`address:card=- ip_version:card=- held:card=- cloud:card=project project:card=project
		subnet_id:card=subnet_id subnet_name:card=subnet cidr:card=subnet vpc_id:card=VPC vpc_name:card=VPC network_id:card=- network_name:card=network
		free:card=free port_id:card=port status:card=status device_id:card=device device_owner:card=device holder:card=-
		server_id:card=server server_name:card=server kind:card=server private_ip_id:card=private_IP address_groups:card=groups
		last_holder:card=held_last_by public_ip_id:card=public_IP public_address:card=public_IP private_address:card=points_at`)
}

// printFound prints what was found: a card for each row for people. An
// address of which nothing is known has a row of its own; while a target could
// not be asked, whether somebody holds it is not known either.
func printFound(e *command.Env, r *table.Table, wanted []netip.Prefix, found [][]inventory.LookupResult, incomplete bool, o table.Output) error {
	places, somewhere := make(map[*any]rows.Address), make(map[string]bool) // by the first cell of a row, by address
	addValues := r.Adder(rows.AddressKeys())
	add := func(at rows.Address) {
		addValues(at.Values())
		places[&r.Rows[len(r.Rows)-1][0]] = at
		somewhere[at.Address] = somewhere[at.Address] || at.IsHeld()
	}
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
			add(row)
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
				add(row)
			}
		}
	}
	r.Title = func(row []any) string {
		at := places[&row[0]]
		said := at.Headline()
		if at.Held != nil && !*at.Held && (incomplete || somewhere[at.Address]) {
			said = "not held here"
		}
		return at.Address + "  " + said
	}
	return e.Print(r, o)
}
