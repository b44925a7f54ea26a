package inventory

import (
	"maps"
	"slices"
)

// Known is what other listings say of ports. The zero Known is nothing.
type Known struct {
	BareMetal     map[ID]bool // the known bare-metal servers
	Pointed       map[ID]bool // ports at which public IPs point
	SubInterfaces *SubInterfaces
}

// equal reports whether both say the same of every port.
func (k *Known) equal(other *Known) bool {
	return maps.Equal(k.BareMetal, other.BareMetal) && maps.Equal(k.Pointed, other.Pointed) &&
		slices.EqualFunc(k.SubInterfaces.list(), other.SubInterfaces.list(), func(a, b SubInterface) bool {
			return a.ID == b.ID && a.SubnetID == b.SubnetID && a.DeviceID == b.DeviceID && slices.Equal(a.Addrs, b.Addrs)
		})
}
