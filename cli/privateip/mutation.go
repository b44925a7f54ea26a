package privateip

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cli/terminal"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/inventory"
)

// mutation is one change of a cloud, done once and journaled before and after.
type mutation struct {
	entry   journal.Entry // all but state, time, request and result
	reopen  string        // the command that decides an unknown outcome
	since   int           // journal entries that were known when the cloud was last read
	do      func(context.Context) (inventory.PrivateIP, error)
	check   check
	certain bool // check can tell our own change from another's, so it decides after a conflict too

	requestID string // of the answer
}

// readBacks are the times of each reading of an unknown outcome.
func readBacks() []time.Duration { return []time.Duration{0, 10 * time.Second, 30 * time.Second} }

// readBackTime is that of all readings together: the last has what is left.
const readBackTime = 35 * time.Second

// run writes the intent, asks the cloud once, and records the outcome. Once the
// request is out, an interrupt no longer stops it: its outcome is wanted.
func (m *mutation) run(ctx context.Context, e *command.Env, j *journal.Journal) (inventory.PrivateIP, error) {
	intent := m.entry
	intent.State = journal.Intent
	if err := j.Append(ctx, intent, func(j *journal.Journal) error { return m.rival(e, j) }); err != nil {
		return inventory.PrivateIP{}, fmt.Errorf("journal intent: %w", err)
	}
	ip, err := m.do(wire.WithRequestID(context.WithoutCancel(ctx), &m.requestID))
	switch outcomeOf(err) {
	case done:
		return ip, m.close(ctx, j, journal.Done, m.substitute(ip), ip, nil)
	case notExecuted:
		return ip, m.fail(ctx, j, journal.NotExecuted, err, inventory.PrivateIP{})
	case refused:
		return m.recheckRefusal(ctx, e, j, err)
	}
	return m.readBackUnknown(ctx, e, j, err)
}

// substitute tells the journal of an answer about another address than asked.
func (m *mutation) substitute(ip inventory.PrivateIP) string {
	if !ip.Addr.IsValid() || ip.Addr.String() == m.entry.Target.Address {
		return ""
	}
	return fmt.Sprintf("the cloud assigned %s instead", ip.Addr)
}

// recheckRefusal looks closer at a refusal. A request can be delivered twice on its
// way: then the answer is that of the second, which the first made fail.
func (m *mutation) recheckRefusal(ctx context.Context, e *command.Env, j *journal.Journal, refusal error) (inventory.PrivateIP, error) {
	var none inventory.PrivateIP
	if m.entry.Action != journal.Assign || !inUse(refusal) {
		return none, m.fail(ctx, j, journal.Failed, refusal, none)
	}
	now, err := m.readBack(ctx, e, func(_ observation, err error) bool { return err == nil || !m.certain })
	switch {
	case err != nil && m.certain: // it may be ours
		return none, m.unknown(ctx, j, refusal)
	case err != nil || now.as == nothing:
		return none, m.fail(ctx, j, journal.Failed, refusal, none)
	case now.as == ours: // a port that tells no description is not claimed after a conflict
		return now.PrivateIP, m.close(ctx, j, journal.Done, "found on read-back: the request was delivered twice", now.PrivateIP, nil)
	case now.as == probable && now.Owner == "":
		refusal = fmt.Errorf("%w; it was free a moment ago and is now private IP %s, used by nothing: another's, or yours if the request was delivered twice on its way", refusal, terminal.Printable(now.ID.String()))
	}
	return none, m.fail(ctx, j, journal.Failed, refusal, now.PrivateIP)
}

// rivalry is the conflict with another run for the same target. The cloud was
// not asked.
type rivalry struct{ error }

func (r rivalry) Unwrap() error { return r.error }

// rival refuses an intent beside another one for the same target: while that is
// open, or since it was done after the cloud was read, nobody could tell the
// two apart on read-back.
func (m *mutation) rival(e *command.Env, j *journal.Journal) error {
	for _, o := range j.OpenIntents() {
		if sameTarget(o.Entry, m.entry) {
			return rivalry{exit.Errorf(exit.Conflict, "%s %s: intent %s of %s on %s for it is still open; run: %s",
				m.entry.Action, targetText(m.entry), o.IntentID, terminal.Printable(o.User), terminal.Printable(o.Host), m.reopen)}
		}
	}
	for _, d := range j.Entries()[m.since:] {
		if d.State == journal.Done && sameTarget(d, m.entry) {
			return rivalry{exit.Errorf(exit.Conflict, "%s %s: %s on %s was faster (intent %s)", m.entry.Action, targetText(m.entry), terminal.Printable(d.User), terminal.Printable(d.Host), d.IntentID)}
		}
	}
	return nil
}

