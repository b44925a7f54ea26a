package privateip

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/inventory"
	"cloudip_exporter/text"
)

// change is one run of assign or release.
type change struct {
	env     *command.Env
	options Options
	project command.Project
	journal *journal.Journal // nil in a dry run that has none to read
	since   int              // entries of the journal when the cloud was read
}

// look reads all that is to be known before the question. Who answers the question
// has time.
func (c *change) look(ctx context.Context, read func(context.Context) error) (err error) {
	ctx, cancel := c.env.Reading(ctx)
	defer cancel()
	if c.project, err = c.env.ChooseProject(ctx, c.options.Target); err != nil {
		return err
	}
	if c.journal, err = openJournal(ctx, c.env, c.options.JournalFile, c.options.DryRun); err != nil {
		return err
	}
	if c.journal != nil {
		c.since = len(c.journal.Entries())
	}
	return read(ctx)
}

func (c *change) close() {
	if c.journal != nil {
		c.journal.Close()
	}
}

// confirm asks unless --yes is given; of a dry run it says what would happen, unless
// the journal refuses it.
func (c *change) confirm(ctx context.Context, action string, t journal.Target, question string) error {
	switch {
	case c.options.DryRun:
		if c.journal != nil {
			m, err := c.mutate(ctx, action, t)
			if err == nil {
				err = m.rival(c.journal)
			}
			if err != nil {
				return err
			}
		}
		c.env.Say("dry run: would %s %s; nothing was changed", action, t.Address)
	case !c.options.Yes:
		return c.env.Ask(ctx, question)
	}
	return nil
}

func (c *change) print(keys string, row ...any) error {
	return c.env.Print(&table.Table{Columns: table.Columns(keys), Rows: [][]any{row}}, c.options.Output)
}

// mutation is the one request of a change, journaled before and after.
type mutation struct {
	*change
	entry   journal.Entry // all but state, time, request and result
	request func(context.Context) (inventory.PrivateIP, error)
	check   check
}

// mutate returns a mutation of the target that is still to be given its request.
func (c *change) mutate(ctx context.Context, action string, t journal.Target) (*mutation, error) {
	ctx, cancel := c.env.Reading(ctx)
	defer cancel()
	id, err := c.project.ID(ctx)
	if err != nil {
		return nil, fmt.Errorf("find id of project %q: %w", c.project.Label(), err)
	}
	return &mutation{change: c, entry: journal.Entry{
		Action: action, IntentID: journal.NewIntentID(), User: c.env.User, Host: c.env.Host,
		Cloud: c.project.Cloud(), Project: c.project.Label(), ProjectID: id, Target: t,
	}}, nil
}

// run writes the intent, sends the one request, reads back where the answer leaves
// the outcome open, and records the outcome. Once the request is sent, an interrupt
// no longer stops it: its outcome is wanted.
func (m *mutation) run(ctx context.Context) (inventory.PrivateIP, error) {
	intent := m.entry
	intent.State = journal.Intent
	if err := m.journal.Append(ctx, intent, m.rival); err != nil {
		return inventory.PrivateIP{}, fmt.Errorf("journal intent: %w", err)
	}
	whole := context.WithoutCancel(ctx)
	var requestID string
	ip, err := m.request(wire.WithRequestID(whole, &requestID))
	o := Outcome{State: journal.Done, IP: ip}
	switch {
	case err != nil:
		o = Outcome{State: stateOf(err), Err: err}
	case ip.Addr.IsValid() && ip.Addr.String() != m.entry.Target.Address:
		o.Note = fmt.Sprintf("the cloud assigned %s instead", ip.Addr)
	}
	switch {
	case o.State == journal.Unknown:
		o = m.readBackUnknown(ctx, o)
	case o.State == journal.Failed && m.entry.Action == journal.Assign && inUse(o.Err):
		o = m.recheckRefusal(ctx, o)
	}
	m.entry.RequestID = requestID
	return o.IP, m.record(whole, o)
}

