package cloudapi

import (
	"context"
	"errors"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
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

var (
	errUnordered = errors.New("the ports do not come in order of id")
	errMarksGone = errors.New("all ports where a part of the list may begin are gone")
)

const batchSize = 250 // ports that a part hands over together

// portBatch is what a part hands over at once: ports with their addresses, and items
// that could not be read.
type portBatch struct {
	ports  []inventory.Port
	fixed  []inventory.FixedIP // of the ports, which are of a page that is read over
	faults []error
}

// emptied returns the batch to be filled again.
func (b portBatch) emptied() portBatch {
	return portBatch{b.ports[:0], b.fixed[:0], b.faults[:0]}
}

// handOver reports whether the caller wants more.
func (b portBatch) handOver(yield func(inventory.Port, error) bool) bool {
	for i := range b.ports {
		if !yield(b.ports[i], nil) {
			return false
		}
	}
	for _, fault := range b.faults {
		if !yield(inventory.Port{}, fault) {
			return false
		}
	}
	return true
}

// partReader reads one part.
type partReader struct {
	project           *Project
	part              portPart
	buffers           *portBuffers
	batches, recycled chan portBatch
	batch             portBatch

	top       inventory.ID // the highest id so far
	seen      int          // ports so far
	backwards int          // of these, not above the ones before
	span      partSpan
}

func (r *partReader) read(ctx context.Context) error {
	after := r.part.after
	if len(after) == 0 {
		return r.readFrom(ctx, inventory.ID{})
	}
	for _, id := range after {
		err := r.readFrom(ctx, id)
		if err == nil || r.seen > 0 || !page.MarkerRefused(err) {
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
			more, err := r.take(ctx, port)
			if err != nil {
				return err
			}
			if !more {
				return r.flush(ctx)
			}
		case apierr.IsItem(err):
			r.batch.faults = append(r.batch.faults, err)
		case errors.Is(err, apierr.ErrAgain):
			begin() // what was handed over stays: it was there when the part began
		default:
			return err
		}
	}
	return r.flush(ctx)
}

// take keeps a port if it is of this part, and reports whether the part goes on.
func (r *partReader) take(ctx context.Context, port inventory.Port) (more bool, err error) {
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
	return true, r.flush(ctx)
}

// tooManyBackwards reports whether the listing has another order. A few ports may
// come twice, on the page after their own.
func tooManyBackwards(backwards, seen int) bool { return backwards > 2+seen/20 }

func (r *partReader) keep(port inventory.Port) {
	if r.batch.ports == nil {
		faults := r.batch.faults
		select {
		case r.batch = <-r.recycled:
			r.batch.faults = append(r.batch.faults, faults...)
		default:
		}
		if cap(r.batch.ports) == 0 {
			r.batch.ports = make([]inventory.Port, 0, batchSize)
		}
	}
	from := len(r.batch.fixed)
	r.batch.fixed = append(r.batch.fixed, port.Fixed...)
	port.Fixed = r.batch.fixed[from:len(r.batch.fixed):len(r.batch.fixed)]
	r.batch.ports = append(r.batch.ports, port)
}

// flush hands over what was kept.
func (r *partReader) flush(ctx context.Context) error {
	if len(r.batch.ports)+len(r.batch.faults) == 0 {
		return nil
	}
	batch := r.batch
	r.batch = portBatch{}
	select {
	case r.batches <- batch:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
