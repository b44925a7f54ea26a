package simulator

import (
	"strings"

	"cloudip_exporter/simulator/estate"
)

// catalogRow is one service of the catalogue: its URL inside the cloud, with
// {pid} for the project's id.
type catalogRow struct{ kind, name, url string }

// huaweiCatalog has no workspace and no bms, as the real one; $(tenant_id)s
// stands unsubstituted in one row.
func huaweiCatalog() []catalogRow {
	return []catalogRow{
		{"identity", "keystone", "/iam/v3"},
		{"network", "neutron", "/vpc"},
		{"vpc", "vpc", "/vpc/v1/{pid}"},
		{"vpcep", "vpcep", "/vpcep/v1/$(tenant_id)s"},
		{"compute", "nova", "/ecs/v2.1/{pid}"},
		{"ecs", "ecs", "/ecs/v1/{pid}"},
	}
}

func openstackCatalog() []catalogRow {
	return []catalogRow{
		{"identity", "keystone", "/identity/v3"},
		{"placement", "placement", "/placement"},
		{"network", "neutron", "/network"},
		{"compute_legacy", "nova_legacy", "/compute/v2/{pid}"},
		{"compute", "nova", "/compute/v2.1"},
	}
}

// catalog is the service catalogue for a project. Only the public interface
// can be reached; an OpenStack has another region too.
func (k *call) catalog(p *estate.Project) []object {
	rows := openstackCatalog()
	if k.cloud.huawei() {
		rows = huaweiCatalog()
	}
	names := k.cloud.auth.names
	list := []object{}
	for i, row := range rows {
		path := strings.ReplaceAll(row.url, "{pid}", estate.ProjectID(p))
		endpoints := []object{k.endpoint(i, "public", k.cloud.opts.Region, k.base+path)}
		if !k.cloud.huawei() {
			endpoints = []object{
				k.endpoint(i, "internal", k.cloud.opts.Region, "http://192.0.2.10"+path),
				k.endpoint(i, "public", "RegionElsewhere", "http://198.51.100.10"+path),
				k.endpoint(i, "admin", k.cloud.opts.Region, "http://192.0.2.11"+path),
				endpoints[0],
			}
		}
		list = append(list, object{{"endpoints", endpoints}, {"id", names.Hex32("service", i)}, {"type", row.kind}, {"name", row.name}})
	}
	return list
}

func (k *call) endpoint(i int, face, region, url string) object {
	return object{
		{"id", k.cloud.auth.names.Hex32("endpoint "+face+region, i)}, {"interface", face},
		{"region_id", region}, {"url", url}, {"region", region},
	}
}
