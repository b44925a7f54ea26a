package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
)

// ListedProject is one project of GET /v3/projects and /v3/auth/projects.
type ListedProject struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Enabled jsontext.Value `json:"enabled"`
}

// Disabled reports whether the project is switched off. Some write that as a text.
func (p ListedProject) Disabled() bool {
	return strings.EqualFold(strings.Trim(string(p.Enabled), `"`), "false")
}

type projectsAnswer struct {
	Projects  []ListedProject `json:"projects"`
	Truncated bool            `json:"truncated"`
	Links     struct {
		Next string `json:"next"`
	} `json:"links"`
}

// lookUpID asks for the id of a project by its name, where neither a token nor
// the configuration tells it.
func (s *Session) lookUpID(ctx context.Context) (string, error) {
	name := cmp.Or(s.scope.Project, s.Label())
	iam, err := s.identity()
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
		return "", &apierr.AuthError{Err: fmt.Errorf("resolve project %q of cloud %s: the credential sees none of that name: correct projects or write its id", name, s.account.Config.Name)}
	}
	return "", &apierr.AuthError{Err: fmt.Errorf("resolve project %q of cloud %s: %d projects have that name: write the id into projects", name, s.account.Config.Name, len(ids))}
}

func projectIDs(ctx context.Context, c *wire.Client, path, name string) ([]string, error) {
	all, err := listProjects(ctx, c, wire.Call{Operation: "list_projects", Path: path, Query: url.Values{"name": {name}}})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, found := range all {
		if found.Name == name && IsPathID(found.ID) && !slices.Contains(ids, found.ID) {
			ids = append(ids, found.ID)
		}
	}
	return ids, nil
}

// maxProjects bounds what is watched: each project is a target of its own, with its
// login and its series.
const maxProjects = 10_000

// listProjects reads a list of projects. Keystone may cut it into pages: of the link to
// the next one only the query counts. A page with nothing new is an error.
func listProjects(ctx context.Context, c *wire.Client, ask wire.Call) ([]ListedProject, error) {
	all, seen := []ListedProject{}, map[string]bool{}
	for {
		var answer projectsAnswer
		if err := c.Ask(ctx, ask, &answer); err != nil {
			return nil, err
		}
		before := len(all)
		for _, p := range answer.Projects {
			if !seen[p.ID] { // two of one project would make its name ambiguous
				seen[p.ID], all = true, append(all, p)
			}
		}
		next, err := url.Parse(answer.Links.Next)
		switch {
		case answer.Projects == nil:
			err = errors.New("the answer has no list of projects")
		case len(all) > maxProjects:
			err = fmt.Errorf("more than %d projects: write those to watch into projects", maxProjects)
		case answer.Links.Next == "" && !answer.Truncated:
			return all, nil
		case err != nil || len(all) == before || next.Query().Encode() == ask.Query.Encode():
			err = errors.New("the cloud cut the list short: write the projects one by one")
		}
		if err != nil {
			return nil, c.BadAnswer(ask.Operation, err)
		}
		ask.Query = next.Query()
	}
}

// Projects returns the projects that the credential sees. An application
// credential sees more projects than it may use: it returns its own one.
func (s *Session) Projects(ctx context.Context) ([]ListedProject, error) {
	if own, err := s.boundProject(ctx); err != nil || own != nil {
		return own, err
	}
	iam, err := s.identity()
	if err != nil {
		return nil, err
	}
	all, err := listProjects(ctx, iam, wire.Call{Operation: "list_projects", Path: "/v3/auth/projects"})
	if s.account.Signs() && apierr.IsStatus(err, http.StatusForbidden, http.StatusNotFound) {
		all, err = listProjects(ctx, iam, wire.Call{Operation: "list_projects", Path: "/v3/projects"})
	}
	return all, err
}

// ReadableProjects returns the projects that the credential may read: all for an
// administrator, else its own. It asks once an hour, for all projects.
func (s *Session) ReadableProjects(ctx context.Context) ([]ListedProject, error) {
	admin, err := s.Admin(ctx)
	if err != nil {
		return nil, err
	}
	lent := &s.account.readable[0]
	if admin {
		lent = &s.account.readable[1]
	}
	l, err := lent.getFrom(ctx, readable{s, admin}, nil)
	if err != nil {
		return nil, err
	}
	return l.value, nil
}

// readable lends the projects that a credential may read.
type readable struct {
	*Session
	admin bool
}

func (r readable) lend(ctx context.Context) (*lease[[]ListedProject], error) {
	iam, err := r.identity()
	if err != nil {
		return nil, err
	}
	all := &lease[[]ListedProject]{renewAt: time.Now().Add(sharedLife)}
	if r.admin {
		all.value, err = listProjects(ctx, iam, wire.Call{Operation: "list_projects", Path: "/v3/projects"})
		if !apierr.IsStatus(err, http.StatusForbidden, http.StatusNotFound) {
			return all, err
		}
	}
	all.value, err = listProjects(ctx, iam, wire.Call{Operation: "list_projects", Path: "/v3/auth/projects"})
	return all, err
}

func (s *Session) boundProject(ctx context.Context) ([]ListedProject, error) {
	c, err := s.account.credential()
	if err != nil {
		return nil, &apierr.AuthError{Err: err}
	}
	if !c.login.Bound() {
		return nil, nil
	}
	t, err := s.token(ctx)
	if err != nil {
		return nil, err
	}
	if !IsPathID(t.projectID) {
		return nil, &apierr.AuthError{Err: errors.New("the token does not name its project: write the one to watch into projects")}
	}
	return []ListedProject{{ID: t.projectID, Name: t.project}}, nil
}
