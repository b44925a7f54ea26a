package cloudapi

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cloudip_exporter/cloudapi/auth"
	"cloudip_exporter/text"
)

// discover lists the projects that the credential sees and that can be watched, for
// projects: ["*"]: enabled, of this region, and none of the provider's own.
func (c *Cloud) discover(ctx context.Context) ([]*Project, error) {
	all, err := c.projectLister.Projects(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the projects of cloud %s: %w", c.cfg.Name, err)
	}
	return c.adoptProjects(slices.DeleteFunc(all, func(p auth.ListedProject) bool {
		return !auth.IsPathID(p.ID) || p.Disabled() || c.foreign(p.Name)
	})), nil
}

// adoptProjects makes the new projects, and keeps those known and their tokens.
func (c *Cloud) adoptProjects(all []auth.ListedProject) []*Project {
	count := map[string]int{}
	for _, found := range all {
		count[text.Label(found.Name)]++
		if found.ID != found.Name {
			count[found.ID]++ // which is a label where the name is none
		}
	}
	c.listing.Lock()
	defer c.listing.Unlock()
	kept := make(map[string]*Project, len(all))
	projects := make([]*Project, 0, len(all))
	for _, found := range all {
		label := text.Label(found.Name)
		if count[label] > 1 || label == "" {
			label = found.ID
		}
		p := c.discovered[found.ID]
		if p == nil || p.Label() != label {
			p = newProject(c, auth.Scope{Project: found.ID, IsID: true}, label)
		}
		kept[found.ID] = p
		projects = append(projects, p)
	}
	c.discovered = kept
	slices.SortFunc(projects, func(a, b *Project) int { return strings.Compare(a.Label(), b.Label()) })
	return projects
}

// foreign reports whether a project is one of those of the provider that this
// region's hosts do not serve. A project is named after its region, or region_sub.
func (c *Cloud) foreign(name string) bool {
	p := c.provider()
	region, _, _ := strings.Cut(name, "_")
	return slices.Contains(p.OwnProjects, name) || region != c.region && slices.Contains(p.Regions, region)
}
