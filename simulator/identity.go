package simulator

import (
	"net/http"
	"strconv"

	"cloudip_exporter/simulator/estate"
)

// identityRoutes are Keystone's and IAM's.
func identityRoutes(service string) []route {
	r := func(method, pattern, action string, handle func(*call) reply) route {
		return route{method: method, service: service, pattern: pattern, family: famIdentity, action: action, handle: handle}
	}
	rows := []route{
		r(http.MethodPost, "/v3/auth/tokens", "", postTokens),
		r(http.MethodGet, "/v3/auth/tokens", "", getTokens),
		r(http.MethodDelete, "/v3/auth/tokens", "", deleteTokens),
		r(http.MethodGet, "/v3/auth/projects", "", getAuthProjects),
		r(http.MethodGet, "/v3/projects", "iam:projects:listProjects", getProjects),
		r(http.MethodGet, "/v3/projects/{id}", "iam:projects:listProjects", getProject),
		r(http.MethodGet, "/v3/auth/catalog", "", getCatalog),
		r(http.MethodGet, "/v3/auth/domains", "", getAuthDomains),
		r(http.MethodGet, "/v3/users/{id}/projects", "", getUserProjects),
		r(http.MethodGet, "/v3", "", getIdentityVersion),
		r(http.MethodGet, "/", "", getIdentityVersions),
	}
	for i := range rows {
		p := rows[i].pattern
		rows[i].open = p == "/v3" || p == "/" || p == "/v3/auth/tokens" && rows[i].method == http.MethodPost
	}
	return rows
}

func (k *call) projectObject(p *estate.Project) object {
	parent := k.who.user.domainID
	return object{
		{"id", p.ID}, {"name", p.Name}, {"domain_id", parent}, {"description", p.Description}, {"enabled", true},
		{"parent_id", parent}, {"is_domain", false}, {"tags", []string{}}, {"options", object{}},
		{"links", object{{"self", k.identityURL() + "/projects/" + p.ID}}},
	}
}

func (k *call) projectList(path string, all []*estate.Project) reply {
	page, perPage := k.query.Get("page"), k.query.Get("per_page")
	var next any
	if page != "" && perPage != "" {
		n, errN := strconv.Atoi(page)
		size, errS := strconv.Atoi(perPage)
		if errN != nil || errS != nil || n < 1 || size < 1 || size > 5000 {
			return keystoneError(http.StatusBadRequest, "page or per_page is invalid")
		}
		from, to := min((n-1)*size, len(all)), min(n*size, len(all))
		if to < len(all) {
			next = k.identityURL() + path + "?page=" + strconv.Itoa(n+1) + "&per_page=" + perPage
		}
		all = all[from:to]
	}
	list := []object{}
	for _, p := range all {
		list = append(list, k.projectObject(p))
	}
	return ok(object{{"projects", list}, {"links", object{{"next", next}, {"self", k.identityURL() + path}, {"previous", nil}}}})
}

// getAuthProjects lists the projects that the user has a role in.
func getAuthProjects(k *call) reply { return k.projectList("/auth/projects", k.who.user.projects) }

// getAuthDomains lists the one domain, or account, of the user.
func getAuthDomains(k *call) reply {
	u := k.who.user
	name := k.query.Get("name")
	list := []object{}
	if own := k.cloud.Credentials(u.name).UserDomain; name == "" || name == own {
		list = append(list, object{{"id", u.domainID}, {"name", own}, {"enabled", true}, {"description", ""}, {"links", object{{"self", k.identityURL() + "/domains/" + u.domainID}}}})
	}
	return ok(object{{"domains", list}, {"links", object{{"next", nil}, {"self", k.identityURL() + "/auth/domains"}, {"previous", nil}}}})
}

func getUserProjects(k *call) reply {
	if k.vars["id"] != k.who.user.id {
		return k.forbidden(famIdentity, "identity:list_user_projects")
	}
	return k.projectList("/users/"+k.who.user.id+"/projects", k.who.user.projects)
}

// getProjects lists projects: all for an OpenStack admin, nothing for its
// other users, and the user's own on Huawei Cloud and OTC.
func getProjects(k *call) reply {
	from := k.who.user.projects
	if !k.cloud.huawei() {
		if !k.who.admin() {
			return k.forbidden(famIdentity, "identity:list_projects")
		}
		from = k.cloud.estate.Projects
	}
	var some []*estate.Project
	for _, p := range from {
		if name, has := k.query["name"]; !has || name[0] == p.Name {
			some = append(some, p)
		}
	}
	return k.projectList("/projects", some)
}

func getProject(k *call) reply {
	for _, p := range k.who.user.projects {
		if p.ID == k.vars["id"] {
			return ok(object{{"project", k.projectObject(p)}})
		}
	}
	return keystoneError(http.StatusNotFound, "Could not find project: "+k.vars["id"]+".")
}

func (k *call) identityVersion() object {
	return object{
		{"id", "v3.14"}, {"status", "stable"}, {"updated", "2020-04-07T00:00:00Z"},
		{"links", []object{{{"rel", "self"}, {"href", k.identityURL() + "/"}}}},
		{"media-types", []object{{{"base", "application/json"}, {"type", "application/vnd.openstack.identity-v3+json"}}}},
	}
}

func getIdentityVersion(k *call) reply { return ok(object{{"version", k.identityVersion()}}) }

func getIdentityVersions(k *call) reply {
	body := object{{"versions", object{{"values", []object{k.identityVersion()}}}}}
	return jsonReply(http.StatusMultipleChoices, body).with("Location", k.identityURL()+"/")
}

func getCatalog(k *call) reply {
	return ok(object{{"catalog", k.catalog(k.who.project)}, {"links", object{{"self", k.identityURL() + "/auth/catalog"}}}})
}
