package cloudapi

import (
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

const (
	pagesWorthParts = 12 // fewer are read one after the other
	// Ports made since the last collection cost a part at most one page more:
	// with six pages a part that is less than a fifth.
	pagesPerPart   = 6
	partsPerWorker = 8 // so that all end at about the same time
	marksPerPart   = 4 // ports at the end of a part, of which one should still be there
)

// cutPorts cuts the list of the last collection into parts of whole pages; none
// where the list is short.
func cutPorts(last *inventory.Ports, limits config.Limits) []portPart {
	size := limits.PageSize
	if size <= 0 || last.Len() < pagesWorthParts*size {
		return nil
	}
	pages := (last.Len() + size - 1) / size
	wanted := max(1, limits.Concurrency) * partsPerWorker
	perPart := max(pagesPerPart, (pages+wanted-1)/wanted)
	parts := []portPart{{}}
	for _, mark := range last.SplitAt(perPart*size, marksPerPart) {
		parts[len(parts)-1].until = mark[0]
		parts = append(parts, portPart{after: mark})
	}
	return parts
}
