package web

import (
	"net/netip"
	"net/url"
	"strings"
	"time"

	"go4.org/netipx"

	"cloudip_exporter/internal/inventory"
)

const placesMax = 20

// pageLookup is the answer to one question for an address.
type pageLookup struct {
	Asked  bool
	Text   string // as it was asked
	Error  string
	Addr   string
	Held   bool
	Places []place
	More   int     // places that are not shown
	Doubts []doubt // of an address that nobody holds: where it could not be seen
}

// place is one place of the address with a headline.
type place struct {
	holding
	Headline string
	Special  string // what the subnet itself has the address for
	Age      age
}

// doubt is a listing that would have to show the address.
type doubt struct {
	Cloud, Project, Collector string
	Age                       age
}

func newPageLookup(query url.Values, snaps []*inventory.Snapshot, now time.Time) pageLookup {
	l := pageLookup{Asked: true, Text: strings.TrimSpace(query.Get("ip"))}
	if l.Text == "" {
		l.Error = "give an address to look up, such as 10.20.0.8 or 2001:db8::8"
		return l
	}
	if len(query["ip"]) == 1 {
		query = url.Values{"ip": {l.Text}} // people paste blanks as well
	}
	addr, err := addressParameter(query)
	if err != nil {
		l.Error = err.Error()
		return l
	}
	l.Addr = addr.String()
	l.locate(snaps, addr, now)
	return l
}

func (l *pageLookup) locate(snaps []*inventory.Snapshot, addr netip.Addr, now time.Time) {
	locations := locate(snaps, addr)
	for i := range locations {
		l.Held = l.Held || locations[i].found.Held()
	}
	inSubnet := false
	for i := range locations {
		at := &locations[i]
		inSubnet = inSubnet || len(at.found.Subnets) > 0
		for _, h := range holdings(at.snap, &at.found) {
			l.Places = append(l.Places, place{
				holding: h, Headline: headline(&h, l.Held), Special: special(&at.found, h.SubnetID),
				Age: ageOf(at.snap, now, "subnets", "ports", "servers", "address_groups", "private_ips"),
			})
		}
		if !l.Held && len(at.found.Subnets) > 0 {
			l.Doubts = append(l.Doubts, doubts(at.snap, now)...)
		}
	}
	if !l.Held && !inSubnet {
		for _, snap := range snaps {
			l.Doubts = append(l.Doubts, doubts(snap, now)...)
		}
	}
	l.Doubts = l.Doubts[:min(len(l.Doubts), troublesMax)]
	if l.More = len(l.Places) - placesMax; l.More > 0 {
		l.Places = l.Places[:placesMax]
	}
}

// doubts are the listings of a target that are missing or old: what they would
// show may hold the address.
func doubts(snap *inventory.Snapshot, now time.Time) []doubt {
	var all []doubt
	for _, name := range []string{"ports", "servers", "private_ips"} {
		st := snap.State(name)
		if st == nil && name == "ports" || st != nil && !st.Success {
			all = append(all, doubt{snap.Cloud, snap.Project, name, ageOf(snap, now, name)})
		}
	}
	return all
}

// special tells the addresses that a subnet does not hand out although no port
// has them.
func special(found *inventory.Found, subnetID string) string {
	for _, s := range found.Subnets {
		if s.ID.String() != subnetID {
			continue
		}
		ends := netipx.RangeOfPrefix(s.Prefix)
		switch narrow := s.Prefix.Bits() >= s.Prefix.Addr().BitLen()-1; {
		case s.Gateway == found.Addr:
			return "the gateway of the subnet"
		case found.Addr == ends.From() && !narrow:
			return "the address of the subnet itself"
		case found.Addr == ends.To() && found.Addr.Is4() && !narrow:
			return "the broadcast address of the subnet"
		}
	}
	return ""
}

// headline says in a few words who holds the address in this place. somewhere
// says that somebody does, if only in another target.
func headline(h *holding, somewhere bool) string {
	switch {
	case !h.Held && somewhere:
		return "not held here"
	case !h.Held && h.SubnetID == "":
		return "held by nobody; no known subnet contains it"
	case !h.Held:
		return "free"
	case h.ServerName != "":
		return "held by " + h.Kind + " server " + visible(h.ServerName)
	case h.Holder == "none":
		return "reserved, used by nothing"
	case h.Holder == "other" && h.DeviceOwner != "":
		return "held by " + visible(h.DeviceOwner)
	case h.Holder == "" || h.Holder == "other":
		return "held by something unknown"
	}
	return "held by " + strings.ReplaceAll(h.Holder, "_", " ")
}
