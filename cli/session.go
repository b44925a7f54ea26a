package cli

import (
	"context"

	"cloudip_exporter/cloudapi"
)

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
		projects[i] = project{p}
	}
	return projects, nil
}

type project struct{ *cloudapi.Project }

func (p project) SerialConsole(ctx context.Context, serverID string) (url, kind string, err error) {
	console, err := p.Project.SerialConsole(ctx, serverID)
	return console.URL.Reveal(), console.Type, err
}
