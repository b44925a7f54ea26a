package journal

import "slices"

// OpenIntents returns the intents that nothing has closed, oldest first.
func (j *Journal) OpenIntents() []Entry {
	closed := map[string]bool{}
	for _, e := range j.entries {
		if e.State == Done || e.State == Failed || e.State == NotExecuted {
			closed[e.IntentID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(j.entries), func(e Entry) bool { return e.State != Intent || closed[e.IntentID] })
}

// IsOpen reports whether the intent with this id is open.
func (j *Journal) IsOpen(intentID string) bool {
	return slices.ContainsFunc(j.OpenIntents(), func(e Entry) bool { return e.IntentID == intentID })
}
