package privateip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory"
	"cloudip_exporter/text"
)

func reconcileCommand(journal *string) command.Command {
	return command.Command{
		Name: "reconcile", Help: "Find out what became of assignments and releases whose outcome is unknown.",
		Flags: func(c *kingpin.CmdClause) command.Run {
			var o ReconcileOptions
			command.TargetFlags(c, &o.Target)
			command.OutputFlags(c, &o.Output)
			return command.WithClouds(func(ctx context.Context, e *command.Env) error {
				o.JournalFile = *journal
				return Reconcile(ctx, e, o)
			})
		},
	}
}

// ReconcileOptions are for Reconcile.
type ReconcileOptions struct {
	command.Target // "" is every cloud and project that the journal names
	table.Output
	JournalFile string // "" is DefaultJournal
}

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

func reconcileColumns() []table.Column {
	return []table.Column{
		{Key: "intent_id", Wide: true}, {Key: "time"}, {Key: "action"}, {Key: "cloud"}, {Key: "project"}, {Key: "subnet_id", Wide: true},
		{Key: "address"}, {Key: "private_ip_id"}, {Key: "result"},
	}
}

// Reconcile reads back every open intent of the journal and closes
// those that can be decided. It changes nothing in a cloud.
func Reconcile(ctx context.Context, e *command.Env, o ReconcileOptions) error {
	r := &table.Table{Columns: reconcileColumns()}
	if err := o.Output.Check(r.Columns); err != nil {
		return err
	}
	j, err := openJournal(ctx, e, o.JournalFile)
	if err != nil {
		return err
	}
	defer j.Close()
	if err := reconcilable(ctx, e, j, o.Target); err != nil {
		return err
	}
	var left []error
	for _, intent := range j.OpenIntents() {
		if !isTargetOf(o.Target, intent) {
			continue
		}
		end, err := reconcile(ctx, e, j, intent)
		what := string(end.State)
		if err != nil {
			e.Say("intent %s (%s %s): %v", intent.IntentID, intent.Action, targetText(intent), err)
			left, what = append(left, err), "open"
		}
		r.Rows = append(r.Rows, []any{
			intent.IntentID, intent.Time.Format(time.RFC3339), intent.Action, intent.Cloud, intent.Project,
			intent.Target.SubnetID, intent.Target.Address, end.Target.PrivateIPID, what,
		})
	}
	if err := e.Print(r, o.Output); err != nil {
		return err
	}
	if len(left) > 0 {
		return exit.Errorf(exit.Unknown, "reconcile: %d of %d intents are still open; run it again %s", len(left), len(r.Rows), retryAfterText(left))
	}
	return nil
}

// isTargetOf reports whether the target is that of a journal's line.
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

// retryAfterText says when to try again: as soon as age decides all that it can.
func retryAfterText(open []error) string {
	var wait time.Duration
	for _, err := range open {
		if y, ok := errors.AsType[undecidedUntil](err); ok {
			wait = max(wait, y.wait())
		}
	}
	if wait == 0 {
		return "once what keeps them open is repaired"
	}
	return "in " + wait.String()
}

// reconcile decides one intent and records the outcome.
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
	if errors.Is(err, errClosed) { // by its own command, or another reconcile
		return lastEntry(j, intent.IntentID), nil
	}
	return end, err
}

// decide returns what became of an open intent. Its state is Unknown while that
// cannot be decided.
func decide(ctx context.Context, e *command.Env, intent journal.Entry) Outcome {
	now, err := reread(ctx, e, intent)
	age := e.Now().Sub(intent.Time)
	switch {
	case err != nil:
		return Outcome{State: journal.Unknown, Err: err}
	case now.as == contested:
		return Outcome{State: journal.Unknown, Err: fmt.Errorf("%w: port %s has the address, is in use, and this cloud keeps no description of it: give it the description %s if the port is yours, any other if not",
			errUndecided, text.Terminal(now.ID.String()), intent.IntentID)}
	case now.as != nothing:
		return Outcome{State: journal.Done, Note: "reconciled: it took effect", IP: now.PrivateIP}
	case age > requestMayTake:
		return Outcome{State: journal.NotExecuted, Note: "reconciled: not executed"}
	}
	return Outcome{State: journal.Unknown, Err: undecidedUntil{age}}
}

// reread reads whether an intent has taken effect.
func reread(ctx context.Context, e *command.Env, intent journal.Entry) (observation, error) {
	ctx, cancel := e.Reading(ctx)
	defer cancel()
	p, err := e.ChooseProject(ctx, command.Target{Cloud: intent.Cloud, Project: intent.Project})
	if err != nil {
		return observation{}, fmt.Errorf("it needs cloud %q, project %q in the configuration: %w", intent.Cloud, intent.Project, err)
	}
	check, err := effectOf(ctx, e, p, intent)
	if err != nil {
		return observation{}, err
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

// effectOf returns the check whether the intent took effect.
func effectOf(ctx context.Context, e *command.Env, p command.Project, intent journal.Entry) (check, error) {
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
		return assigned(e, p, inventory.ParseID(intent.Target.SubnetID), addr, intent.IntentID, intent.Time), nil
	case journal.Release:
		return released(p, intent.Target.PrivateIPID), nil
	}
	return nil, fmt.Errorf("%w: action %q is not known to this version", errUndecided, intent.Action)
}
