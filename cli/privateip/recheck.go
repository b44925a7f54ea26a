package privateip

import (
	"context"
	"fmt"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/text"
)

// readBackTimes are the times of each reading of an unknown outcome.
func readBackTimes() []time.Duration { return []time.Duration{0, 10 * time.Second, 30 * time.Second} }

// readBackLimit is the time for all readings together: the last has what is left.
const readBackLimit = 35 * time.Second

// readBackUnknown reads back an unknown outcome. It never repeats the request.
func (m *mutation) readBackUnknown(ctx context.Context, e *command.Env, unknown Outcome) Outcome {
	e.Say("%s %s: no clear answer, reading back: %v", m.entry.Action, targetText(m.entry), unknown.Err)
	found := func(now observation, _ error) bool { return now.as >= probable }
	if now, err := m.readBack(ctx, e, found); found(now, err) {
		return Outcome{State: journal.Done, Note: "found on read-back", IP: now.PrivateIP}
	}
	return unknown
}

// recheckRefusal re-checks a refusal that the address is taken: if a proxy
// delivered our request twice, the first delivery succeeded and we see the refusal
// of the second.
func (m *mutation) recheckRefusal(ctx context.Context, e *command.Env, refusal Outcome) Outcome {
	now, err := m.readBack(ctx, e, func(_ observation, err error) bool { return err == nil || !m.certain })
	switch {
	case err != nil && m.certain: // it may be ours
		refusal.State = journal.Unknown
	case err != nil || now.as == nothing:
	case now.as == ours: // an address without a description is not claimed after a conflict
		return Outcome{State: journal.Done, Note: "found on read-back: the request was delivered twice", IP: now.PrivateIP}
	default:
		refusal.IP = now.PrivateIP
		if now.as == probable && now.Owner == "" {
			refusal.Err = fmt.Errorf("%w; it was free a moment ago and is now private IP %s, used by nothing: another's, or yours if the request was delivered twice on its way",
				refusal.Err, text.Terminal(now.ID.String()))
		}
	}
	return refusal
}

// readBack reads up to three times over 30 s, until it is enough. A cloud that
// hangs, or throttles, is not waited for beyond that.
func (m *mutation) readBack(ctx context.Context, e *command.Env, enough func(now observation, err error) bool) (now observation, err error) {
	reading, cancel := context.WithTimeout(context.WithoutCancel(ctx), readBackLimit) // once even after an interrupt
	defer cancel()
	begun := e.Now()
	for _, at := range readBackTimes() {
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