func sameTarget(a, b journal.Entry) bool {
	return sameProject(a, b) && a.Target.SubnetID == b.Target.SubnetID && a.Target.Address == b.Target.Address
}

// sameProject goes by the id: configurations that share a journal may name
// clouds and projects each in its own way. A line without one has its labels.
func sameProject(a, b journal.Entry) bool {
	if a.ProjectID != "" && b.ProjectID != "" {
		return a.ProjectID == b.ProjectID
	}
	return a.Cloud == b.Cloud && a.Project == b.Project
}

func targetText(e journal.Entry) string {
	if e.Target.Address == "" {
		return "private IP " + e.Target.PrivateIPID
	}
	return e.Target.Address
}

// readBackUnknown reads back an unknown outcome and never repeats the request.
func (m *mutation) readBackUnknown(ctx context.Context, e *command.Env, j *journal.Journal, cause error) (inventory.PrivateIP, error) {
	e.Say("%s %s: no clear answer, reading back: %v", m.entry.Action, targetText(m.entry), cause)
	found := func(now observation, _ error) bool { return now.as >= probable }
	if now, err := m.readBack(ctx, e, found); found(now, err) {
		return now.PrivateIP, m.close(ctx, j, journal.Done, "found on read-back", now.PrivateIP, nil)
	}
	return inventory.PrivateIP{}, m.unknown(ctx, j, cause)
}

// readBack reads up to three times over 30 s, until it is enough. A cloud that
// hangs, or throttles, is not waited for beyond that.
func (m *mutation) readBack(ctx context.Context, e *command.Env, enough func(now observation, err error) bool) (now observation, err error) {
	reading, cancel := context.WithTimeout(context.WithoutCancel(ctx), readBackTime) // once even after an interrupt
	defer cancel()
	begun := e.Now()
	for _, at := range readBacks() {
		if interrupted := e.Sleep(ctx, at-e.Now().Sub(begun)); at > 0 && (interrupted != nil || reading.Err() != nil) {
			break
		}
		now, err = m.check(reading)
		if enough(now, err) {
			break
		}
		if err != nil {
			e.Say("read back %s: %v", targetText(m.entry), err)
		}
	}
	return now, err
}

// unknown records that the outcome is not known and says what to do.
func (m *mutation) unknown(ctx context.Context, j *journal.Journal, cause error) error {
	err := exit.Errorf(exit.Unknown, "%s %s: the outcome is unknown: %w; do not repeat it, the cloud may still carry it out; run: %s",
		m.entry.Action, targetText(m.entry), cause, m.reopen)
	return m.close(ctx, j, journal.Unknown, cause.Error(), inventory.PrivateIP{}, err)
}

func (m *mutation) fail(ctx context.Context, j *journal.Journal, state journal.State, cause error, found inventory.PrivateIP) error {
	err := exit.Advised(fmt.Errorf("%s %s: %w", m.entry.Action, targetText(m.entry), cause))
	return m.close(ctx, j, state, cause.Error(), found, err)
}

// close records the outcome and returns cause. A record that cannot be written
// leaves the intent open, which only reconcile can put right.
func (m *mutation) close(ctx context.Context, j *journal.Journal, state journal.State, result string, ip inventory.PrivateIP, cause error) error {
	end := m.entry
	end.State, end.Result, end.RequestID = state, cutText(result), m.requestID
	if !ip.ID.IsZero() {
		end.Target.PrivateIPID = cutText(ip.ID.String())
	}
	if err := j.Append(context.WithoutCancel(ctx), end, nil); err != nil {
		return exit.Errorf(exit.Unknown, "journal outcome %q of %s %s: %w; run: %s", state, m.entry.Action, targetText(m.entry),
			errors.Join(err, cause), m.reopen)
	}
	return cause
}

const maxResult = 500

// cutText keeps journal lines short.
func cutText(s string) string {
	if len(s) > maxResult {
		return s[:maxResult] + terminal.Ellipsis
	}
	return s
}

// unwritten tells of a change that was made, where its result could not be written.
func unwritten(err error, what string, ip inventory.PrivateIP) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s (%s) was %s, but the result could not be written: %w", ip.Addr, terminal.Printable(ip.ID.String()), what, err)
}
