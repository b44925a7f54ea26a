// Package collector has the collectors. A collector is a value in the list that
// All returns; a file of its own says what it needs of a provider, what it fetches
// and which metrics it publishes. Fetch makes a Part of a snapshot; the rows of
// metrics are pure functions of a View of a snapshot.
package collector

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// Collector is one thing that can be switched on: what it needs, what it fetches
// and the metrics that it publishes.
type Collector struct {
	Name string // flag --collector.<Name>, label value, docs
	Help string // one sentence: what it fetches
	// Needs is what it cannot do without: a provider that lacks any of it does not
	// have the collector. A resource belongs to the first collector that needs it;
	// the others borrow it.
	Needs []provider.Resource
	// Uses is what else it fetches where the provider has it.
	Uses []provider.Resource
	// Joins is what else it borrows in a configuration; nil for nothing.
	Joins func(config.Cloud) []Join
	// Fetch collects one complete answer, or fails. It may run at the same time
	// as the others' on the same Source.
	Fetch   func(ctx context.Context, src *Source) (*inventory.Part, error)
	Metrics []Metric
}

// For reports whether a provider has what the collector needs.
func (c *Collector) For(name string) bool { return provider.Named(name).Has(c.Needs...) }

// Join is a listing that a collector borrows from another in some configurations.
type Join struct {
	Resource    provider.Resource
	Sometimes   bool // it is fetched only where the cloud does not report what is used
	Dispensable bool // the collector works without it, less exactly
}

// View is what rows read: a snapshot, the choice of series, and what is recorded.
type View struct {
	*inventory.Snapshot
	Series    config.Series
	IdleSince inventory.IdleSince // nil: nothing is recorded
	Now       time.Time
}

// Emit takes one series: its value, and the values of the labels behind cloud
// and project, in the order of Metric.Labels. It keeps the labels.
type Emit func(value float64, labels ...string)

// Metric is one row: everything about one metric. All are gauges.
type Metric struct {
	Name   string   // whole name
	Help   string   // one sentence that names the API's object
	Labels []string // after cloud and project
	// Tags says that a label tag_NAME follows for each tag of series.tags.
	Tags bool
	// Each emits the series of one target. It does no I/O and depends on the
	// view alone. Series may come in any order.
	Each func(v View, emit Emit)
	// Sums says that series with equal labels are added up. They come about when
	// hostile label values are cut. Of other metrics the first series stays.
	Sums bool
	// PerItem is the place among the families that series.limit gives up as a
	// whole, from 1 on; 0 for a family that stays.
	PerItem int
	// PerSubnet says that series.limit may give up the series of whole subnets.
	// The first two labels are subnet_id and ip_version.
	PerSubnet bool
}

// PanicError is a panic while collecting. It is a bug of this program, but it
// costs no more than that collector's answer.
type PanicError struct {
	Value any
	Stack []byte // for logs only
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("collecting panicked, please report it: %v", e.Value)
}

// Run fetches one complete answer of a collector. A panic becomes a *PanicError.
func Run(ctx context.Context, c Collector, src *Source) (part *inventory.Part, err error) {
	defer catch(&err)
	return c.Fetch(ctx, src)
}

// catch, deferred, turns a panic into an error. Each goroutine needs its own.
func catch(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Value: v, Stack: debug.Stack()}
	}
}
