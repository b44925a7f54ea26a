package simtest

import (
	"net/http"

	"cloudip_exporter/simulator"
)

// All is one cloud of each provider behind one handler.
type All struct {
	*simulator.All
	HuaweiCloud, OTC, OpenStack *Cloud
}

// NewAll makes the three with the same options.
func NewAll(o simulator.Options) *All { return allOf(simulator.NewAll(o)) }

// NewDemo makes three clouds that move.
func NewDemo(o simulator.DemoOptions) *All { return allOf(simulator.NewDemo(o)) }

func allOf(a *simulator.All) *All {
	return &All{All: a, HuaweiCloud: Of(a.HuaweiCloud), OTC: Of(a.OTC), OpenStack: Of(a.OpenStack)}
}

// Clouds are the three, in a fixed order.
func (a *All) Clouds() []*Cloud { return []*Cloud{a.HuaweiCloud, a.OTC, a.OpenStack} }

// ServeHTTP hands the request to the cloud that it is for.
func (a *All) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wanted := a.CloudOf(r)
	for _, c := range a.Clouds() {
		if c.Cloud == wanted {
			c.ServeHTTP(w, r)
			return
		}
	}
	a.All.ServeHTTP(w, r)
}
