package pages

import (
	"slices"

	"cloudip_exporter/inventory/rows"
)

// kind is how pages draw who holds an address: the colour of its family, by a class
// of the style sheet, and a letter.
type kind struct {
	Name, Class, Letter string
}

// kinds are all kinds of holders, in the order in which they are shown.
func kinds() []kind {
	return []kind{
		{"server", "server", ""},
		{"bare metal", "metal", "b"},
		{"load balancer", "lb", "l"},
		{"VIP", "lb", "v"},
		{"NAT", "net", "n"},
		{"gateway", "net", "g"},
		{"DHCP", "net", "d"},
		{"sub interface", "iface", "i"},
		{"subport", "iface", "t"},
		{"storage", "svc", "s"},
		{"endpoint", "svc", "e"},
		{"floating ip", "svc", "f"},
		{"other", "svc", "o"},
		{"private IP", "svc", "p"},
		idle(),
	}
}

func idle() kind { return kind{"idle", "idle", "•"} }

// unheld are the kinds of addresses that nobody holds.
func unheld() []kind {
	return []kind{{"free", "free", ""}, {"not known", "unacc", ""}, {"reserved", "reserved", ""}, {"outside the pools", "outside", ""}}
}

// kindNamed returns the kind with a name, and other where there is none.
func kindNamed(name string) kind {
	all := kinds()
	at := func(name string) int { return slices.IndexFunc(all, func(k kind) bool { return k.Name == name }) }
	if i := at(name); i >= 0 {
		return all[i]
	}
	return all[at("other")]
}

// kindOf returns the kind of a holder class.
func kindOf(holder string) kind {
	return kindNamed(rows.HolderName(holder))
}
