package collector

import (
	"context"
	"iter"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/internal/inventory"
)

const (
	pagesWorthParts = 12 // fewer are read one after the other
	// Ports made since the last collection cost a part at most one page more:
	// with six pages a part that is less than a fifth.
	pagesPerPart   = 6
	partsPerWorker = 8 // so that all end at about the same time
	marksPerPart   = 4 // ports at the end of a part, of which one should still be there
)

// listsInParts is an API that can read its ports in parts at the same time.
type listsInParts interface {
	PortsInParts(context.Context, []cloudapi.PortPart) iter.Seq2[inventory.Port, error]
}

// listPorts lists the ports: in parts where there were many the last time.
func (s *Source) listPorts(ctx context.Context) iter.Seq2[inventory.Port, error] {
	if api, ok := s.api.(listsInParts); ok {
		if parts := s.portParts(); len(parts) > 1 {
			return api.PortsInParts(ctx, parts)
		}
	}
	return s.api.Ports(ctx)
}

// portParts cuts the list of the last collection into parts of whole pages.
func (s *Source) portParts() []cloudapi.PortPart {
	last := s.last.Part("ports").Ports
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
