package auth

import (
	"time"
)

// token is a Keystone token and what came with it.
type token struct {
	text      string
	projectID string
	project   string // name
	admin     bool   // has the role admin
	limited   bool   // by access rules of its application credential
	catalogue Catalogue
	expires   time.Time // as the cloud says; zero when it says nothing that can be read

	secret fingerprint // that it was made with
}

// tokenLease returns the lease of a token that lives from now on for life. The
// lifetime counts, not the end: clocks differ.
func tokenLease(t token, now time.Time, life time.Duration) *lease[token] {
	l := &lease[token]{value: t}
	if life <= 0 {
		return l
	}
	margin := min(max(life/5, time.Minute), time.Hour)
	if margin > life/2 {
		margin = life / 5
	}
	l.renewAt, l.endsAt = now.Add(life-margin), now.Add(life)
	return l
}
