package cli

import (
	"context"

	"cloudip_exporter/cloudapi"
)

// Session returns a session of the cloud client as a Cloud.
func Session(c *cloudapi.Cloud) Cloud {
	return Cloud{Config: c.Config(), Labels: c.Labels, Projects: func(ctx context.Context) ([]Project, error) {
		all, err := c.Projects(ctx)
		projects := make([]Project, len(all))
		for i, p := range all {
			projects[i] = project{p}
		}
		return projects, err
	}}
}

type project struct{ *cloudapi.Project }

func (p project) SerialConsole(ctx context.Context, serverID string) (url, kind string, err error) {
	console, err := p.Project.SerialConsole(ctx, serverID)
	return console.URL.Reveal(), console.Type, err
}
