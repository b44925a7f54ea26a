package auth

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"cloudip_exporter/cloudapi/auth/clientconfig"
	"cloudip_exporter/text"
)

// Scope is what the requests of a session are for.
type Scope struct {
	Project     string // name or id; "" for the credential's own
	IsID        bool   // Project is an id, whatever it looks like
	AllProjects bool   // none: the session lists the projects
}

var hexID = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)

func (s Scope) byID() bool { return s.IsID || hexID.MatchString(s.Project) }

var pathID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// IsPathID reports whether the id of a project can stand in a path. Directories
// and old clouds have projects whose id is no 32 hex digits.
func IsPathID(id string) bool { return pathID.MatchString(id) }

// wantedProject is the project that a token should be of. With neither id nor
// name any project will do, but the token must say which.
type wantedProject struct {
	id, name string
	written  string // where it stands
	none     bool   // a token to list projects with
}

func (s Scope) wanted(login *clientconfig.Login) wantedProject {
	switch {
	case s.AllProjects:
		return wantedProject{none: true}
	case s.byID():
		return wantedProject{id: s.Project, written: "projects"}
	case s.Project != "":
		return wantedProject{name: s.Project, written: "projects"}
	case login.ProjectID != "":
		return wantedProject{id: login.ProjectID, written: "clouds.yaml or the environment"}
	}
	return wantedProject{name: login.ProjectName, written: "clouds.yaml or the environment"}
}

// check compares a token with the wanted project: an application credential has
// a project of its own, whatever the configuration says. Not every cloud names
// the project in its answer; then the token counts as wanted.
func (w wantedProject) check(t *token) error {
	switch {
	case w.none:
		return nil
	case t.projectID != "" && !IsPathID(t.projectID), w.id == "" && w.name == "" && t.projectID == "" && t.project == "":
		return fmt.Errorf("the token belongs to no project: write the one to watch into projects")
	case !w.isOf(t):
		return fmt.Errorf("the credential is bound to project %q, not to %q: correct %s",
			text.Clip(text.Line(cmp.Or(t.project, t.projectID)), 64), cmp.Or(w.id, w.name), w.written)
	}
	if t.projectID == "" {
		t.projectID = w.id // an id by name is looked up later
	}
	return nil
}

func (w wantedProject) isOf(t *token) bool {
	switch {
	case w.id != "":
		return t.projectID == "" || strings.EqualFold(w.id, t.projectID)
	case w.name != "":
		return t.project == "" || strings.EqualFold(w.name, t.project) || strings.EqualFold(w.name, t.projectID)
	}
	return true
}
