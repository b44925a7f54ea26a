package storage

import "time"

// Options are where and how much to keep.
type Options struct {
	Path          string        // "" keeps nothing
	Memory        bool          // keep it in memory, without a file
	Retention     time.Duration // 0: for ever
	RetentionSize int64         // bytes; 0: any number
	MaxStale      time.Duration // longer between two answers nobody watched
}

func (o *Options) keeps() bool { return o.Path != "" || o.Memory }
