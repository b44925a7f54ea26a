package collect

import (
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/collector"
	"cloudip_exporter/inventory"
)

// outcome is how one collector ended, and how it stood before.
type outcome struct {
	before inventory.State
	part   *inventory.Part
	err    error
	took   time.Duration
}

// report logs the failures of a collection, a line for each cause, the first good
// collection after one, and how many items could not be read where that is not the
// number of the last one.
func report(to *slog.Logger, all []outcome) {
	var failed [][]outcome // of one cause each
	at := make(map[string]int)
	for _, o := range all {
		log := to.With("collector", o.before.Collector, "duration_seconds", o.took.Seconds())
		panicked, isPanic := errors.AsType[*collector.PanicError](o.err)
		switch {
		case isPanic:
			log.Error("collection panicked", "err", o.err, "stack", string(panicked.Stack))
		case o.err != nil:
			cause := failure(o) + apierr.CauseOf(o.err)
			if _, known := at[cause]; !known {
				at[cause] = len(failed)
				failed = append(failed, nil)
			}
			failed[at[cause]] = append(failed[at[cause]], o)
			continue
		case o.before.Err != nil:
			log.Info("collection works again")
		default:
			log.Debug("collected")
		}
		if o.err == nil {
			reportWithout(log, o.before.Part, o.part)
		}
		if o.err == nil && o.part.Missing.N > 0 && (o.before.Part == nil || o.before.Part.Missing.N != o.part.Missing.N) {
			log.Warn("items could not be read", "skipped", o.part.Missing.N, "first", o.part.Missing.First)
		}
	}
	for _, same := range failed {
		reportFailure(to, same)
	}
}

func failure(o outcome) string {
	if o.before.Part != nil {
		return "collection failed, the last complete answer stays"
	}
	return "collection failed, there is no complete answer yet"
}

// reportFailure logs what failed for one cause; the first stands for all.
func reportFailure(to *slog.Logger, same []outcome) {
	first := same[0]
	log := to.With("collector", first.before.Collector)
	var also []string
	for _, o := range same[1:] {
		also = append(also, o.before.Collector)
	}
	if len(also) > 0 {
		log = log.With("also", strings.Join(also, ","))
	}
	log = log.With("duration_seconds", first.took.Seconds(), "err", first.err)
	if first.before.Part != nil {
		log = log.With("last_success", first.before.LastSuccess)
	}
	log.Warn(failure(first))
}

// reportWithout logs once which listings a part has to do without.
func reportWithout(log *slog.Logger, before, now *inventory.Part) {
	for _, r := range slices.Sorted(maps.Keys(now.Without)) {
		if before == nil || before.Without[r] == nil {
			log.Warn("a listing is refused or not there, what it adds is left out", "listing", string(r), "err", now.Without[r])
		}
	}
}
