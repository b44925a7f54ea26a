package collector

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// droppedMetric describes what series.limit left out. It has no Each.
func droppedMetric() Metric {
	return Metric{
		Name:   "cloudip_series_dropped",
		Help:   "Series of a family that series.limit left out of this response.",
		Labels: []string{"family"},
	}
}

// limiter gives up series until no more than limit are left, or nothing more
// may be given up.
type limiter struct {
	perItem   []*family // that are given up as a whole, in this order
	perSubnet []*family // of which whole subnets are given up then
	targets   []target
	total     int
	limit     int
	dropped   map[string]int
}

// applyLimit drops series from all, in the order of the contract, and appends
// the family that counts what was dropped. others is the number of cloudip_
// series that the response has from elsewhere. A limit of 0 or less is none.
func applyLimit(all []family, targets []target, limit, others int) []family {
	l := &limiter{targets: targets, limit: limit, dropped: make(map[string]int)}
	for i := range all {
		f := &all[i]
		switch {
		case f.metric.PerItem > 0:
			l.perItem = append(l.perItem, f)
		case f.metric.PerSubnet:
			l.perSubnet = append(l.perSubnet, f)
		}
		l.total += len(f.samples) + f.lost
	}
	slices.SortFunc(l.perItem, func(a, b *family) int { return cmp.Compare(a.metric.PerItem, b.metric.PerItem) })
	l.total += others + len(l.perItem) + len(l.perSubnet) // the dropped family itself
	if limit > 0 {
		for _, f := range l.perItem {
			if l.total > l.limit {
				l.count(f, len(f.samples)+f.lost)
				f.samples = nil
			}
		}
		l.dropSubnets()
	}
	return append(all, l.family())
}

func (l *limiter) count(f *family, n int) {
	l.dropped[f.metric.Name] += n
	l.total -= n
}

// subnetKey is what all families of one subnet and address family share.
type subnetKey struct {
	target          target
	subnet, version string
}

// subnetSeries is how many series a subnet has, and how used it is.
type subnetSeries struct {
	key            subnetKey
	series         int
	used, capacity float64 // NaN when not published
}

func (l *limiter) dropSubnets() {
	if l.total <= l.limit {
		return
	}
	known := l.subnets()
	slices.SortFunc(known, func(a, b *subnetSeries) int {
		return cmp.Or(cmp.Compare(a.usedShare(), b.usedShare()), a.key.compare(b.key))
	})
	drop := make(map[subnetKey]bool)
	for excess := l.total - l.limit; excess > 0 && len(known) > 0; known = known[1:] {
		drop[known[0].key] = true
		excess -= known[0].series
	}
	for _, f := range l.perSubnet {
		before := len(f.samples)
		f.samples = slices.DeleteFunc(f.samples, func(s sample) bool { return drop[l.key(&s)] })
		l.count(f, before-len(f.samples))
	}
}

func (l *limiter) subnets() []*subnetSeries {
	byKey := make(map[subnetKey]*subnetSeries)
	var known []*subnetSeries
	for _, f := range l.perSubnet {
		for i := range f.samples {
			s := &f.samples[i]
			k := l.key(s)
			u := byKey[k]
			if u == nil {
				u = &subnetSeries{key: k, used: math.NaN(), capacity: math.NaN()}
				byKey[k] = u
				known = append(known, u)
			}
			u.series++
			switch f.metric.Name {
			case "cloudip_subnet_addresses_capacity":
				u.capacity = s.value
			case "cloudip_subnet_addresses_used":
				u.used = s.value
			}
		}
	}
	return known
}

func (l *limiter) key(s *sample) subnetKey {
	return subnetKey{l.targets[s.target], s.labels[0], s.labels[1]}
}

// usedShare orders subnets from the least to the most worth keeping: those
// without capacity below all others.
func (u *subnetSeries) usedShare() float64 {
	switch {
	case math.IsNaN(u.capacity) || math.IsNaN(u.used):
		return -1
	case u.used == 0:
		return 0
	}
	return u.used / u.capacity // +Inf for a capacity of 0
}

func (k subnetKey) compare(other subnetKey) int {
	return cmp.Or(
		strings.Compare(k.target.cloud, other.target.cloud),
		strings.Compare(k.target.project, other.target.project),
		strings.Compare(k.subnet, other.subnet),
		strings.Compare(k.version, other.version),
	)
}

// family counts the series left out of each family that can be limited.
func (l *limiter) family() family {
	m := droppedMetric()
	var f family
	f.describe(&m)
	for _, limited := range slices.Concat(l.perItem, l.perSubnet) {
		name := limited.metric.Name
		f.samples = append(f.samples, sample{float64(l.dropped[name]), noTarget, []string{name}})
	}
	f.sort(nil)
	return f
}
