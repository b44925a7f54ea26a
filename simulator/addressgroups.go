package simulator

import (
	"net/http"
	"slices"
	"strconv"
)

// groupsOf are the groups that the session sees.
func (k *call) groupsOf() []*group {
	var seen []*group
	for _, g := range k.cloud.estate.groups {
		if k.who.admin() || g.project == k.who.project {
			seen = append(seen, g)
		}
	}
	return seen
}

// getAddressGroups is VPC v3's list, paged by page_info.
func getAddressGroups(k *call) reply {
	limit, good := k.vpcLimit(0)
	if !good {
		return vpc3Error(k, http.StatusBadRequest, "VPC.0101", "limit is invalid")
	}
	var some []*group
	for _, g := range k.groupsOf() {
		version := k.query.Get("ip_version")
		if in(k.query["id"], g.id) && in(k.query["name"], g.name) && in(k.query["description"], g.description) && (version == "" || version == strconv.Itoa(g.version)) {
			some = append(some, g)
		}
	}
	page, _ := pageOf(some, func(g *group) string { return g.id }, k.query.Get("marker"), limit, false)
	list := []object{}
	for _, g := range page {
		list = append(list, groupObject(g))
	}
	info := object{{"current_count", len(page)}}
	if len(page) > 0 {
		info = append(object{{"previous_marker", page[0].id}}, info...)
		if last := page[len(page)-1]; last != some[len(some)-1] {
			info = append(info, field{"next_marker", last.id})
		}
	}
	return ok(object{{"request_id", k.requestID()}, {"address_groups", list}, {"page_info", info}})
}

// in reports whether a repeated filter lets the value pass.
func in(values []string, v string) bool { return len(values) == 0 || slices.Contains(values, v) }

func getAddressGroup(k *call) reply {
	for _, g := range k.groupsOf() {
		if g.id == k.vars["id"] {
			return ok(object{{"address_group", groupObject(g)}, {"request_id", k.requestID()}})
		}
	}
	return vpc3Error(k, http.StatusNotFound, "VPC.9904", "Address group "+k.vars["id"]+" could not be found.")
}

func groupObject(g *group) object {
	set := []string{}
	extra := []object{}
	for _, e := range g.entries {
		set = append(set, e.text)
		var remarks any
		if e.remarks != "" {
			remarks = e.remarks
		}
		extra = append(extra, object{{"ip", e.text}, {"remarks", remarks}})
	}
	o := object{
		{"id", g.id}, {"name", g.name}, {"description", g.description}, {"ip_set", set}, {"ip_version", g.version},
		{"max_capacity", g.max}, {"status", g.status}, {"status_message", g.message}, {"tenant_id", g.project.id},
		{"tags", []object{{{"key", "team"}, {"value", "net"}}}}, {"created_at", g.updated}, {"updated_at", g.updated},
	}
	if !g.bare {
		o = append(o, field{"ip_extra_set", extra}, field{"enterprise_project_id", "0"})
	}
	return o
}

// getNeutronGroups is OpenStack's list: CIDRs only, no status, no capacity.
func getNeutronGroups(k *call) reply {
	var all []object
	for _, g := range k.groupsOf() {
		all = append(all, neutronGroupObject(g))
	}
	some, bad := k.wanted(all, "id", "name", "description", "project_id", "tenant_id")
	if bad != nil {
		return *bad
	}
	return k.neutronPage("address_groups", "AddressGroup", some)
}

func getNeutronGroup(k *call) reply {
	for _, g := range k.groupsOf() {
		if g.id == k.vars["id"] {
			return ok(object{{"address_group", neutronGroupObject(g).only(k.query["fields"])}})
		}
	}
	return neutronError(http.StatusNotFound, "AddressGroupNotFound", "Address group "+k.vars["id"]+" could not be found.")
}

func neutronGroupObject(g *group) object {
	addresses := []string{}
	for _, e := range g.entries {
		addresses = append(addresses, e.text)
	}
	return object{
		{"id", g.id}, {"name", g.name}, {"project_id", g.project.id}, {"addresses", addresses},
		{"description", g.description}, {"tenant_id", g.project.id},
	}
}

// getNeutronQuota is GET /v2.0/quotas/{project_id}/details.json.
func getNeutronQuota(k *call) reply {
	id := k.vars["project"]
	if !k.who.admin() && id != projectID(k.who.project) {
		return k.forbidden(famNeutron, "get_quota")
	}
	o := object{}
	for _, q := range k.cloud.estate.quotas[id] {
		o = append(o, field{q.resource, object{{"limit", q.limit}, {"used", q.used}, {"reserved", 0}}})
	}
	return ok(object{{"quota", o}})
}
