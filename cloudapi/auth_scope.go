package cloudapi

import (
	"cmp"
	"fmt"
	"strings"

	"cloudip_exporter/cloudapi/wire/apierr"
)

// scope is what a token should be good for.
type scope struct {
	project string // as written: a name or an id; "" for the credential's own scope
	told    bool   // the cloud itself told it: it is an id, whatever it looks like
	wide    bool   // no project: a token to ask for the list of projects with
}

// byID reports whether the project is named by its id.
func (s scope) byID() bool { return s.told || isProjectID(s.project) }

// asked is the project that a token should be of. Where neither is told it may
// be of any, but must tell which.
type asked struct {
	id, name string
	where    string // it is written
	wide     bool   // of none
}

func (l *login) asked(opts *authOptions) asked {
	switch s := l.scope; {
	case s.wide:
		return asked{wide: true}
	case s.byID():
		return asked{id: s.project, where: "projects"}
	case s.project != "":
		return asked{name: s.project, where: "projects"}
	case opts.TenantID != "":
		return asked{id: opts.TenantID, where: "clouds.yaml or the environment"}
	}
	return asked{name: opts.TenantName, where: "clouds.yaml or the environment"}
}

// check holds a token against what was asked for: an application credential has
// a project of its own, whatever the configuration says. Not every cloud
// repeats what it was asked for, and what it does not tell it cannot tell wrong.
func (a asked) check(t *token) error {
	switch {
	case a.wide:
		return nil
	case t.projectID != "" && !isToldID(t.projectID), a.id == "" && a.name == "" && t.projectID == "" && t.project == "":
		return fmt.Errorf("the token belongs to no project: write the one to watch into projects")
	case !a.isOf(t):
		return fmt.Errorf("the credential is bound to project %q, not to %q: correct %s",
			apierr.Cut(apierr.OneLine(cmp.Or(t.project, t.projectID)), 64), cmp.Or(a.id, a.name), a.where)
	}
	if t.projectID == "" {
		t.projectID = a.id // a name is resolved as that of an access key is
	}
	return nil
}

func (a asked) isOf(t *token) bool {
	switch {
	case a.id != "":
		return t.projectID == "" || strings.EqualFold(a.id, t.projectID)
	case a.name != "":
		return t.project == "" || strings.EqualFold(a.name, t.project) || strings.EqualFold(a.name, t.projectID)
	}
	return true
}