// record journals the outcome and returns it as the command's error, nil when the
// change is done. A record that cannot be written leaves the intent open: only
// reconcile can close it then.
func (m *mutation) record(ctx context.Context, o Outcome) (err error) {
	what, reconcile := m.entry.Action+" "+targetText(m.entry), commandToReconcile(m.env, m.options.JournalFile)
	switch o.State {
	case journal.Done:
	case journal.Unknown:
		err = exit.Errorf(exit.Unknown, "%s: the outcome is unknown: %w; do not repeat it, the cloud may still carry it out; run: %s", what, o.Err, reconcile)
	default:
		err = exit.Advised(fmt.Errorf("%s: %w", what, o.Err))
	}
	if unwritten := m.journal.Append(ctx, o.closing(m.entry), nil); unwritten != nil {
		return exit.Errorf(exit.Unknown, "journal outcome %q of %s: %w; run: %s", o.State, what, errors.Join(unwritten, err), reconcile)
	}
	return err
}

// rivalry is the conflict with another run for the same target. No request was
// sent.
type rivalry struct{ error }

func (r rivalry) Unwrap() error { return r.error }

// rival refuses an intent beside another one for the same target: while that is
// open, or since it was done after the cloud was read, nobody could tell the
// two apart on read-back.
func (m *mutation) rival(j *journal.Journal) error {
	for _, o := range j.OpenIntents() {
		if sameTarget(o, m.entry) {
			return rivalry{exit.Errorf(exit.Conflict, "%s %s: intent %s of %s on %s for it is still open; run: %s",
				m.entry.Action, targetText(m.entry), o.IntentID, text.Terminal(o.User), text.Terminal(o.Host), commandToReconcile(m.env, m.options.JournalFile))}
		}
	}
	for _, d := range j.Entries()[m.since:] {
		if d.State == journal.Done && sameTarget(d, m.entry) {
			return rivalry{exit.Errorf(exit.Conflict, "%s %s: %s on %s was faster (intent %s)", m.entry.Action, targetText(m.entry), text.Terminal(d.User), text.Terminal(d.Host), d.IntentID)}
		}
	}
	return nil
}

// sameTarget compares the ids of the projects, because configurations that share a
// journal may use different names. Lines without an id are compared by name.
func sameTarget(a, b journal.Entry) bool {
	sameProject := a.Cloud == b.Cloud && a.Project == b.Project
	if a.ProjectID != "" && b.ProjectID != "" {
		sameProject = a.ProjectID == b.ProjectID
	}
	return sameProject && a.Target.SubnetID == b.Target.SubnetID && a.Target.Address == b.Target.Address
}

func targetText(e journal.Entry) string {
	if e.Target.Address == "" {
		return "private IP " + e.Target.PrivateIPID
	}
	return e.Target.Address
}

// unwritten returns the error for a change that was made, but whose result could
// not be written.
func unwritten(err error, what string, ip inventory.PrivateIP) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s (%s) was %s, but the result could not be written: %w", ip.Addr, text.Terminal(ip.ID.String()), what, err)
}

// DefaultJournal returns the journal's path unless one is given:
// $XDG_STATE_HOME/cloudip_exporter/journal.jsonl, else below ~/.local/state. It
// is "" for a user without home: what depends on the working directory would not
// be found again.
func DefaultJournal() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) { // so says the base directory specification
		home := os.Getenv("HOME")
		if u, err := user.Current(); home == "" && err == nil {
			home = u.HomeDir
		}
		if !filepath.IsAbs(home) {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "cloudip_exporter", "journal.jsonl")
}

// openJournal opens the journal. Where there is none it makes one; for a dry run it
// returns nil.
func openJournal(ctx context.Context, e *command.Env, path string, dryRun bool) (*journal.Journal, error) {
	path = cmp.Or(path, DefaultJournal())
	if _, err := os.Stat(path); err != nil && dryRun {
		return nil, nil
	}
	if path == "" {
		return nil, exit.Usagef("the journal has no place, as you have no home directory: give --journal.file, or set HOME or XDG_STATE_HOME")
	}
	j, err := journal.Open(ctx, path, e.Now)
	if err != nil {
		return nil, err
	}
	if n := j.Torn(); n > 0 {
		e.Say("warning: the last line of journal %s is unfinished (%d bytes): a run was killed while it wrote; the next entry removes it", path, n)
	}
	return j, nil
}

// commandToReconcile returns what a person runs to decide open intents.
func commandToReconcile(e *command.Env, journalFile string) string {
	command := "cloudip_exporter private-ip reconcile"
	if e.ConfigFile != "" {
		command += " --config.file=" + text.ShellWord(e.ConfigFile)
	}
	return command + " --journal.file=" + text.ShellWord(cmp.Or(journalFile, DefaultJournal()))
}
