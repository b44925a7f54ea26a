package privateip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory"
)

const reconcileColumns = "intent_id:wide time action cloud project subnet_id:wide address private_ip_id result"

// requestMayTake is how old an intent must be before "not there" means that it was
// not executed: until then its request may still be on its way.
const requestMayTake = 2 * time.Minute

// errUndecided is the error of an intent that cannot be decided yet.
var errUndecided = errors.New("it is not decided yet")

// undecidedUntil is the error of an intent that will be decided by its age.
type undecidedUntil struct{ age time.Duration }

func (u undecidedUntil) Error() string {
	return fmt.Sprintf("%v: no effect to be seen, but only %s old: try again in %s", errUndecided, u.age.Round(time.Second), u.wait())
}

// wait returns how long the intent stays too young, in whole seconds.
func (u undecidedUntil) wait() time.Duration {
	return (requestMayTake - u.age + time.Second).Truncate(time.Second)
}

// Reconcile reads back every open intent of the journal and closes
// those that can be decided. It changes nothing in a cloud.
func Reconcile(ctx context.Context, e *command.Env, o Options) error {
	r := &table.Table{Columns: table.Columns(reconcileColumns)}
	if err := o.Output.Check(r.Columns); err != nil {
		return err
	}
	j, err := openJournal(ctx, e, o.JournalFile, false)
	if err != nil {
		return err
	}
	defer j.Close()
	if err := reconcilable(ctx, e, j, o.Target); err != nil {
		return err
	}
	left, wait := 0, time.Duration(0)
	for _, intent := range j.OpenIntents() {
		if !isTargetOf(o.Target, intent) {
			continue
		}
		end, err := reconcile(ctx, e, j, intent)
		what := string(end.State)
		if err != nil {
			e.Say("intent %s (%s %s): %v", intent.IntentID, intent.Action, targetText(intent), err)
			left, what = left+1, "open"
			if y, ok := errors.AsType[undecidedUntil](err); ok {
				wait = max(wait, y.wait())
			}
		}
		r.Rows = append(r.Rows, []any{
			intent.IntentID, intent.Time.Format(time.RFC3339), intent.Action, intent.Cloud, intent.Project,
			intent.Target.SubnetID, intent.Target.Address, end.Target.PrivateIPID, what,
		})
	}
	if err := e.Print(r, o.Output); err != nil {
		return err
	}
	if left == 0 {
		return nil
	}
	when := "once what keeps them open is repaired"
	if wait > 0 {
		when = "in " + wait.String() // by then age decides all that it can
	}
	return exit.Errorf(exit.Unknown, "reconcile: %d of %d intents are still open; run it again %s", left, len(r.Rows), when)
}

func isTargetOf(t command.Target, e journal.Entry) bool {
	return (t.Cloud == "" || t.Cloud == e.Cloud) && (t.Project == "" || t.Project == e.Project)
}

// reconcilable refuses a target that neither the journal nor the configuration
// knows: most likely its name is mistyped, and open intents would be passed over.
func reconcilable(ctx context.Context, e *command.Env, j *journal.Journal, t command.Target) error {
	if t == (command.Target{}) || slices.ContainsFunc(j.Entries(), func(e journal.Entry) bool { return isTargetOf(t, e) }) {
		return nil
	}
	if t.Project == "" {
		_, err := e.ChooseClouds(t)
		return err
	}
	ctx, cancel := e.Reading(ctx)
	defer cancel()
	_, failures, err := e.ChooseProjects(ctx, t)
	return errors.Join(append(failures, err)...)
}

func reconcile(ctx context.Context, e *command.Env, j *journal.Journal, intent journal.Entry) (journal.Entry, error) {
	o := decide(ctx, e, intent)
	if o.State == journal.Unknown {
		return intent, o.Err
	}
	end := o.closing(intent)
	end.User, end.Host, end.RequestID = e.User, e.Host, ""
	err := j.Append(ctx, end, func(j *journal.Journal) error {
		if !j.IsOpen(intent.IntentID) {
			return errClosed
		}
		return nil
	})
	if !errors.Is(err, errClosed) {
		return end, err
	}
	for _, e := range j.Entries() {
		if e.IntentID == intent.IntentID {
			end = e
		}
	}
	return end, nil
}

// decide returns what became of an open intent. Its state is Unknown while that
// cannot be decided.
func decide(ctx context.Context, e *command.Env, intent journal.Entry) Outcome {
	ip, found, err := reread(ctx, e, intent)
	age := e.Now().Sub(intent.Time)
	switch {
	case err != nil:
		return Outcome{State: journal.Unknown, Err: err}
	case found:
		return Outcome{State: journal.Done, Note: "reconciled: it took effect", IP: ip}
	case age > requestMayTake:
		return Outcome{State: journal.NotExecuted, Note: "reconciled: not executed"}
	}
	return Outcome{State: journal.Unknown, Err: undecidedUntil{age}}
}

// reread reads whether an intent has taken effect, in the project that it was for.
func reread(ctx context.Context, e *command.Env, intent journal.Entry) (none inventory.PrivateIP, found bool, err error) {
	ctx, cancel := e.Reading(ctx)
	defer cancel()
	p, err := e.ChooseProject(ctx, command.Target{Cloud: intent.Cloud, Project: intent.Project})
	if err != nil {
		return none, false, fmt.Errorf("it needs cloud %q, project %q in the configuration: %w", intent.Cloud, intent.Project, err)
	}
	if id, err := p.ID(ctx); err != nil {
		return none, false, fmt.Errorf("find id of project %q: %w", p.Label(), err)
	} else if intent.ProjectID != "" && id != intent.ProjectID {
		return none, false, fmt.Errorf("project %q is now %s, but the intent was for %s: reconcile with the configuration of then", p.Label(), id, intent.ProjectID)
	}
	switch intent.Action {
	case journal.Assign:
		addr, err := netip.ParseAddr(intent.Target.Address)
		if err != nil {
			return none, false, fmt.Errorf("read address of intent: %w", err)
		}
		return assigned(e, p, inventory.ParseID(intent.Target.SubnetID), addr, intent.IntentID)(ctx)
	case journal.Release:
		return released(p, intent.Target.PrivateIPID)(ctx)
	}
	return none, false, fmt.Errorf("%w: action %q is not known to this version", errUndecided, intent.Action)
}

// errClosed says that an intent was closed meanwhile: by its own command, or by
// another reconcile.
var errClosed = errors.New("intent is closed")
