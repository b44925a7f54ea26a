package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

var errGap = errors.New("a part of the ports did not meet the next one")

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
// last has the ports of the last collection, at which the listing can be
// cut; nil is none. Without parts the listing is read page by page. Port.Fixed is
// good until the next step.
func (p *Project) PortsInParts(ctx context.Context, last *inventory.Ports) iter.Seq2[inventory.Port, error] {
	return p.portsCutAt(ctx, cutPorts(last, p.Config().Limits))
}

func (p *Project) portsCutAt(ctx context.Context, parts []portPart) iter.Seq2[inventory.Port, error] {
	if len(parts) < 2 || p.onePiece.Load() {
		return p.Ports(ctx)
	}
	return func(yield func(inventory.Port, error) bool) {
		r := portsReader{project: p, parts: parts, spans: make([]partSpan, len(parts)), yield: yield}
		goesOn, err := r.read(ctx)
		if !goesOn || !p.afterParts(err, yield) {
			return
		}
		for port, err := range p.Ports(ctx) {
			if !yield(port, err) {
				return
			}
		}
	}
}

// afterParts notes how reading in parts ended, and reports whether all ports are to
// be listed in one piece.
func (p *Project) afterParts(err error, yield func(inventory.Port, error) bool) (onePiece bool) {
	switch {
	case err == nil:
		return false
	case errors.Is(err, errUnordered):
		p.onePiece.Store(true)
		p.cloud.log.Info("ports are listed in one piece from now on", "cloud", p.Cloud(), "project", p.Label(), "reason", err)
	case errors.Is(err, errGap), errors.Is(err, errMarksGone): // ports came and went meanwhile
	default:
		yield(inventory.Port{}, err)
		return false
	}
	return yield(inventory.Port{}, apierr.ErrAgain)
}

// portsReader reads all parts at the same time.
type portsReader struct {
	project *Project
	parts   []portPart
	spans   []partSpan
	next    atomic.Int32 // the first part that nobody reads yet

	mu      sync.Mutex // one part at a time hands over
	yield   func(inventory.Port, error) bool
	stopped bool // the caller has enough
}

var errEnough = errors.New("the caller has enough")

// read hands over the ports of all parts. It reports whether the caller wants more.
func (r *portsReader) read(ctx context.Context) (goesOn bool, err error) {
	limits := r.project.Config().Limits
	group, ctx := errgroup.WithContext(ctx)
	for range min(len(r.parts), max(1, limits.Concurrency)) {
		group.Go(func() (err error) {
			defer recovered(&err)
			buffers := newPortBuffers(limits.PageSize)
			for i := r.next.Add(1) - 1; int(i) < len(r.parts); i = r.next.Add(1) - 1 {
				part := partReader{project: r.project, part: r.parts[i], buffers: buffers, handOver: r.handOver}
				if err := part.read(ctx); err != nil {
					return err
				}
				r.spans[i] = part.span
			}
			return nil
		})
	}
	if err = group.Wait(); err == nil {
		err = withoutGap(r.parts, r.spans)
	}
	return !r.stopped, err
}

func (r *portsReader) handOver(batch *portBatch) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range batch.ports {
		if r.stopped = r.stopped || !r.yield(batch.ports[i], nil); r.stopped {
			return errEnough
		}
	}
	for _, fault := range batch.faults {
		if r.stopped = r.stopped || !r.yield(inventory.Port{}, fault); r.stopped {
			return errEnough
		}
	}
	return nil
}

// recovered makes a panic an error: nobody stands above the goroutine of a worker.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("panic: %v", r)
	}
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
