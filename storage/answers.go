package storage

import "time"

func (f *file) writeAnswers(time.Time, bool) error { return nil }
