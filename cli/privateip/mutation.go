package privateip

import (
	"context"
	"errors"
	"fmt"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/inventory"
	"cloudip_exporter/text"
)

// mutation is one change of a cloud, requested once and journaled before and after.
type mutation struct {
	entry     journal.Entry // all but state, time, request and result
	reconcile string        // the command that decides an unknown outcome
	since     int           // journal entries that were known when the cloud was last read
	request   func(context.Context) (inventory.PrivateIP, error)
	check     check
	certain   bool // check can distinguish our own change from another's, so it decides after a conflict too

	requestID string // of the answer
}

// run writes the intent, sends the one request, reads back where the answer leaves
// the outcome open, and records the outcome. Once the request is sent, an interrupt
// no longer stops it: its outcome is wanted.
func (m *mutation) run(ctx context.Context, e *command.Env, j *journal.Journal) (inventory.PrivateIP, error) {
	intent := m.entry
	intent.State = journal.Intent
	if err := j.Append(ctx, intent, m.rival); err != nil {
		return inventory.PrivateIP{}, fmt.Errorf("journal intent: %w", err)
	}
	o := m.send(context.WithoutCancel(ctx))
	switch {
	case o.State == journal.Unknown:
		o = m.readBackUnknown(ctx, e, o)
	case o.State == journal.Failed && m.entry.Action == journal.Assign && inUse(o.Err):
		o = m.recheckRefusal(ctx, e, o)
	}
	return o.IP, m.record(context.WithoutCancel(ctx), j, o)
}

// send sends the request and returns the outcome as far as the answer shows it.
func (m *mutation) send(ctx context.Context) Outcome {
	ip, err := m.request(wire.WithRequestID(ctx, &m.requestID))
	if err != nil {
		return Outcome{State: stateOf(err), Err: err}
	}
	o := Outcome{State: journal.Done, IP: ip}
	if ip.Addr.IsValid() && ip.Addr.String() != m.entry.Target.Address {
		o.Note = fmt.Sprintf("the cloud assigned %s instead", ip.Addr)
	}
	return o
}

// record journals the outcome and returns it as the command's error, nil when the
// change is done. A record that cannot be written leaves the intent open: only
// reconcile can close it then.
func (m *mutation) record(ctx context.Context, j *journal.Journal, o Outcome) error {
	what := m.entry.Action + " " + targetText(m.entry)
	var err error
	switch o.State {
	case journal.Done:
	case journal.Unknown:
		err = exit.Errorf(exit.Unknown, "%s: the outcome is unknown: %w; do not repeat it, the cloud may still carry it out; run: %s", what, o.Err, m.reconcile)
	default:
		err = exit.Advised(fmt.Errorf("%s: %w", what, o.Err))
	}
	end := o.closing(m.entry)
	end.RequestID = m.requestID
	if unwritten := j.Append(ctx, end, nil); unwritten != nil {
		return exit.Errorf(exit.Unknown, "journal outcome %q of %s: %w; run: %s", o.State, what, errors.Join(unwritten, err), m.reconcile)
	}
	return err
}

// unwritten returns the error for a change that was made, but whose result could
// not be written.
func unwritten(err error, what string, ip inventory.PrivateIP) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s (%s) was %s, but the result could not be written: %w", ip.Addr, text.Terminal(ip.ID.String()), what, err)
}
