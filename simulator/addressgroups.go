package simulator

import (
	"net/http"
	"slices"
	"strconv"

	"cloudip_exporter/simulator/estate"
)

// groupsOf are the groups that the session sees.
func (k *call) groupsOf() []*estate.Group {
	var seen []*estate.Group
	for _, g := range k.cloud.estate.Groups {
		if k.who.admin() || g.Project == k.who.project {
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
	var some []*estate.Group
	for _, g := range k.groupsOf() {
		version := k.query.Get("ip_version")
		if in(k.query["id"], g.ID) && in(k.query["name"], g.Name) && in(k.query["description"], g.Description) && (version == "" || version == strconv.Itoa(g.Version)) {
			some = append(some, g)
		}
	}
	page, _ := pageOf(some, func(g *estate.Group) string { return g.ID }, k.query.Get("marker"), limit, false)
	list := []object{}
	for _, g := range page {
		list = append(list, groupObject(g))
	}
	info := object{{"current_count", len(page)}}
	if len(page) > 0 {
		info = append(object{{"previous_marker", page[0].ID}}, info...)
		if last := page[len(page)-1]; last != some[len(some)-1] {
			info = append(info, field{"next_marker", last.ID})
		}
	}
	return ok(object{{"request_id", k.requestID()}, {"address_groups", list}, {"page_info", info}})
}

// in reports whether a repeated filter lets the value pass.
func in(values []string, v string) bool { return len(values) == 0 || slices.Contains(values, v) }

func getAddressGroup(k *call) reply {
	for _, g := range k.groupsOf() {
		if g.ID == k.vars["id"] {
			return ok(object{{"address_group", groupObject(g)}, {"request_id", k.requestID()}})
		}
	}
	return vpc3Error(k, http.StatusNotFound, "VPC.9904", "Address group "+k.vars["id"]+" could not be found.")
}

func groupObject(g *estate.Group) object {
	set := []string{}
	extra := []object{}
	for _, e := range g.Entries {
		set = append(set, e.Text)
		var remarks any
		if e.Remarks != "" {
			remarks = e.Remarks
		}
		extra = append(extra, object{{"ip", e.Text}, {"remarks", remarks}})
	}
	o := object{
		{"id", g.ID}, {"name", g.Name}, {"description", g.Description}, {"ip_set", set}, {"ip_version", g.Version},
		{"max_capacity", g.Max}, {"status", g.Status}, {"status_message", g.Message}, {"tenant_id", g.Project.ID},
		{"tags", []object{{{"key", "team"}, {"value", "net"}}}}, {"created_at", g.Updated}, {"updated_at", g.Updated},
	}
	if !g.Bare {
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
	return k.neutronPage("address_groups", "AddressGroup", all, "id", "name", "description", "project_id", "tenant_id")
}

func getNeutronGroup(k *call) reply {
	for _, g := range k.groupsOf() {
		if g.ID == k.vars["id"] {
			return ok(object{{"address_group", neutronGroupObject(g).only(k.query["fields"])}})
		}
	}
	return neutronError(http.StatusNotFound, "AddressGroupNotFound", "Address group "+k.vars["id"]+" could not be found.")
}

func neutronGroupObject(g *estate.Group) object {
	addresses := []string{}
	for _, e := range g.Entries {
		addresses = append(addresses, e.Text)
	}
	return object{
		{"id", g.ID}, {"name", g.Name}, {"project_id", g.Project.ID}, {"addresses", addresses},
		{"description", g.Description}, {"tenant_id", g.Project.ID},
	}
}

// getNeutronLimits is GET /v2.0/quotas/{project_id}: the limits alone.
func getNeutronLimits(k *call) reply {
	id := k.vars["project"]
	if !k.who.admin() && id != estate.ProjectID(k.who.project) {
		return k.forbidden(famNeutron, "get_quota")
	}
	o := object{}
	for _, q := range k.cloud.estate.Quotas[id] {
		o = append(o, field{q.Resource, q.Limit})
	}
	return ok(object{{"quota", o}})
}

// getNeutronQuota is GET /v2.0/quotas/{project_id}/details.json.
func getNeutronQuota(k *call) reply {
	id := k.vars["project"]
	if !k.who.admin() && id != estate.ProjectID(k.who.project) {
		return k.forbidden(famNeutron, "get_quota")
	}
	o := object{}
	for _, q := range k.cloud.estate.Quotas[id] {
		o = append(o, field{q.Resource, object{{"limit", q.Limit}, {"used", q.Used}, {"reserved", q.Reserved()}}})
	}
	return ok(object{{"quota", o}})
}
