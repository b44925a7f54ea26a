package collect

import (
	"log/slog"
	"maps"
	"slices"

	"cloudip_exporter/inventory"
)

// reportWithout logs once which listings a part has to do without.
func reportWithout(log *slog.Logger, before, now *inventory.Part) {
	for _, r := range slices.Sorted(maps.Keys(now.Without)) {
		if before == nil || before.Without[r] == nil {
			log.Warn("a listing is refused or not there, what it adds is left out", "listing", string(r), "err", now.Without[r])
		}
	}
}
