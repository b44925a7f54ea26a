package cloudapi

import (
	"context"
	"errors"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// portPart is one part of a listing of ports, in order of id.
type portPart struct {
	// after are ids of ports behind which the part may begin: the first is the
	// end of the part before, the others stand in when that port is gone. None
	// is the beginning of the list.
	after []inventory.ID
	// until is the last id of the part; the zero ID is the end of the list.
	until inventory.ID
}

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

var (
	errUnordered = errors.New("the ports do not come in order of id")
	errMarksGone = errors.New("all ports where a part of the list may begin are gone")
)

const batchSize = 250 // ports that a part hands over together

// partReader reads one part.
type partReader struct {
	project  *Project
	part     portPart
	buffers  *portBuffers
	handOver func(*portBatch) error
	batch    portBatch

	top       inventory.ID // the highest id so far
	seen      int          // ports so far
	backwards int          // of these, not above the ones before
	span      partSpan
}

// portBatch is what a part hands over at once: ports with their addresses, and items
// that could not be read.
type portBatch struct {
	ports  []inventory.Port
	fixed  []inventory.FixedIP // of the ports, which are of a page that is read over
	faults []error
}

func (r *partReader) read(ctx context.Context) error {
	after := r.part.after
	if len(after) == 0 {
		return r.readFrom(ctx, inventory.ID{})
	}
	for _, id := range after {
		err := r.readFrom(ctx, id)
		if !page.MarkerRefused(err) {
			return err
		}
	}
	return errMarksGone
}

func (r *partReader) readFrom(ctx context.Context, after inventory.ID) error {
	begin := func() { r.top, r.seen, r.backwards, r.span = after, 0, 0, partSpan{} }
	begin()
	q := portQuery{after: after.String(), buffers: r.buffers}
	for port, err := range r.project.listPorts(ctx, q) {
		switch {
		case err == nil:
			if more, err := r.take(port); err != nil {
				return err
			} else if !more {
				return r.flush()
			}
		case apierr.Is[*apierr.ItemError](err):
			r.batch.faults = append(r.batch.faults, err)
		case errors.Is(err, apierr.ErrAgain):
			begin() // what was handed over stays: it was there when the part began
		default:
			return err
		}
	}
	return r.flush()
}

// take keeps a port if it is of this part, and reports whether the part goes on.
func (r *partReader) take(port inventory.Port) (more bool, err error) {
	r.seen++
	if port.ID.Compare(r.top) > 0 {
		r.top = port.ID
	} else if r.backwards++; tooManyBackwards(r.backwards, r.seen) {
		return false, errUnordered
	}
	if r.span.first.IsZero() && len(r.part.after) > 0 && port.ID.Compare(r.part.after[0]) > 0 {
		r.span.first = port.ID
	}
	if !r.part.until.IsZero() {
		switch c := port.ID.Compare(r.part.until); {
		case c > 0:
			r.span.beyond = port.ID
			return false, nil
		case c == 0:
			r.span.met = true
			r.keep(port)
			return false, nil
		}
	}
	if r.keep(port); len(r.batch.ports) < batchSize {
		return true, nil
	}
	return true, r.flush()
}

// tooManyBackwards reports whether the listing has another order. A few ports may
// come twice, on the page after their own.
func tooManyBackwards(backwards, seen int) bool { return backwards > 2+seen/20 }

func (r *partReader) keep(port inventory.Port) {
	b := &r.batch
	from := len(b.fixed)
	b.fixed = append(b.fixed, port.Fixed...)
	port.Fixed = b.fixed[from:len(b.fixed):len(b.fixed)]
	b.ports = append(b.ports, port)
}

// flush hands over what was kept.
func (r *partReader) flush() error {
	err := r.handOver(&r.batch)
	r.batch = portBatch{r.batch.ports[:0], r.batch.fixed[:0], r.batch.faults[:0]}
	return err
}
