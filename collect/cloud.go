package collect

import (
	"context"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/collector"
)

// Cloud is a session with one configured cloud.
type Cloud interface {
	// Labels are the projects known without asking the cloud: "*" stands for
	// all that the credential sees, "" for its own scope of unknown name.
	Labels() []string
	// Projects lists the projects to watch. It asks the cloud only where Labels
	// does not name them. It is never called twice at the same time.
	Projects(ctx context.Context) ([]Project, error)
	// Close closes idle connections.
	Close()
}

// Project is one project of a cloud and its APIs.
type Project interface {
	collector.API
	// Label is the value of the label "project".
	Label() string
}

// Session makes a session of the cloud client a Cloud.
func Session(c *cloudapi.Cloud) Cloud { return session{c} }

type session struct{ *cloudapi.Cloud }

func (s session) Projects(ctx context.Context) ([]Project, error) {
	ps, err := s.Cloud.Projects(ctx)
	if err != nil {
		return nil, err
	}
	projects := make([]Project, len(ps))
	for i, p := range ps {
		projects[i] = p
	}
	return projects, nil
}
