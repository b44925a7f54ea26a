package simtest

import (
	"maps"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cloudip_exporter/simulator/estate"
)

// TruthGroup is an address group.
type TruthGroup struct {
	ID, Name   string
	Versions   []string // of the _info series: "4", "6", both, or "" for an empty group without one
	Entries    int
	Unreadable int // of the entries
	Max        *int
	Redundant  int
	Addresses  map[string]float64 // distinct, by IP version
	Status     string             // "" where the cloud has none
	Updated    float64            // seconds since 1970; 0 where the cloud has none
}

func (t *teller) groups() []TruthGroup {
	var out []TruthGroup
	for _, g := range t.estate.Groups {
		if !t.sees(g.Project) {
			continue
		}
		var entries []string
		for _, e := range g.Entries {
			entries = append(entries, e.Text)
		}
		row := TruthGroup{ID: g.ID, Name: g.Name, Entries: len(entries)}
		row.Addresses, row.Redundant, row.Unreadable = GroupFigures(entries)
		row.Versions = slices.Sorted(maps.Keys(row.Addresses))
		t.huaweiGroup(&row, g)
		if len(row.Versions) == 0 {
			row.Versions = []string{""}
		}
		out = append(out, row)
	}
	return out
}

// GroupFigures is what the entries of an address group amount to: the distinct
// addresses by IP version, and how many entries are redundant or cannot be read.
func GroupFigures(entries []string) (addresses map[string]float64, dropped, unreadable int) {
	var spans []span
	for _, text := range entries {
		if s, good := readSpan(text); good {
			spans = append(spans, s)
		} else {
			unreadable++
		}
	}
	addresses = map[string]float64{}
	for _, version := range []string{"4", "6"} {
		if n := covered(spans, version); n.Sign() > 0 {
			addresses[version] = *toFloat(n)
		}
	}
	return addresses, redundant(spans), unreadable
}

// huaweiGroup adds what only Huawei Cloud's and OTC's groups have.
func (t *teller) huaweiGroup(row *TruthGroup, g *estate.Group) {
	if g.Version == 0 {
		return
	}
	limit := g.Max
	row.Max, row.Status = &limit, g.Status
	text := strings.TrimSuffix(strings.TrimSuffix(g.Updated, "Z"), "+00:00") // all shapes are UTC
	if at, err := time.Parse("2006-01-02T15:04:05", text); err == nil {
		row.Updated = float64(at.UnixMilli()) / 1000
	}
	row.Versions = []string{"4"}
	if g.Version == 6 {
		row.Versions = []string{"6"}
	}
}

// span is an entry as numbers, ends included.
type span struct {
	version  string
	from, to *big.Int
}

func (s span) size() *big.Int {
	n := new(big.Int).Sub(s.to, s.from)
	return n.Add(n, big.NewInt(1))
}

// readSpan reads an address, a CIDR (host bits are masked) or a range.
func readSpan(text string) (span, bool) {
	var from, to netip.Addr
	if a, b, isRange := strings.Cut(text, "-"); isRange {
		x, errX := netip.ParseAddr(a)
		y, errY := netip.ParseAddr(b)
		if errX != nil || errY != nil || x.Is4() != y.Is4() || y.Less(x) {
			return span{}, false
		}
		from, to = x, y
	} else if p, err := netip.ParsePrefix(text); err == nil {
		from, to = p.Masked().Addr(), estate.LastAddr(p)
	} else if a, err := netip.ParseAddr(text); err == nil {
		from, to = a, a
	} else {
		return span{}, false
	}
	return span{ipVersion(from), estate.Number(from), estate.Number(to)}, true
}

// covered counts the distinct addresses of one family.
func covered(spans []span, version string) *big.Int {
	sum := new(big.Int)
	for _, s := range union(spans, version) {
		sum.Add(sum, s.size())
	}
	return sum
}

// union merges what overlaps or touches.
func union(spans []span, version string) []span {
	var of []span
	for _, s := range spans {
		if s.version == version {
			of = append(of, s)
		}
	}
	slices.SortFunc(of, func(a, b span) int { return a.from.Cmp(b.from) })
	var out []span
	for _, s := range of {
		if len(out) > 0 {
			last := &out[len(out)-1]
			if s.from.Cmp(new(big.Int).Add(last.to, big.NewInt(1))) <= 0 {
				if s.to.Cmp(last.to) > 0 {
					last.to = s.to
				}
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// redundant walks the entries from the smallest to the largest, ties as listed,
// and counts those that the union of the ones not dropped covers.
func redundant(spans []span) int {
	order := slices.Clone(spans)
	slices.SortStableFunc(order, func(a, b span) int { return a.size().Cmp(b.size()) })
	dropped := 0
	for i := 0; i < len(order); {
		s := order[i]
		rest := append(slices.Clone(order[:i]), order[i+1:]...)
		inside := slices.ContainsFunc(union(rest, s.version), func(u span) bool { return u.from.Cmp(s.from) <= 0 && s.to.Cmp(u.to) <= 0 })
		if !inside {
			i++
			continue
		}
		order = rest
		dropped++
	}
	return dropped
}
