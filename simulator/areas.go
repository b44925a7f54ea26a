package simulator

import (
	"net/http"
	"strconv"

	"cloudip_exporter/simulator/estate"
)

// Address space that subnets are cut from: VPCs of v3, subnet pools of Neutron.

func getVPCs3(k *call) reply {
	var all []object
	for _, v := range k.cloud.estate.VPCs {
		if v.Project == k.who.project {
			extended := append([]string{}, v.Extended...)
			all = append(all, object{
				{"id", v.ID}, {"name", v.Name}, {"description", ""}, {"cidr", v.CIDR}, {"extend_cidrs", extended}, {"status", v.Status},
				{"project_id", v.Project.ID}, {"enterprise_project_id", "0"}, {"cloud_resources", []object{{{"resource_type", "routetable"}, {"resource_count", 1}}}},
				{"tags", []any{}}, {"created_at", "2026-01-02T03:04:05Z"}, {"updated_at", "2026-01-02T03:04:05Z"},
			})
		}
	}
	return k.pagedV3("vpcs", all)
}

// subnetPools are those that the session sees, in order of id.
func (k *call) subnetPools() []object {
	all := []object{}
	for _, p := range k.cloud.estate.SubnetPools {
		if k.who.admin() || p.Shared || p.Project == k.who.project {
			all = append(all, subnetPoolObject(p))
		}
	}
	return all
}

func subnetPoolObject(p *estate.SubnetPool) object {
	prefixes := []string{}
	for _, prefix := range p.Prefixes {
		prefixes = append(prefixes, prefix.String())
	}
	first := p.Prefixes[0].Addr()
	version, shortest, longest := 4, 8, 32
	if first.Is6() {
		version, shortest, longest = 6, 64, 128
	}
	return object{
		{"id", p.ID}, {"name", p.Name}, {"tenant_id", p.Project.ID}, {"prefixes", prefixes}, {"min_prefixlen", strconv.Itoa(shortest)},
		{"max_prefixlen", strconv.Itoa(longest)}, {"address_scope_id", nil}, {"default_prefixlen", strconv.Itoa(longest - 6)}, {"ip_version", version},
		{"shared", p.Shared}, {"is_default", false}, {"default_quota", nil}, {"description", ""}, {"tags", []any{}},
		{"created_at", "2026-01-02T03:04:05Z"}, {"updated_at", "2026-01-02T03:04:05Z"}, {"revision_number", 0}, {"project_id", p.Project.ID},
	}
}

func getSubnetPools(k *call) reply {
	return k.neutronPage("subnetpools", "SubnetPool", k.subnetPools(), "id", "name", "project_id", "tenant_id", "ip_version", "shared", "is_default", "address_scope_id")
}

func getSubnetPool(k *call) reply {
	for _, o := range k.subnetPools() {
		if objectID(o) == k.vars["id"] {
			return ok(object{{"subnetpool", o}})
		}
	}
	return neutronError(http.StatusNotFound, "SubnetPoolNotFound", "Subnet pool "+k.vars["id"]+" could not be found.")
}
