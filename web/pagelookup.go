package web

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"go4.org/netipx"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/web/query"
)

const placesMax = 20

// pageLookup is the answer to one question for an address.
type pageLookup struct {
	Asked      bool
	Text       string // as it was asked
	Error      string
	Addr       string
	Held       bool
	Places     []place
	More       int         // places that are not shown
	BlindSpots []blindSpot // for an address that nobody is known to hold
}

// place is one place of the address with a headline.
type place struct {
	rows.Address
	Headline    string
	ReservedFor string // what the subnet itself has the address for
	Age         age
}

// weight orders places: those that hold the address first, then those with a
// subnet around it.
func (p *place) weight() int {
	switch {
	case p.IsHeld():
		return 2
	case p.SubnetID != "":
		return 1
	}
	return 0
}

// blindSpot is a listing that would have to show the address.
type blindSpot struct {
	Cloud, Project, Collector string
	Age                       age
}

func newPageLookup(asked query.Values, snaps []*inventory.Snapshot, now time.Time) pageLookup {
	l := pageLookup{Asked: true, Text: strings.TrimSpace(asked.Get("ip"))} // people paste blanks as well
	if l.Text == "" {
		l.Error = "give an address to look up, such as 10.20.0.8 or 2001:db8::8"
		return l
	}
	_, err := asked.One("ip")
	var addr netip.Addr
	if err == nil {
		addr, err = query.ParseAddress(l.Text)
	}
	if err != nil {
		l.Error = err.Error()
		return l
	}
	l.Addr = addr.String()
	l.locate(snaps, addr, now)
	return l
}

func (l *pageLookup) locate(snaps []*inventory.Snapshot, addr netip.Addr, now time.Time) {
	var results []inventory.LookupResult
	for _, snap := range snaps {
		if result := snap.Lookup(addr); result.Known() {
			results = append(results, result)
		}
	}
	for i := range results {
		l.Held = l.Held || results[i].Held()
	}
	var around []*inventory.Snapshot // whose subnets contain it
	for i := range results {
		result := &results[i]
		if len(result.Subnets) > 0 {
			around = append(around, result.Snapshot)
		}
		for _, row := range rows.Found(result) {
			l.Places = append(l.Places, newPlace(result, row, l.Held, now))
		}
	}
	slices.SortStableFunc(l.Places, func(a, b place) int { return b.weight() - a.weight() })
	if l.More = len(l.Places) - placesMax; l.More > 0 {
		l.Places = l.Places[:placesMax]
	}
	if len(around) == 0 {
		around = snaps
	}
	if !l.Held {
		l.addBlindSpots(around, now)
	}
}

func newPlace(result *inventory.LookupResult, row rows.Address, somewhere bool, now time.Time) place {
	p := place{
		Address: row, Headline: headline(&row, somewhere), ReservedFor: reservedFor(result, row.SubnetID),
		Age: ageOf(result.Snapshot, now, "subnets", "ports", "servers", "address_groups", "private_ips"),
	}
	if !somewhere && p.ReservedFor != "" {
		p.Headline = "not to be handed out: " + p.ReservedFor
	}
	return p
}

// addBlindSpots names the listings that are missing or old: something that only
// they would show may hold the address.
func (l *pageLookup) addBlindSpots(snaps []*inventory.Snapshot, now time.Time) {
	for _, snap := range snaps {
		for _, name := range []string{"ports", "servers", "private_ips"} {
			st := snap.State(name)
			if st == nil && name == "ports" || st != nil && !st.Success {
				l.BlindSpots = append(l.BlindSpots, blindSpot{snap.Cloud, snap.Project, name, ageOf(snap, now, name)})
			}
		}
	}
	l.BlindSpots = l.BlindSpots[:min(len(l.BlindSpots), problemsMax)]
}

// reservedFor says what a subnet needs the address for, where it never hands it
// out; else it returns "".
func reservedFor(result *inventory.LookupResult, subnetID string) string {
	for _, s := range result.Subnets {
		if s.ID.String() != subnetID {
			continue
		}
		ends := netipx.RangeOfPrefix(s.Prefix)
		switch narrow := s.Prefix.Bits() >= s.Prefix.Addr().BitLen()-1; {
		case s.Gateway == result.Addr:
			return "the gateway of the subnet"
		case result.Addr == ends.From() && !narrow:
			return "the address of the subnet itself"
		case result.Addr == ends.To() && result.Addr.Is4() && !narrow:
			return "the broadcast address of the subnet"
		}
	}
	return ""
}

// headline says in a few words who holds the address in this place. somewhere is
// true when somebody holds it in this place or in another one.
func headline(r *rows.Address, somewhere bool) string {
	held := r.IsHeld()
	switch {
	case !held && somewhere:
		return "not held here"
	case r.Held == nil:
		return "not known: not everything in this subnet can be seen"
	case !held && r.SubnetID == "":
		return "in address groups only"
	case !held && r.Free != nil && *r.Free == 0:
		return "on no port, but the subnet has no address left"
	case !held:
		return "free, as far as is known"
	case r.ServerName != "":
		return "held by " + r.Kind + " server " + visible(r.ServerName)
	case r.Holder == "none":
		return "reserved, used by nothing"
	case r.Holder == "other" && r.DeviceOwner != "":
		return "held by " + visible(r.DeviceOwner)
	case r.Holder == "" || r.Holder == "other":
		return "held by something unknown"
	}
	return "held by " + strings.ReplaceAll(r.Holder, "_", " ")
}
