package cloudapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

// keystoneProject is one project of GET /v3/projects and /v3/auth/projects.
type keystoneProject struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Enabled *bool  `json:"enabled"`
}

type projectsAnswer struct {
	Projects  []keystoneProject `json:"projects"`
	Truncated bool              `json:"truncated"`
	Links     struct {
		Next *string `json:"next"`
	} `json:"links"`
}

// identity is the client of the identity service with this project's credential.
func (p *Project) identity() (*wire.Client, error) {
	var told string
	if p.login != nil {
		opts, err := p.cloud.authOptions()
		if err != nil {
			return nil, &apierr.AuthError{Err: err}
		}
		told = opts.IdentityEndpoint
	} else if p.cloud.cfg.Auth.Type == config.Env {
		told = firstEnv("HW_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "OS_AUTH_URL")
	}
	base, err := p.cloud.identityBase(told)
	if err != nil {
		return nil, &apierr.AuthError{Err: fmt.Errorf("find the identity service of cloud %s: %w", p.cloud.cfg.Name, err)}
	}
	return p.newClient(serviceIAM, base, p.http), nil
}

// resolve asks for the id of a project by its name, where neither a token nor
// the configuration tells it.
func (p *Project) resolve(ctx context.Context) (string, error) {
	name := cmp.Or(p.scope.project, p.Label())
	iam, err := p.identity()
	if err != nil {
		return "", err
	}
	ids, err := projectIDs(ctx, iam, "/v3/projects", name)
	if hidden := apierr.IsStatus(err, http.StatusForbidden, http.StatusNotFound); hidden || err == nil && len(ids) == 0 {
		// Who may not list projects may still see the own ones.
		own, errOwn := projectIDs(ctx, iam, "/v3/auth/projects", name)
		if errOwn == nil || !hidden {
			ids, err = own, errOwn
		}
	}
	if err != nil {
		return "", err
	}
	switch len(ids) {
	case 1:
		return ids[0], nil
	case 0:
		return "", &apierr.AuthError{Err: fmt.Errorf("resolve project %q of cloud %s: the credential sees none of that name: correct projects or write its id", name, p.cloud.cfg.Name)}
	}
	return "", &apierr.AuthError{Err: fmt.Errorf("resolve project %q of cloud %s: %d projects have that name: write the id into projects", name, p.cloud.cfg.Name, len(ids))}
}

// projectIDs are the ids of the projects of a name.
func projectIDs(ctx context.Context, c *wire.Client, path, name string) ([]string, error) {
	all, err := listProjects(ctx, c, wire.Call{Operation: "list_projects", Path: path, Query: url.Values{"name": {name}}})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, found := range all {
		if found.Name == name && isToldID(found.ID) && !slices.Contains(ids, found.ID) {
			ids = append(ids, found.ID)
		}
	}
	return ids, nil
}

const (
	maxProjectPages = 100
	maxProjects     = 10_000 // each is a target of its own, with its login and its series
)

// listProjects reads a list of projects whole. Of a link to the next page only the
// query is taken.
func listProjects(ctx context.Context, c *wire.Client, ask wire.Call) ([]keystoneProject, error) {
	var all []keystoneProject
	seen := map[string]bool{}
	for range maxProjectPages {
		resp, err := c.Get(ctx, ask)
		if err != nil {
			return nil, err
		}
		answer := projectsAnswer{}
		if err := c.Decode(ask.Operation, resp, &answer); err != nil {
			return nil, err
		}
		if answer.Projects == nil {
			return nil, c.BadAnswer(ask.Operation, errors.New("the answer has no list of projects"))
		}
		if all = append(all, answer.Projects...); len(all) > maxProjects {
			return nil, c.BadAnswer(ask.Operation, fmt.Errorf("more than %d projects: write those to watch into projects", maxProjects))
		}
		if answer.Links.Next == nil || *answer.Links.Next == "" {
			if answer.Truncated {
				return nil, c.BadAnswer(ask.Operation, errors.New("the cloud cut the list short: write the projects one by one"))
			}
			return all, nil
		}
		next, err := url.Parse(*answer.Links.Next)
		if err != nil || next.RawQuery == "" || seen[next.RawQuery] {
			return nil, c.BadAnswer(ask.Operation, errors.New("the link to the next page leads nowhere"))
		}
		seen[next.RawQuery] = true
		ask.Query = next.Query()
	}
	return nil, c.BadAnswer(ask.Operation, fmt.Errorf("more than %d pages", maxProjectPages))
}

// expand lists the projects that the credential sees, for projects: ["*"].
func (c *Cloud) expand(ctx context.Context) ([]*Project, error) {
	all, err := c.visible(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the projects of cloud %s: %w", c.cfg.Name, err)
	}
	return c.adoptProjects(all), nil
}

// adoptProjects makes the new projects, keeps those known and their tokens, and
// forgets the series of those that are gone.
func (c *Cloud) adoptProjects(all []keystoneProject) []*Project {
	count := map[string]int{}
	for _, found := range all {
		count[labelText(found.Name)]++
	}
	c.listing.Lock()
	defer c.listing.Unlock()
	kept := make(map[string]*Project, len(all))
	projects := make([]*Project, 0, len(all))
	for _, found := range all {
		if kept[found.ID] != nil {
			continue
		}
		label := labelText(found.Name)
		if count[label] > 1 || label == "" {
			label = found.ID
		}
		p := c.expanded[found.ID]
		if p == nil || p.Label() != label {
			p = c.newProject(scope{project: found.ID, told: true}, label)
		}
		kept[found.ID] = p
		projects = append(projects, p)
	}
	labels := make(map[string]bool, len(projects))
	for _, p := range projects {
		labels[p.Label()] = true
	}
	for _, old := range c.expanded {
		if !labels[old.Label()] {
			c.counts.Forget(c.cfg.Name, old.Label())
		}
	}
	c.expanded = kept
	slices.SortFunc(projects, func(a, b *Project) int { return strings.Compare(a.Label(), b.Label()) })
	return projects
}

// visible are the projects that can be watched: enabled, of this region, and
// none of the provider's own.
func (c *Cloud) visible(ctx context.Context) ([]keystoneProject, error) {
	if own, err := c.bound(ctx); err != nil || own != nil {
		return own, err
	}
	iam, err := c.wide.identity()
	if err != nil {
		return nil, err
	}
	all, err := listProjects(ctx, iam, wire.Call{Operation: "list_projects", Path: "/v3/auth/projects"})
	if c.keys != nil && apierr.IsStatus(err, http.StatusForbidden, http.StatusNotFound) {
		all, err = listProjects(ctx, iam, wire.Call{Operation: "list_projects", Path: "/v3/projects"})
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(p keystoneProject) bool {
		return !isToldID(p.ID) || p.Enabled != nil && !*p.Enabled || c.foreign(p.Name)
	}), nil
}

// bound is the one project of an application credential, which sees more
// projects than it may use; nil of all other credentials.
func (c *Cloud) bound(ctx context.Context) ([]keystoneProject, error) {
	if c.keys != nil {
		return nil, nil
	}
	opts, err := c.authOptions()
	if err != nil {
		return nil, &apierr.AuthError{Err: err}
	}
	if !opts.bound() {
		return nil, nil
	}
	t, err := c.wide.login.get(ctx, nil)
	if err != nil {
		return nil, err
	}
	if !isToldID(t.projectID) {
		return nil, &apierr.AuthError{Err: errors.New("the token does not tell its project: write the one to watch into projects")}
	}
	return []keystoneProject{{ID: t.projectID, Name: t.project}}, nil
}

// foreign reports whether a project is one of those of the provider that this
// region's hosts do not serve. A project is named after its region, or region_sub.
func (c *Cloud) foreign(name string) bool {
	p := c.provider()
	region, _, _ := strings.Cut(name, "_")
	return slices.Contains(p.OwnProjects, name) || region != c.region && slices.Contains(p.Regions, region)
}

// signedCatalogue asks for the catalogue once, for all projects. A cloud that
// refuses it has none: the provider's naming of hosts is good enough.
func (c *Cloud) signedCatalogue(ctx context.Context, p *Project) ([]catalogueEntry, error) {
	if known, ok := c.knownCatalogue(); ok {
		return known, nil
	}
	return c.catalogue.do(ctx, func(ctx context.Context) ([]catalogueEntry, error) {
		if known, ok := c.knownCatalogue(); ok {
			return known, nil
		}
		entries, err := p.fetchCatalogue(ctx)
		if err != nil && !noCatalogue(err) {
			return nil, err
		}
		c.catalogueMu.Lock()
		defer c.catalogueMu.Unlock()
		c.catalogued, c.hasCatalog = entries, true
		return entries, nil
	})
}

// noCatalogue tells a cloud that has no catalogue for access keys from one that
// failed or that refused the key.
func noCatalogue(err error) bool {
	if _, key := errors.AsType[*apierr.AuthError](err); key {
		return false
	}
	return apierr.IsStatus(err, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden,
		http.StatusNotFound, http.StatusMethodNotAllowed)
}

func (c *Cloud) knownCatalogue() ([]catalogueEntry, bool) {
	c.catalogueMu.Lock()
	defer c.catalogueMu.Unlock()
	return c.catalogued, c.hasCatalog
}

func (p *Project) fetchCatalogue(ctx context.Context) ([]catalogueEntry, error) {
	iam, err := p.identity()
	if err != nil {
		return nil, err
	}
	resp, err := iam.Get(ctx, wire.Call{Operation: "get_catalog", Path: "/v3/auth/catalog"})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Catalog catalogue `json:"catalog"`
	}
	if err := iam.Decode("get_catalog", resp, &answer); err != nil {
		return nil, err
	}
	return answer.Catalog, nil
}
