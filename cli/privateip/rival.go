package privateip

import (
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/text"
)

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
				m.entry.Action, targetText(m.entry), o.IntentID, text.Terminal(o.User), text.Terminal(o.Host), m.reconcile)}
		}
	}
	for _, d := range j.Entries()[m.since:] {
		if d.State == journal.Done && sameTarget(d, m.entry) {
			return rivalry{exit.Errorf(exit.Conflict, "%s %s: %s on %s was faster (intent %s)", m.entry.Action, targetText(m.entry), text.Terminal(d.User), text.Terminal(d.Host), d.IntentID)}
		}
	}
	return nil
}

func sameTarget(a, b journal.Entry) bool {
	return sameProject(a, b) && a.Target.SubnetID == b.Target.SubnetID && a.Target.Address == b.Target.Address
}

// sameProject compares the ids of the projects, because configurations that share
// a journal may use different names. Lines without an id are compared by name.
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
