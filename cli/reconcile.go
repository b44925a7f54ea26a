package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/inventory"
)

// ReconcileOptions are for PrivateIPReconcile.
type ReconcileOptions struct {
	Target // "" is every cloud and project that the journal names
	Output
	JournalFile string // "" is DefaultJournal
}

// settledAfter is how old an intent must be before "not there" means that it
// was not executed: until then the request may still be on its way.
const settledAfter = 2 * time.Minute

// errOpen says that an intent cannot be decided yet.
var errOpen = errors.New("it is not decided yet")

// tooYoung is an errOpen that age alone will end.
type tooYoung struct{ age time.Duration }

func (y tooYoung) Unwrap() error { return errOpen }

func (y tooYoung) Error() string {
	return fmt.Sprintf("%v: no effect to be seen, but only %s old: try again in %s", errOpen, y.age.Round(time.Second), y.wait())
}

// wait is how long it stays too young, in whole seconds.
func (y tooYoung) wait() time.Duration {
	return (settledAfter - y.age + time.Second).Truncate(time.Second)
}

func reconcileColumns() []column {
	return []column{
		{key: "intent_id", wide: true}, {key: "time"}, {key: "action"}, {key: "cloud"}, {key: "project"}, {key: "subnet_id", wide: true},
		{key: "address"}, {key: "private_ip_id"}, {key: "result"},
	}
}

// PrivateIPReconcile reads back every open intent of the journal and closes
// those that can be decided. It changes nothing in a cloud.
func (e *Env) PrivateIPReconcile(ctx context.Context, o ReconcileOptions) error {
	r := &result{columns: reconcileColumns()}
	if err := o.Output.check(r.columns); err != nil {
		return err
	}
	j, err := e.openJournal(ctx, o.JournalFile)
	if err != nil {
		return err
	}
	defer j.Close()
	if err := e.reconcilable(ctx, j, o.Target); err != nil {
		return err
	}
	var left []error
	for _, intent := range j.OpenIntents() {
		if !o.names(intent.Entry) {
			continue
		}
		end, err := e.reconcile(ctx, j, intent)
		what := string(end.State)
		if err != nil {
			e.say("intent %s (%s %s): %v", intent.IntentID, intent.Action, targetText(intent.Entry), err)
			left, what = append(left, err), "open"
		}
		r.rows = append(r.rows, []any{
			intent.IntentID, intent.Time.Format(time.RFC3339), intent.Action, intent.Cloud, intent.Project,
			intent.Target.SubnetID, intent.Target.Address, end.Target.PrivateIPID, what,
		})
	}
	if err := e.print(r, o.Output); err != nil {
		return err
	}
	if len(left) > 0 {
		return exitf(ExitUnknown, "reconcile: %d of %d intents are still open; run it again %s", len(left), len(r.rows), when(left))
	}
	return nil
}

// names reports whether the target is that of a journal's line.
func (t Target) names(e journal.Entry) bool {
	return (t.Cloud == "" || t.Cloud == e.Cloud) && (t.Project == "" || t.Project == e.Project)
}

// reconcilable refuses a target that neither the journal nor the configuration
// knows: most likely its name is mistyped, and open intents would be passed over.
func (e *Env) reconcilable(ctx context.Context, j *journal.Journal, t Target) error {
	if t == (Target{}) || slices.ContainsFunc(j.Entries(), t.names) {
		return nil
	}
	if t.Project == "" {
		_, err := e.clouds(t)
		return err
	}
	ctx, cancel := e.reading(ctx)
	defer cancel()
	_, failures, err := e.projects(ctx, t)
	return errors.Join(append(failures, err)...)
}

// when is the time to try again: as soon as age decides all that it can.
func when(open []error) string {
	var wait time.Duration
	for _, err := range open {
		if y, ok := errors.AsType[tooYoung](err); ok {
			wait = max(wait, y.wait())
		}
	}
	if wait == 0 {
		return "once what keeps them open is mended"
	}
	return "in " + wait.String()
}

// reconcile decides one intent and records it.
func (e *Env) reconcile(ctx context.Context, j *journal.Journal, intent journal.Opened) (journal.Entry, error) {
	end := intent.Entry
	end.User, end.Host, end.RequestID = e.User, e.Host, ""
	now, err := e.reread(ctx, intent.Entry)
	switch {
	case err != nil:
		return end, err
	case now.as == doubtful:
		return end, fmt.Errorf("%w: port %s has the address, is in use, and this cloud tells no description of it: give it the description %s if the port is yours, any other if not",
			errOpen, printable(now.ID.String()), intent.IntentID)
	case now.as != nothing:
		end.State, end.Result = journal.Done, "reconciled: it took effect"
		if !now.ID.IsZero() {
			end.Target.PrivateIPID = cutText(now.ID.String())
		}
	case e.Now().Sub(intent.Time) > settledAfter:
		end.State, end.Result = journal.NotExecuted, "reconciled: not executed"
	default:
		return end, tooYoung{e.Now().Sub(intent.Time)}
	}
	err = j.Append(ctx, end, func(j *journal.Journal) error {
		if !j.IsOpen(intent.IntentID) {
			return errClosed
		}
		return nil
	})
	if errors.Is(err, errClosed) { // by its own command, or another reconcile
		return lastEntry(j, intent.IntentID), nil
	}
	return end, err
}

// reread looks whether an intent has taken effect.
func (e *Env) reread(ctx context.Context, intent journal.Entry) (seen, error) {
	ctx, cancel := e.reading(ctx)
	defer cancel()
	p, err := e.project(ctx, Target{Cloud: intent.Cloud, Project: intent.Project})
	if err != nil {
		return seen{}, fmt.Errorf("it needs cloud %q, project %q in the configuration: %w", intent.Cloud, intent.Project, err)
	}
	check, err := e.effectOf(ctx, p, intent)
	if err != nil {
		return seen{}, err
	}
	return check(ctx)
}

var errClosed = errors.New("intent is closed")

func lastEntry(j *journal.Journal, intentID string) (last journal.Entry) {
	for _, e := range j.Entries() {
		if e.IntentID == intentID {
			last = e
		}
	}
	return last
}

// effectOf is how to see whether the intent took effect.
func (e *Env) effectOf(ctx context.Context, p Project, intent journal.Entry) (effect, error) {
	if id, err := p.ID(ctx); err != nil {
		return nil, fmt.Errorf("find id of project %q: %w", p.Label(), err)
	} else if intent.ProjectID != "" && id != intent.ProjectID {
		return nil, fmt.Errorf("project %q is now %s, but the intent was for %s: reconcile with the configuration of then", p.Label(), id, intent.ProjectID)
	}
	switch intent.Action {
	case journal.Assign:
		addr, err := netip.ParseAddr(intent.Target.Address)
		if err != nil {
			return nil, fmt.Errorf("read address of intent: %w", err)
		}
		return e.assigned(p, inventory.ParseID(intent.Target.SubnetID), addr, intent.IntentID, intent.Time), nil
	case journal.Release:
		return released(p, intent.Target.PrivateIPID), nil
	}
	return nil, fmt.Errorf("%w: action %q is not known to this version", errOpen, intent.Action)
}
