package collector

import (
	"cloudip_exporter/cloudapi"
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

// portParts cuts the list of the last collection into parts of whole pages.
func (s *Source) portParts() []cloudapi.PortPart {
	last := inventory.Of[inventory.PortData](s.last).Ports
	size := s.cfg.Limits.PageSize
	if size <= 0 || last.Len() < pagesWorthParts*size {
		return nil
	}
	pages := (last.Len() + size - 1) / size
	wanted := s.concurrency() * partsPerWorker
	perPart := max(pagesPerPart, (pages+wanted-1)/wanted)
	parts := []cloudapi.PortPart{{}}
	for _, mark := range last.Marks(perPart*size, marksPerPart) {
		parts[len(parts)-1].Until = mark[0]
		parts = append(parts, cloudapi.PortPart{After: mark})
	}
	return parts
}
