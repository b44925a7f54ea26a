package auth

import (
	"cmp"
	"sync"

	"cloudip_exporter/text"
)

// knownProject is what is known of the project of a session.
type knownProject struct {
	cloud string

	mu    sync.Mutex
	label string // "" until known
	id    string // "" until known
}

func (p *knownProject) labels() (cloud, project string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cloud, p.label
}

// ID is "" where it is not known yet.
func (p *knownProject) knownID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.id
}

func (p *knownProject) setID(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.id = id
}

// learn keeps what a token says of the project. It reports whether the project
// has got its label by that.
func (p *knownProject) learn(t *token) (named bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.id == "" {
		p.id = t.projectID
	}
	if p.label != "" {
		return false
	}
	p.label = cmp.Or(text.Label(t.project), t.projectID)
	return true
}
