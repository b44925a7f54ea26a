package rows

import (
	"iter"

	"cloudip_exporter/inventory"
)

// quotaRows has a row for each quota. A limit that is not known is none, too.
func quotaRows(snap *inventory.Snapshot) iter.Seq[Row] {
	figure := func(n float64) any {
		if n < 0 {
			return nil
		}
		return n
	}
	return func(yield func(Row) bool) {
		for _, q := range inventory.Of[inventory.QuotaData](snap) {
			if !yield(Row{snap.Cloud, snap.Project, q.Resource, figure(q.Limit), figure(q.Used), figure(q.Reserved)}) {
				return
			}
		}
	}
}
