package journal

// Opened is an intent whose outcome is not known yet.
type Opened struct {
	Entry       // the intent as it was written before the mutation
	Last  Entry // the newest line about it: the intent itself, or one with State Unknown
}

// OpenIntents returns the intents that nothing has closed, oldest first.
func (j *Journal) OpenIntents() []Opened {
	at := make(map[string]int, len(j.entries))
	var all []*Opened
	for _, e := range j.entries {
		i, known := at[e.IntentID]
		switch {
		case e.State == Recovered:
		case !known && e.State == Intent:
			at[e.IntentID] = len(all)
			all = append(all, &Opened{Entry: e, Last: e})
		case known && e.State == Unknown && all[i] != nil:
			all[i].Last = e
		case known && e.State.closes():
			all[i] = nil
		}
	}
	var open []Opened
	for _, o := range all {
		if o != nil {
			open = append(open, *o)
		}
	}
	return open
}

// IsOpen reports whether the intent with this id is open.
func (j *Journal) IsOpen(intentID string) bool {
	for _, o := range j.OpenIntents() {
		if o.IntentID == intentID {
			return true
		}
	}
	return false
}

func (s State) closes() bool { return s == Done || s == Failed || s == NotExecuted }
