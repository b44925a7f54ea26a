package cloudapi

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

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
	errGap       = errors.New("a part of the ports did not meet the next one")
)

const (
	portBatch  = 250 // ports that a part hands over together
	givenUpFor = 500 // listings in one piece before parts are tried again
)

// PortsInParts is Ports, read in parts at the same time under the same limits.
// A marker forbids to ask for two pages of one listing at once, but any port
// that is known from before can be a marker. The parts must follow each other
// without a gap; then nothing is missed that Ports would show, whatever was
// made or deleted since: each part reads on until it meets the next.
//
// That holds where a listing is in order of id, as that of Neutron is. It is
// checked on each part, and whether each met the very port behind which the
// next began; where it is not so, all ports are listed in one piece behind an
// apierr.ErrAgain. The order of ports is that of arrival.
//
// last has the ports of the last collection, which tell where the listing can be
// cut; nil is none. Without parts the listing is read page by page. Port.Fixed is
// good until the next step.
func (p *Project) PortsInParts(ctx context.Context, last *inventory.Ports) iter.Seq2[inventory.Port, error] {
	return p.portsCutAt(ctx, cutPorts(last, p.Config().Limits))
}

func (p *Project) portsCutAt(ctx context.Context, parts []portPart) iter.Seq2[inventory.Port, error] {
	if len(parts) < 2 {
		return p.Ports(ctx)
	}
	if p.onePiece.Load() > 0 {
		p.onePiece.Add(-1)
		return p.Ports(ctx)
	}
	return func(yield func(inventory.Port, error) bool) { p.knownParts(ctx, parts, yield) }
}

// knownParts reads all parts, or all ports in one piece where that fails.
func (p *Project) knownParts(ctx context.Context, parts []portPart, yield func(inventory.Port, error) bool) {
	stopped, err := p.portsInParts(ctx, parts, yield)
	switch {
	case stopped || err == nil:
		p.gaps.Store(0)
		return
	case errors.Is(err, errGap) && p.gaps.Add(1) < 2, errors.Is(err, errMarksGone): // ports came and went meanwhile
	case errors.Is(err, errGap), errors.Is(err, errUnordered):
		p.onePiece.Store(givenUpFor)
		p.cloud.log.Info("ports are listed in one piece for a while", "cloud", p.Cloud(), "project", p.Label(), "listings", givenUpFor, "reason", err)
	default:
		yield(inventory.Port{}, err)
		return
	}
	if !yield(inventory.Port{}, apierr.ErrAgain) {
		return
	}
	for port, err := range p.Ports(ctx) {
		if !yield(port, err) {
			return
		}
	}
}

// foundPorts is what a part hands over: ports with their addresses, and items
// that could not be read.
type foundPorts struct {
	ports  []inventory.Port
	fixed  []inventory.FixedIP // of the ports, which are of a page that is read over
	faults []error
}

func (f foundPorts) emptied() foundPorts {
	return foundPorts{f.ports[:0], f.fixed[:0], f.faults[:0]}
}

// portsInParts reads all parts; stopped tells that the caller wants no more.
func (p *Project) portsInParts(ctx context.Context, parts []portPart, yield func(inventory.Port, error) bool) (stopped bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := min(len(parts), max(1, p.Config().Limits.Concurrency))
	found, free := make(chan foundPorts), make(chan foundPorts, 2*workers)
	group, groupCtx := errgroup.WithContext(ctx)
	var next atomic.Int32
	spans := make([]partSpan, len(parts))
	for range workers {
		group.Go(func() error {
			_, err := guarded(groupCtx, func(ctx context.Context) (struct{}, error) {
				buffers := newPortBuffers(p.Config().Limits.PageSize)
				for i := next.Add(1) - 1; int(i) < len(parts); i = next.Add(1) - 1 {
					r := partReader{project: p, part: parts[i], buffers: buffers, found: found, free: free}
					if err := r.read(ctx); err != nil {
						return struct{}{}, err
					}
					spans[i] = r.span
				}
				return struct{}{}, nil
			})
			return err
		})
	}
	done := make(chan error, 1)
	go func() {
		err := group.Wait()
		if err == nil {
			err = withoutGap(parts, spans)
		}
		done <- err
		close(found)
	}()
	for batch := range found {
		if !stopped && !handOver(batch, yield) {
			stopped = true
			cancel() // what is under way ends, and is thrown away
		}
		select {
		case free <- batch.emptied():
		default:
		}
	}
	return stopped, <-done
}

// partSpan is where a part touches those beside it.
type partSpan struct {
	met    bool         // it saw the port until
	beyond inventory.ID // the first port behind until that it saw
	first  inventory.ID // the first port behind after[0] that it saw
}

// withoutGap proves that the parts are all of the listing, in whatever order it
// came: each went on until the port behind which the next began or, if that
// port is gone, until the first port of the next.
func withoutGap(parts []portPart, spans []partSpan) error {
	first := make(map[inventory.ID]inventory.ID, len(parts))
	for i, part := range parts {
		if len(part.after) > 0 {
			first[part.after[0]] = spans[i].first
		}
	}
	for i, part := range parts {
		if !part.until.IsZero() && !spans[i].met && spans[i].beyond != first[part.until] {
			return errGap
		}
	}
	return nil
}

func handOver(batch foundPorts, yield func(inventory.Port, error) bool) bool {
	for i := range batch.ports {
		if !yield(batch.ports[i], nil) {
			return false
		}
	}
	for _, fault := range batch.faults {
		if !yield(inventory.Port{}, fault) {
			return false
		}
	}
	return true
}

// partReader reads one part.
type partReader struct {
	project     *Project
	part        portPart
	buffers     *portBuffers
	found, free chan foundPorts
	batch       foundPorts

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

// take keeps a port if it is of this part, and tells whether the part goes on.
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
	if r.keep(port); len(r.batch.ports) < portBatch {
		return true, nil
	}
	return true, r.flush(ctx)
}

// tooManyBackwards tells another order from ports that come twice, on the page
// after their own.
func tooManyBackwards(backwards, seen int) bool { return backwards > 2+seen/20 }

func (r *partReader) keep(port inventory.Port) {
	if r.batch.ports == nil {
		faults := r.batch.faults
		select {
		case r.batch = <-r.free:
			r.batch.faults = append(r.batch.faults, faults...)
		default:
		}
		if cap(r.batch.ports) == 0 {
			r.batch.ports = make([]inventory.Port, 0, portBatch)
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
	r.batch = foundPorts{}
	select {
	case r.found <- batch:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
